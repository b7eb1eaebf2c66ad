"""Turns as a single HTML page that loads nothing, and runs only its own script."""
