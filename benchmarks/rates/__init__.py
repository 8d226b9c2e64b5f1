"""Parts of `benchmarks/speed.py`: one file per subject."""
