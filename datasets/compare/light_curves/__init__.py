"""Smooth light curves, and what is measured on them."""
