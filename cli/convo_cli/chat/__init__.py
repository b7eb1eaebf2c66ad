"""The interactive chat: its loop, where it stands, its prompt and its slash commands."""
