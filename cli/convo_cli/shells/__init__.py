"""Completion scripts, made from the commands; one module for each shell."""
