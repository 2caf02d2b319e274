"""Facts and rules: pure functions over frozen values."""
