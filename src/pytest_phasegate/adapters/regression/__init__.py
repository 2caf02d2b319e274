"""The tests that were accepted and must stay green."""
