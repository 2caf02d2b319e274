"""Ask every gate for its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.verdict.verdict import Ruling, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_phasegate.core.guide.model import Phase
    from pytest_phasegate.core.verdict.gate import Evidence, Gate


def judge(gates: Iterable[Gate], phase: Phase, evidence: Evidence) -> Iterator[Verdict]:
    """Yield one verdict per gate, in the order given; a gate that raises answers *error*."""
    for gate in gates:
        try:
            yield gate.check(phase, evidence)
        except Exception as exc:  # noqa: BLE001 - a third-party gate may raise anything
            reason = f"the gate raised {type(exc).__name__}: {exc}"
            yield Verdict(gate.name, phase.id, Ruling.ERROR, reason)
