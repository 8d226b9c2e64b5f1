"""Shared drawing: colours, axes, light curves, learning curves."""
