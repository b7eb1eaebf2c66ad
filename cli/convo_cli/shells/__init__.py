"""Completion scripts, where shells look for them, and the table of commands that they ask for."""
