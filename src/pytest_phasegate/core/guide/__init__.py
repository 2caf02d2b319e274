"""Guides: what they say, and how far their phases have come."""
