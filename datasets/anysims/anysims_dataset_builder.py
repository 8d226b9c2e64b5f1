"""Simulated transients of surveys drawn at random."""

import tensorflow_datasets as tfds

from zoo.datasets.builder import SurveyBuilder
from zoo.datasets.configs import named_configs


class Builder(SurveyBuilder):
    """Simulated transients of surveys drawn at random; see README.md."""

    VERSION = tfds.core.Version("1.2.0")
    RELEASE_NOTES = {
        "1.2.0": "Over years: half of the explosions begin at an onset.",
        "1.1.0": "Over years: dust before active nuclei; many vary more smoothly.",
        "1.0.0": "First version.",
    }
    BUILDER_CONFIGS = named_configs("table")
