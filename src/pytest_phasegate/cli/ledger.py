"""``phasegate ledger verify|export``: whether the ledger is sound, and what is in it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from pytest_phasegate.app.ports.ledger import Ledger
from pytest_phasegate.cli.output import answer_in
from pytest_phasegate.core.evidence.runs import Health
from pytest_phasegate.wiring import projects

SOUND, DAMAGED = 0, 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("action", choices=("verify", "export"), help="look at every row; or print every record")
    parser.add_argument("--set-aside", action="store_true", help="rename a damaged file, so that a new one can begin")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of verify; default: text")


def run(options: argparse.Namespace) -> int:
    """Look at the ledger, or print it."""
    ledger = projects.ledger(projects.root(Path.cwd()))
    return _export(ledger) if options.action == "export" else _verify(ledger, options)


def _export(ledger: Ledger) -> int:
    for record in ledger.export():
        print(json.dumps(record))
    return SOUND


def _verify(ledger: Ledger, options: argparse.Namespace) -> int:
    health = ledger.health()
    aside = ledger.set_aside() if health.problems and options.set_aside else ""
    answer_in(options.format, _record(health, aside), _lines(health, aside))
    return DAMAGED if health.problems else SOUND


def _record(health: Health, aside: str) -> dict[str, object]:
    return {
        "schema": "phasegate.ledger/1",
        "path": health.path,
        "exists": health.exists,
        "sound": not health.problems,
        "rows": dict(health.rows),
        "problems": list(health.problems),
        "set_aside": aside or None,
    }


def _lines(health: Health, aside: str) -> list[str]:
    if not health.exists:
        return [f"{health.path}: nothing recorded yet"]
    if not health.problems:
        counts = ", ".join(f"{count} {name}" for name, count in health.rows.items() if count)
        return [f"{health.path}: sound ({counts or 'empty'})"]
    end = f"set aside as {aside}" if aside else "`phasegate ledger verify --set-aside` starts a new one"
    return [f"{health.path}: damaged", *(f"  {problem}" for problem in health.problems), end]
