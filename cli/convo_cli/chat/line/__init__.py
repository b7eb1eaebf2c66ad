"""The prompt: a line that can be edited, completed and recalled."""
