"""Conversation items: encode and decode their JSON, and parse their contents."""
