"""The built-in gates: pure functions of a phase and evidence; those that ask about one thing in one file."""
