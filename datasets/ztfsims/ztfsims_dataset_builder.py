"""Simulated ZTF transients."""

import tensorflow_datasets as tfds

from zoo.datasets.builder import SurveyBuilder
from zoo.datasets.configs import named_configs


class Builder(SurveyBuilder):
    """Simulated ZTF transients; see README.md."""

    VERSION = tfds.core.Version("1.4.0")
    RELEASE_NOTES = {
        "1.4.0": "Over years: half of the explosions begin at an onset.",
        "1.3.0": "Over years: dust before active nuclei; many vary more smoothly.",
        "1.2.0": "Passbands have 16-bit codes; all those of SNANA files are read.",
        "1.1.0": "Classes in families of equal size; keeps subclass and mode.",
        "1.0.1": "Times are stored exactly; 1.0.0 rounded them to 1/256 day.",
        "1.0.0": "First version.",
    }
    BUILDER_CONFIGS = named_configs("snana_fits", "snana_text", "table")
