"""Tables in, `LightCurves` out: the one door for data."""

from zoo.light_curves.ragged import LightCurves as LightCurves
from zoo.light_curves.ragged import concatenate as concatenate
