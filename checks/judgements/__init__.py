"""Verdicts on the numbers of a CSV file: reading them, the answer as text and JSON, its page."""
