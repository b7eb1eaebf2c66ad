"""The SQLite engine: connections on threads, group commit, files, and the schema."""
