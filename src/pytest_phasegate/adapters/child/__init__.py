"""Child runs of pytest: the project's interpreter, on a scratch tree, with the probe injected."""
