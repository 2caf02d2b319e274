"""The built-in gates: pure functions of a phase and evidence, one file each."""
