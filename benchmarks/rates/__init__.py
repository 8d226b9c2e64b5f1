"""Parts of `benchmarks/speed.py`: what is measured, one file a subject."""
