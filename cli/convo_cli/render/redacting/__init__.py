"""Replaces keys, tokens, passwords, mail addresses and home folders in what is given away."""
