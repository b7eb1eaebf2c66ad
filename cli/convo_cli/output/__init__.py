"""Writes results in the format that was asked for."""
