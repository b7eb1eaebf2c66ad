"""The help of the commands: pages made from them, drawn as plain text or in panels."""
