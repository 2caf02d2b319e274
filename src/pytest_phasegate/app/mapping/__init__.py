"""Which test belongs to which phase."""
