"""What a query says, and the indexes that answer it."""
