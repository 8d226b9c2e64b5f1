"""Parts of `benchmarks/speed.py`: one file per subject.

RATES_VARIANT=avx2 in the environment measures the functions that were compiled for
another kind of processor than that at hand, which must be able to run them.
"""

import os

if variant := os.environ.get("RATES_VARIANT"):
    from zoo.kernel import library

    class _Chosen(library.Kernel):
        """The compiled functions of one variant."""

        def __init__(self, loaded, _):
            super().__init__(loaded, variant)

    library.Kernel = _Chosen
