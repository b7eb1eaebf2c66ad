"""Asks prompts with several choices at once: `replay`, `ask`, `eval` and `bisect`."""
