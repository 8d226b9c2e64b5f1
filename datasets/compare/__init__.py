"""Compare two data sets of light curves, class by class.

    from zoo.datasets.compare import Sample, compare

    compare(Sample.of(simulated, "simulated"), Sample.of(real, "real"))["classes"]

`zoo.datasets.compare.quantities` lists what is measured.
"""

from zoo.datasets.compare.comparison import Sample as Sample
from zoo.datasets.compare.comparison import compare as compare
from zoo.datasets.compare.export import read_summary as read_summary
from zoo.datasets.compare.report import check_folder as check_folder
from zoo.datasets.compare.report import write_report as write_report
