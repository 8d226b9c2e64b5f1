"""Simulated light curves of supernovae and other transients, seen by ZTF or LSST.

numpy only; tens of thousands of light curves per second and core.
"""

from zoo.datasets.simulator.generate import simulate as simulate
from zoo.datasets.simulator.randomisation import PLAIN as PLAIN
from zoo.datasets.simulator.randomisation import Randomisation as Randomisation
