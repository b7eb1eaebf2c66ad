"""Turns records into text, with pure functions that print nothing."""
