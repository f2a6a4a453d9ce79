"""Certificates: their writers, and what `verify_certificate.py` stands on."""
