"""Token usage: the ledger of runs, the SDK's table of turns, and their totals."""
