"""One turn asked, by a command or in the chat, and held until it is stored."""
