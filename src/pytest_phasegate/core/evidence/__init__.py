"""What was observed of tests."""
