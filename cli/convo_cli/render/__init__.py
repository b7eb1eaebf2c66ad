"""Records turned into text: pure functions that print nothing."""
