"""The ZTF Bright Transient Survey."""

import tensorflow_datasets as tfds

from zoo.datasets.builder import SurveyBuilder
from zoo.datasets.configs import named_configs


class Builder(SurveyBuilder):
    """The ZTF Bright Transient Survey; see README.md."""

    VERSION = tfds.core.Version("1.2.0")
    RELEASE_NOTES = {
        "1.2.0": "Passbands have 16-bit codes; all those of SNANA files are read.",
        "1.1.0": "Closer to the BTS; keeps subclass and mode of simulated objects.",
        "1.0.1": "Times are stored exactly; 1.0.0 rounded them to 1/256 day.",
        "1.0.0": "First version.",
    }
    BUILDER_CONFIGS = named_configs("bts", "snana_text", "table")
