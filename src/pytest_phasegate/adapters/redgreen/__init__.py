"""Red before green."""
