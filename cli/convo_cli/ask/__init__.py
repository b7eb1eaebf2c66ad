"""Asks one turn, for a command or in the chat, and keeps it pending until it is stored."""
