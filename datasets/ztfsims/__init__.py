"""Simulated ZTF transients."""
