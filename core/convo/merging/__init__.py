"""Merge branches, squash turns, and take both back."""
