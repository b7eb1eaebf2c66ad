"""The slash commands: those of the command line, run at the position of the chat."""
