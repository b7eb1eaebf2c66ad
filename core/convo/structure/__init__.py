"""The rows that put messages on branches: number them, and create missing ones."""
