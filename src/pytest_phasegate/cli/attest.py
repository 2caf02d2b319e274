"""``phasegate attest``: a statement about what passed, for those who were not there; and whether one holds."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_phasegate.__about__ import __version__
from pytest_phasegate.adapters.project.worktree import content_of
from pytest_phasegate.adapters.verdict.signatures import SUFFIX, Signed, sign, signed
from pytest_phasegate.app.commit.revision_range import span_of
from pytest_phasegate.app.ports.repository import Repository
from pytest_phasegate.app.redgreen.verification import Verification
from pytest_phasegate.app.verdict.deployment import PhaseStanding, standings
from pytest_phasegate.cli.deploy import add_guides, grounds_of
from pytest_phasegate.cli.output import answer_in, answer_to
from pytest_phasegate.cli.project import formatted, opened
from pytest_phasegate.cli.verify import verification
from pytest_phasegate.core.mapping.shards import WHOLE
from pytest_phasegate.core.project.configuration import FILES, rules_of
from pytest_phasegate.core.project.plain_values import json_document
from pytest_phasegate.core.redgreen.verdict import CommitRuling
from pytest_phasegate.core.verdict.statement import RED_GREEN, TEST_RESULT, Result, Statement, statement, understood
from pytest_phasegate.core.verdict.verdict import Ruling, combine, exit_code
from pytest_phasegate.errors import PhasegateError
from pytest_phasegate.reports.as_json import picked
from pytest_phasegate.reports.escaping import json_text, say
from pytest_phasegate.wiring import projects


class NothingToAttestError(PhasegateError):
    """What was to be attested did not pass, or nobody knows."""

    def __init__(self, problem: str, ruling: Ruling, hint: str) -> None:
        super().__init__(problem, hint=hint)
        self.exit_code = exit_code(ruling) or 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "range", metavar="RANGE", nargs="?", default="",
        help="red before green of A..B; without it, the gates of the content that HEAD holds; with --verify, "
        "the commit that the statement must be about (default: HEAD)",
    )  # fmt: skip
    parser.add_argument("--sign", metavar="KEY", help="sign it by this ssh key: FILE.sig beside --output-file FILE")
    parser.add_argument("--verify", metavar="FILE", help="check such a statement instead")
    parser.add_argument("--allowed-signers", metavar="FILE", help="with --verify: ask for a signature of one of these")
    add_guides(parser)
    parser.add_argument("--no-cache", action="store_true", help="with RANGE: run everything anew")
    parser.add_argument("--python", metavar="PYTHON", help="with RANGE: the project's interpreter")
    parser.set_defaults(shard=WHOLE, jobs=1, max_seconds=0.0)


def run(options: argparse.Namespace) -> int:
    """Print a statement, or check one."""
    form = formatted(options, "text", "json")
    if options.verify and options.sign:
        raise PhasegateError("--verify checks a statement, --sign makes one", hint="do one at a time")
    if options.allowed_signers and not options.verify:
        raise PhasegateError("--allowed-signers says whose signature counts", hint="give --verify FILE")
    if options.verify:
        return _verify(options, form)
    if options.sign and not options.output_file:
        raise PhasegateError("--sign wants a file to sign", hint="give --output-file FILE")
    text = json_text(_of_range(options) if options.range else _of_content(options))
    if options.sign:
        signature = sign(f"{text}\n".encode(), Path(options.sign))
        with answer_to(f"{options.output_file}{SUFFIX}"):
            print(signature, end="")
    print(text)
    return 0


def _of_content(options: argparse.Namespace) -> dict[str, Any]:
    """Return a test result of the content that HEAD holds.

    Raises:
        NothingToAttestError: It did not pass, or nobody knows.
    """
    project = opened(options)
    grounds, head = grounds_of(project, options.guide)
    phases = standings(grounds)
    ruling = combine([*(one.ruling for one in head.lacks), *(one.ruling for one in phases)])
    lacks = [*(("", lack) for lack in head.lacks), *((one.name, lack) for one in phases for lack in one.lacks)]
    say(*(f"{lack.code} {f'phase {name}: ' if name else ''}{lack.message}" for name, lack in lacks))
    if ruling is not Ruling.PASSED:
        told = "did not pass" if ruling is Ruling.FAILED else "was not judged as it stands"
        fix = lacks[0][1].fix if lacks else "phasegate status"
        raise NothingToAttestError(f"nothing is attested: what HEAD holds {told}", ruling, fix)
    repository = project.repository
    commit = repository.commit(head.commit)
    files = _files(repository, head.commit, project.root, [one.guide.path for one in grounds.progress])
    return statement(TEST_RESULT, commit.sha, commit.tree, _gates_result(phases, files, rules_of(project.settings)))


def _files(repository: Repository, commit: str, root: Path, guides: Sequence[str]) -> dict[str, str]:
    """Return the blobs of the guides and of what may configure us, by path from the repository's top."""
    place = projects.inside_of(root, repository)
    found = {f"{place}{path}": repository.file_at(commit, f"{place}{path}") for path in (*FILES, *guides)}
    return {path: blob for path, blob in found.items() if blob}


