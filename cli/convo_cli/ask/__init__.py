"""One turn asked, by a command or in the chat, and pending until it is stored."""
