"""The rows that say which message is on which branch: numbered, and made where they are missing."""