def _of_range(options: argparse.Namespace) -> dict[str, Any]:
    """Return red before green of a range.

    Raises:
        NothingToAttestError: It did not pass, or nobody knows.
    """
    repository = projects.repository(Path.cwd())
    span = span_of(repository, options.range)
    settings = projects.settings_at(repository, span.base, options.config)
    found = verification(repository, settings, span, options)
    if found.verdict.verdict is not Ruling.PASSED:
        told = f"nothing is attested: {found.asked} is {found.verdict.verdict}: {found.verdict.reason}"
        raise NothingToAttestError(told, found.verdict.verdict, f"phasegate verify {found.asked} tells more")
    last, base = span.commits[-1], repository.commit(span.base).sha if span.base else None
    return statement(RED_GREEN, last.sha, last.tree, _red_green(found, base, rules_of(settings)))


_LISTS = {
    "passedTests": {Ruling.PASSED},
    "warnedTests": {Ruling.WAIVED},
    "failedTests": {Ruling.FAILED, Ruling.ERROR, Ruling.INCONCLUSIVE},
}


def _gates_result(phases: Iterable[PhaseStanding], files: Mapping[str, str], rules: str) -> dict[str, Any]:
    """Return the predicate of a test result: each gate of each phase is a test, by the name ``slug:phase/gate``.

    Args:
        phases: The phases as they stand.
        files: The blob of each file that says what was asked: guides and configuration.
        rules: The digest of the settings that were gone by.
    """
    judged = [(one, one.judgement) for one in phases if one.judgement]
    gates = [(f"{one.guide}:{one.id}/{gate}", Ruling(word)) for one, known in judged for gate, word in known.gates]
    lists = {key: sorted(name for name, word in gates if word in words) for key, words in _LISTS.items()}
    latest = datetime.fromtimestamp(max(known.at for _, known in judged), UTC)
    annotations = {"phasegate": __version__, "rules": rules, "judged": f"{latest:%Y-%m-%dT%H:%M:%SZ}"}
    return {
        "result": str(_result(lists)),
        "configuration": [
            {"name": path, "digest": {"gitBlob": blob}, "annotations": annotations} for path, blob in files.items()
        ],
        **lists,
    }


def _result(lists: Mapping[str, Sequence[str]]) -> Result:
    if lists["failedTests"]:
        return Result.FAILED
    return Result.WARNED if lists["warnedTests"] else Result.PASSED


def _red_green(found: Verification, base: str | None, rules: str) -> dict[str, Any]:
    """Return our predicate of a range that passed: what red before green came to for each commit after ``base``."""
    verdicts = [one.verdict for one in found.commits]
    waived = any(verdict.verdict is CommitRuling.WAIVED for verdict in verdicts)
    return {
        "result": str(Result.WARNED if waived else Result.PASSED),
        "base": base,
        "verifier": {"name": "phasegate", "version": __version__},
        "rules": rules,
        "commits": [
            {
                **picked(verdict, "sha", "kind", "verdict", "reason", "fail_to_pass"),
                "red": [picked(red, "test", "grade") for red in verdict.red],
                "waiver": verdict.waiver or None,
            }
            for verdict in verdicts
        ],
        "open_red": [str(red.test) for red in found.verdict.open_red],
    }


