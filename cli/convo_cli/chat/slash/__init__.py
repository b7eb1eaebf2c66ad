"""What the slash commands do: the commands of the command line, from where the chat stands."""
