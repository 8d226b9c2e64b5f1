"""Smooth light curves, and what is read off them."""
