"""The SDK's session class and ours told the same: in two files, on one, in two processes."""
