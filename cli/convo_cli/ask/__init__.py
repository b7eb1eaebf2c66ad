"""One turn asked, by a command or in the chat: where it goes, what goes with it, held until it is stored."""
