"""Turns as a Markdown or an HTML file."""
