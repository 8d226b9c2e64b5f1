"""Where light-curve tables come from: files, memory, other packages, by name."""
