"""The network's arithmetic in compiled code, where it was compiled for the processor."""
