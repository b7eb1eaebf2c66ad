"""The sources: one module each, which is loaded when its name is called."""
