"""A name becomes a checked folder."""
