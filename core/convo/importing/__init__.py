"""Imports the conversations of other programs: reads their files, and stores what is new."""
