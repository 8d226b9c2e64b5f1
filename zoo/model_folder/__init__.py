"""The files of a model; none of it needs Keras."""
