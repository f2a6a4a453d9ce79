"""The ledger: one file per section of a paper, a claim is data."""
