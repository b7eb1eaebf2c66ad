"""Branches: made, renamed, deleted; the head; the tree that they form."""
