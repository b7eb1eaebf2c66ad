"""What was found, written in the format that was asked for."""
