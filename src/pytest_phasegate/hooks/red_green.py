"""The hook *red-green*: production code is committed with a test that was red before it and is green with it."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_phasegate.hooks.proof import judged


def main(argv: Sequence[str]) -> int:  # noqa: ARG001 - git gives this hook nothing
    """Judge what is staged, before its message is written."""
    return judged("")
