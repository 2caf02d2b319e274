"""``python -m pytest_phasegate`` is ``phasegate``."""

from pytest_phasegate.cli import console

console()
