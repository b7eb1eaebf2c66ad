"""The commands, one module to a group of them. They import what is heavy when they run."""
