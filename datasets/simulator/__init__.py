"""Simulated light curves of supernovae and other transients, seen by ZTF, LSST
or surveys drawn at random.

numpy only; thousands of light curves per second and core, of one season tens of
thousands.
"""

from zoo.datasets.simulator.generate import simulate as simulate
from zoo.datasets.simulator.randomisation import PLAIN as PLAIN
from zoo.datasets.simulator.randomisation import Randomisation as Randomisation
