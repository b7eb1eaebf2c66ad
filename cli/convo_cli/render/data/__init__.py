"""Records as rows, and rows as JSON, CSV and TSV."""
