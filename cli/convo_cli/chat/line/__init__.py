"""The prompt of the chat, with editing, completion and history."""
