"""Probabilities, without Keras."""
