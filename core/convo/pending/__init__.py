"""Pending turns: asked, and not stored yet."""
