"""Answers a TAB of a shell in a few milliseconds.

This room is loaded without Typer, Rich and asyncio, in an interpreter without `site`: it imports
`sqlite3` and little else, and whatever takes longer only where the answer needs it.
"""
