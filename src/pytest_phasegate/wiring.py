"""The one place that picks adapters and loads plugins; every import of an adapter is local, to start fast."""

from __future__ import annotations
