"""The arithmetic of the network, compiled for the kind of processor at hand."""
