"""The weights of the paper's authors, as a model of ours."""
