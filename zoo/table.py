"""The documented old path of `from_tables`, which notebooks and scripts import."""

from zoo.light_curves.table import from_tables

__all__ = ["from_tables"]
