"""What a turn is asked with, and what it tells while it runs: records that load nothing slow."""
