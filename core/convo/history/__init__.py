"""The items and turns of a branch: appended, read, listed, compared, compacted."""
