"""The seam: what the subjects need of a database, whichever engine it is on."""
