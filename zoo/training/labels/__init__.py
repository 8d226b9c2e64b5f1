"""Labelled objects: drawn, split, weighted, and the mix of classes that they set."""
