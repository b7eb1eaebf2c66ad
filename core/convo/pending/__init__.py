"""Turns that are asked and not stored yet."""
