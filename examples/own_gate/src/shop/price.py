"""Prices in cents."""


def with_tax(cents: int, percent: int) -> int:
    """Return a price with tax, rounded half up."""
    return cents + (cents * percent + 50) // 100
