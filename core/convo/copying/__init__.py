"""Copies whole sessions from one database to another, whichever engines they have."""