def _verify(options: argparse.Namespace, form: str) -> int:
    """Check a statement: its shape, that it is about the commit that is meant, its signature, and its result."""
    path = Path(options.verify)
    content = content_of(path, options.verify)
    document = json_document(content, options.verify)
    repository = projects.repository(Path.cwd())
    said: Statement | None = None
    faults: list[str] = []
    try:
        said = understood(document)
    except PhasegateError as error:
        faults.append(error.problem)
    faults += _misplaced(said, repository, options.range or "HEAD") if said else ()
    signature = _signature(path, content, options.allowed_signers)
    faults += [signature.fault] if signature.fault else []
    if said and said.result is Result.FAILED:
        faults.append("what it attests is FAILED")
    answer_in(form, _record(options.verify, said, signature, faults), _lines(options.verify, said, signature, faults))
    return 1 if faults else 0


def _misplaced(said: Statement, repository: Repository, revision: str) -> Iterator[str]:
    """Yield what of a statement is not so in this repository."""
    commit = repository.commit(revision)
    if not said.is_about(commit.sha, commit.tree):
        named = ", ".join(f"commit {one[:12] or '-'} with tree {tree[:12] or '-'}" for one, tree in said.subjects[:3])
        yield f"it is about {named}; {revision} is commit {commit.sha[:12]} with tree {commit.tree[:12]}"
        return
    if said.base and repository.resolve(said.base) is None and not repository.is_shallow():
        yield f"its base {said.base[:12]} is not in this repository"
    elif said.commits:
        there = repository.commits(f"{said.base}..{commit.sha}" if said.base else commit.sha)
        if {one.sha for one in there} != set(said.commits):
            since = f"after {said.base[:12]}" if said.base else "from the first one"
            yield f"its commits are not those {since} to {revision}"


def _signature(path: Path, content: bytes, allowed: str | None) -> Signed:
    beside = path.with_name(f"{path.name}{SUFFIX}")
    if not beside.exists():
        return Signed(fault=f"it is not signed: there is no {beside}" if allowed else "")
    return signed(content, beside, Path(allowed) if allowed else None)


def _lines(file: str, said: Statement | None, signature: Signed, faults: Sequence[str]) -> Iterator[str]:
    if said:
        kind = "red before green of a range" if said.commits else "test result"
        yield f"{file}: {kind}, {said.result}"
        for commit, tree in said.subjects:
            yield f"  about   commit {commit[:12] or '-'}, tree {tree[:12] or '-'}"
    if signature.by:
        yield f"  signed  by {signature.by} ({signature.key})"
    elif signature.key:
        yield f"  signed  by {signature.key}: whose it is, --allowed-signers FILE would say"
    elif not signature.fault:
        yield "  signed  by nobody"
    yield from (f"  fault   {fault}" for fault in faults)
    if faults:
        yield f"REFUSED: {file}"
    elif signature.by:
        yield f"VERIFIED: {file}"
    else:
        yield f"CONSISTENT: {file}: it fits this commit, and nobody vouches for it"


def _record(file: str, said: Statement | None, signature: Signed, faults: Sequence[str]) -> dict[str, Any]:
    subjects = said.subjects if said else ()
    return {
        "schema": "phasegate.attest/1",
        "file": file,
        "verdict": "failed" if faults else "passed",
        "predicateType": said.predicate_type if said else None,
        "result": str(said.result) if said else None,
        "subjects": [{"gitCommit": one or None, "gitTree": tree or None} for one, tree in subjects],
        "signature": {"by": signature.by or None, "key": signature.key or None},
        "faults": list(faults),
    }
