"""Coverage.py: listening to the collector that is there, starting one where none is, and reading figures off."""
