"""Files as they lie on disk: what each is, its size, its rows, and its units."""
