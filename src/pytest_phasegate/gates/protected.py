"""The gate *protected*: generated files change only together with what they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pytest_phasegate.core.commit.rules import Changeset
from pytest_phasegate.core.guide.model import Phase
from pytest_phasegate.core.project.paths import matches_any
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need, Regenerated
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted


class ProtectedGate(BaseGate):
    """Find generated files that were edited by hand."""

    name = "protected"
    needs = frozenset({Need.CHANGE, Need.GENERATED})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the change against the table of protected files, and what their commands make anew."""
        protected, generate = evidence.settings.protected, evidence.settings.generate
        if not (protected or generate):
            return self.not_evaluated(phase, "no files are protected")
        change = Changeset.of(evidence)
        if protected and change is None:
            return self.inconclusive(phase, evidence.absent.get(Need.CHANGE, "the change is not known"))
        anew: tuple[Regenerated, ...] | None = evidence.facts.get(Need.GENERATED)
        if generate and anew is None:
            return self.inconclusive(phase, evidence.absent.get(Need.GENERATED, "nothing was made anew"))
        paths = change.paths if change else ()
        findings = (*orphans(paths, protected, made_so(paths, anew or (), generate)), *differing(anew or ()))
        if findings:
            return self.failed(phase, f"{counted(len(findings), 'generated file')} not as generated", findings)
        broken = next((one for one in anew or () if one.problem), None)
        if broken:
            return self.inconclusive(phase, f"{broken.line}: {broken.problem}")
        made = sum(one.files for one in anew or ())
        said = f"{change.what} edits no generated file by hand" if protected and change else ""
        again = f"{counted(made, 'generated file')} made anew and the same" if generate else ""
        return self.passed(phase, "; ".join(filter(None, (said, again))))


def differing(anew: Iterable[Regenerated]) -> Iterator[Finding]:
    """Yield a finding for each generated file that its command makes otherwise, or not at all."""
    for one in anew:
        for path in one.differing:
            told = f"it is not what `{one.line}` makes of the content as it stands"
            yield Finding("PG509", Severity.ERROR, told, path, None, f"run it, and look at the difference: {one.line}")


def made_so(paths: Iterable[str], anew: Iterable[Regenerated], generate: Mapping[str, str]) -> frozenset[str]:
    """Return the paths that a command was run for and made as they stand."""
    well = {one.line: one.differing for one in anew if not one.problem}
    made = [(pattern, well[line]) for pattern, line in generate.items() if line in well]
    return frozenset(path for path in paths for glob, other in made if matches_any(path, (glob,)) and path not in other)


def orphans(
    paths: tuple[str, ...], protected: Mapping[str, tuple[str, ...]], made: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """Yield a finding for each touched generated file that is not known to be ``made`` so, if no source is touched."""
    for generated, sources in protected.items():
        if any(matches_any(path, sources) for path in paths):
            continue
        for path in paths:
            if matches_any(path, (generated,)) and path not in made:
                told = f"generated from {', '.join(sources)}, which did not change"
                yield Finding("PG502", Severity.ERROR, told, path, None, "change the source and generate again")
