"""Undo and delete with a way back: remove turns and branches, and restore them."""
