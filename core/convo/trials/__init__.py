"""Trials: prompts asked from a place in a session, several at once, each on a branch of its own."""
