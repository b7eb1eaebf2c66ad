"""Parse search queries, and search prompts and answers with full-text indexes."""
