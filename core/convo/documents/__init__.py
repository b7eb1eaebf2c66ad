"""The exact JSON document of a session: written from the rows of a database, and read back."""
