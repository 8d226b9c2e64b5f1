"""What each survey releases, one file each, and nested tables."""
