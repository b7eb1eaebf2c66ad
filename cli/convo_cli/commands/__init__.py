"""The commands, one module for each group. They import slow modules only when they run."""
