"""`LightCurves` to network inputs: the one preprocessing path."""
