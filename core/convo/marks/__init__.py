"""Notes, tags and stars, which users put on turns."""
