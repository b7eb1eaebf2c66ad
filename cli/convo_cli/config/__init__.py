"""Everything that the user has set and named on this machine, outside every database."""
