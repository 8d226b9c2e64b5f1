"""What each survey or broker writes, a file each."""
