"""Assumption checks, the ledger of claims, rate studies, reports and the command line."""
