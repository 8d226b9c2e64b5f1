"""Simulated LSST transients."""
