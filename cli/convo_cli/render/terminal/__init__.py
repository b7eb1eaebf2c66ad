"""Text, cells, spans and tables of a terminal."""
