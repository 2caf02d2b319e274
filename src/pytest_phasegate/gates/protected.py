"""The gate *protected*: generated files change only together with what they are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_phasegate.core.commit.changed_paths import Changeset
from pytest_phasegate.core.project.sides import matches_any
from pytest_phasegate.core.verdict.gate import BaseGate, Need
from pytest_phasegate.core.verdict.verdict import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_phasegate.core.guide.model import Phase
    from pytest_phasegate.core.verdict.gate import Evidence
    from pytest_phasegate.core.verdict.verdict import Verdict


class ProtectedGate(BaseGate):
    """Find generated files that were edited by hand."""

    name = "protected"
    needs = frozenset({Need.CHANGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the change against the table of protected files."""
        protected = evidence.settings.protected
        if not protected:
            return self.not_evaluated(phase, "no files are protected")
        change = Changeset.of(evidence)
        if change is None:
            return self.inconclusive(phase, evidence.absent.get(Need.CHANGE, "the change is not known"))
        findings = tuple(orphans(change.paths, protected))
        if findings:
            return self.failed(phase, f"{len(findings)} generated files changed without their source", findings)
        return self.passed(phase, f"{change.what} edits no generated file by hand")


def orphans(paths: tuple[str, ...], protected: Mapping[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Yield a finding for each touched generated file none of whose sources is touched."""
    for generated, sources in protected.items():
        if any(matches_any(path, sources) for path in paths):
            continue
        for path in paths:
            if matches_any(path, (generated,)):
                told = f"generated from {', '.join(sources)}, which did not change"
                yield Finding("PG502", Severity.ERROR, told, path, None, "change the source and generate again")
