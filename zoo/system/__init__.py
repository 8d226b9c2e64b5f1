"""Files written whole or not at all, cores, and processes."""
