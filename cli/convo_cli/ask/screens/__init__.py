"""A turn shown on the terminal while it runs."""
