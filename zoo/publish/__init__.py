"""A model folder becomes a version on the hub."""
