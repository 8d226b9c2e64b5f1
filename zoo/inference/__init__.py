"""Class probabilities, latent vectors and novelty scores, without Keras."""
