"""The gates *scope*, *protected* and *commit*: a change touches what it may, generated files, and its message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pytest_phasegate.core.commit import rules
from pytest_phasegate.core.commit.conventional import Commit
from pytest_phasegate.core.commit.rules import Committed, branch_findings, guide_issue_findings, message_findings
from pytest_phasegate.core.guide.declared_files import declared_paths
from pytest_phasegate.core.guide.model import Action, Guide, Phase, Source
from pytest_phasegate.core.project.paths import ends_with, matches_any
from pytest_phasegate.core.project.settings import CreepSeverity
from pytest_phasegate.core.verdict.gate import BaseGate, Evidence, Need, Regenerated
from pytest_phasegate.core.verdict.verdict import Finding, Severity, Verdict, counted

OURS = (".phasegate/*", "reviews/*.json")  # what phasegate keeps, and the reports of reviewers


class ScopeGate(BaseGate):
    """List what a change touches beyond the phase's declaration."""

    name = "scope"
    needs = frozenset({Need.CHANGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Compare the touched paths with the declared ones; creep fails only at severity *error*."""
        change = rules.ChangedPaths.of(evidence)
        if not phase.files and not (change and change.hidden):
            derives = phase.files_source is Source.DERIVED
            told = "no code of the phase is there" if derives else "the phase declares no files"
            return self.not_evaluated(phase, told)
        if change is None:
            return self.inconclusive(phase, evidence.absent.get(Need.CHANGE, "the change is not known"))
        to_create = {file.path for file in phase.files if file.action is Action.CREATE}
        others = (each for each in evidence.guide.phases if each.id != phase.id)
        deleted = frozenset(file.path for each in others for file in each.files if file.action is Action.DELETE)
        absent = tuple(path for path in change.absent or () if path not in deleted)
        if change.hidden or (to_create and to_create.issubset(absent)):
            missing = [absent_finding(path, phase, evidence.guide, change, Severity.ERROR) for path in absent]
            missing += [hidden_finding(path, phase, evidence.guide) for path in change.hidden]
            hidden = f"git ignores {counted(len(change.hidden), 'file')} of the phase"
            told = hidden if change.hidden else "none of the files that the phase is to create is there"
            return self.failed(phase, told, missing)
        beside = beside_all(phase, evidence.guide, change, evidence.settings.scope.allow)
        if not change.paths and not beside:
            # a phase that was committed under a subject nobody declared: its files are what there is to see
            if to_create and change.absent == ():
                return self.passed(phase, f"{change.what} touches nothing, and every file of the phase is there")
            return self.not_evaluated(phase, f"{change.what} touches nothing")
        creep = outside(phase, evidence.guide, change, evidence.settings.scope.allow)
        missing = [absent_finding(path, phase, evidence.guide, change, Severity.WARNING) for path in absent]
        missing += undone(phase, evidence.guide, change)
        missing += [alone_finding(path, evidence.settings.scope.severity) for path in beside]
        return self._judged(phase, change, creep, evidence.settings.scope.severity, missing, beside=len(beside))

    def _judged(
        self,
        phase: Phase,
        change: rules.ChangedPaths,
        creep: tuple[str, ...],
        severity: CreepSeverity,
        others: list[Finding],
        *,
        beside: int,
    ) -> Verdict:
        findings = [*(creep_finding(path, phase.id, severity) for path in creep), *others]
        if not creep and not beside:
            of_others = phase.files_source is Source.DERIVED
            what = "nothing that another phase declares" if of_others else "only what the phase declares"
            return self.passed(phase, f"{change.what} touches {what}", findings)
        told = [
            f"{change.what} touches {len(creep)} of {len(change.paths)} files outside the phase's declaration",
            f"other commits of the phase touch {counted(beside, 'file')} that no phase declares",
        ]
        reason = "; ".join(text for text, there in zip(told, (creep, beside), strict=True) if there)
        answer = self.failed if severity is CreepSeverity.ERROR else self.passed
        return answer(phase, reason, findings)


def outside(phase: Phase, guide: Guide, change: rules.ChangedPaths, allow: tuple[str, ...]) -> tuple[str, ...]:
    """Return the touched paths that neither the phase nor the project allows.

    Test files belong to every phase: tests that the guide did not foresee are no creep. So does the guide itself.
    """
    if phase.files_source is Source.DERIVED:
        others = [file.path for each in guide.phases if each.id != phase.id for file in each.declared_files]
        return tuple(path for path in change.paths if matches_any(path, others) and not change.layout.is_test(path))
    allowed = (*declared_paths(phase), *allow, *OURS, guide.path)
    return tuple(path for path in change.paths if not matches_any(path, allowed) and not change.layout.is_test(path))


def beside_all(phase: Phase, guide: Guide, change: rules.ChangedPaths, allow: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the other commits of the phase touch and no phase of any guide declares."""
    others = replace(change, paths=change.further)
    return tuple(path for path in outside(phase, guide, others, allow) if not matches_any(path, change.declared))


def alone_finding(path: str, severity: CreepSeverity) -> Finding:
    """Return the finding that no phase declares a touched file."""
    fix = "declare it under a phase, or add it to [tool.phasegate.scope] allow"
    return Finding("PG501", Severity(severity), "no phase declares this file", path, None, fix)


def absent_finding(path: str, phase: Phase, guide: Guide, change: rules.ChangedPaths, severity: Severity) -> Finding:
    """Return the finding that a file which the phase is to create is not there, and where one like it came in."""
    like = next((each for each in (*change.paths, *change.further) if ends_with(each, path)), "")
    fix = f"the guide is to call it {like}: paths begin at the project's root" if like else ""
    line = next((file.line for file in phase.files if file.path == path), phase.line)
    told = f"phase {phase.id} is to create {path}, and it is not there"
    return Finding("PG506", severity, told, guide.path, line, fix or "write it, or take it out of the guide")


def hidden_finding(path: str, phase: Phase, guide: Guide) -> Finding:
    """Return the finding that no commit can hold a file of the phase."""
    line = next((file.line for file in phase.files if file.path == path), phase.line)
    fix = "take it out of .gitignore, or out of the guide"
    return Finding("PG506", Severity.ERROR, f"git ignores {path}: no commit holds it", guide.path, line, fix)


def undone(phase: Phase, guide: Guide, change: rules.ChangedPaths) -> Iterator[Finding]:
    """Yield what a phase is to modify and does not touch, and what it is to delete and is there still."""
    touched = (*change.paths, *change.further)
    for file in phase.files:
        told = ""
        if file.action is Action.MODIFY and not any(matches_any(path, (file.path,)) for path in touched):
            told = f"phase {phase.id} is to modify {file.path}, and nothing of it touches that"
        if file.action is Action.DELETE and file.path in change.left:
            told = f"phase {phase.id} is to delete {file.path}, and it is there still"
        if told:
            fix = "do it, or take it out of the guide"
            yield Finding("PG506", Severity.WARNING, told, guide.path, file.line, fix)


def creep_finding(path: str, phase_id: str, severity: CreepSeverity) -> Finding:
    """Return the finding that a phase does not declare a touched file."""
    fix = f"commit it apart, declare it under phase {phase_id}, or add it to [tool.phasegate.scope] allow"
    return Finding("PG501", Severity(severity), f"phase {phase_id} does not declare this file", path, None, fix)


class ProtectedGate(BaseGate):
    """Find generated files that were edited by hand."""

    name = "protected"
    needs = frozenset({Need.CHANGE, Need.GENERATED})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge the change against the table of protected files, and what their commands make anew."""
        protected, generate = evidence.settings.protected, evidence.settings.generate
        if not (protected or generate):
            return self.not_evaluated(phase, "no files are protected")
        change = rules.ChangedPaths.of(evidence)
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


class CommitGate(BaseGate):
    """Judge the message being used, or the messages of the phase's commits."""

    name = "commit"
    needs = frozenset({Need.MESSAGE})

    def check(self, phase: Phase, evidence: Evidence) -> Verdict:
        """Judge what there is; a phase that is not committed yet has nothing to judge."""
        committed = Committed.of(evidence)
        if committed is None:
            return self.inconclusive(phase, evidence.absent.get(Need.MESSAGE, "git could not say"))
        settings = evidence.settings.commit
        findings = [
            *branch_findings(committed.branch, settings),
            *(
                finding
                for message in committed.messages
                for finding in (
                    *message_findings(message, [evidence.guide], settings, in_range=bool(message.sha)),
                    *guide_issue_findings(message, committed.branch, [evidence.guide]),
                )
            ),
        ]
        if findings:
            return self.failed(phase, findings[0].message, findings)
        if not committed.messages:
            return self.not_evaluated(phase, _missing(phase, committed.unnamed))
        return self.passed(phase, f"the commit is as declared: {committed.messages[-1].subject}")


def _missing(phase: Phase, unnamed: Commit | None) -> str:
    if unnamed is None:
        return "the phase is not committed yet"
    lacks = f"not as declared: {phase.commit}" if phase.commit else f"without a trailer `Phase: {phase.id}`"
    return f"committed as {unnamed.sha[:10]} ({unnamed.subject}), {lacks}"
