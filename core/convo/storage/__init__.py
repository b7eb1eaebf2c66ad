"""The seam: the interfaces that the subjects use a database through, on any engine."""
