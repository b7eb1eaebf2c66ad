"""Chatting: one turn and out, or turn after turn on a terminal."""
