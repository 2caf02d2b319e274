"""Formats for verdicts: nothing is decided here."""
