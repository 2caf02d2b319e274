"""The version and the address of the documentation, in one place that costs nothing to import."""

__version__ = "0.1.0"
DOCUMENTATION = "https://github.com/pytest-phasegate/pytest-phasegate/blob/main/docs"
