"""An answer in Markdown, shown on a terminal."""
