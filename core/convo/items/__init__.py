"""One item of a conversation: to and from the JSON that is stored, and taken apart."""
