"""Completion scripts: from the commands to the words a shell offers, a module to a shell."""
