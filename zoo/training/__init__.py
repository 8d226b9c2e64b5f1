"""From labels to a trained, measured model."""
