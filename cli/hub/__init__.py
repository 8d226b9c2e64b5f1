"""Commands about model folders and the hub."""
