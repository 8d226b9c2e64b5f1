"""Classify objects as their observations arrive."""
