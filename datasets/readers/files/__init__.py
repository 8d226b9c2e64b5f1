"""Files as they lie on disk: containers, sizes, columns and units."""
