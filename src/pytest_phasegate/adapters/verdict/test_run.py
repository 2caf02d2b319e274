"""A run of the project's own pytest, with our plugin, for its report."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pytest_phasegate.errors import EvidenceError


def run_for_report(
    python: Sequence[str],
    root: Path,
    selectors: Sequence[str],
    environment: Mapping[str, str],
    *,
    suite: bool = False,
    reaching: Sequence[str] | None = None,
    covered: dict[str, str] | None = None,
) -> str:
    """Run ``pytest --phase SELECTOR...``, and the accepted tests with it, and return the JSON report it wrote.

    Args:
        python: The project's interpreter.
        root: Where to run.
        selectors: The phases, one option each.
        environment: All the variables the run sees.
        suite: Whether every other test runs with them.
        reaching: Of those, the files that can matter; without it, all.
        covered: Has a key for each format of coverage that the run writes too, and is given the texts.

    Raises:
        EvidenceError: It wrote no report; the end of what it said is told.
    """
    with tempfile.TemporaryDirectory(prefix="phasegate-check-") as directory:
        place = Path(directory)
        target, more = place / "report.json", {form: place / form for form in covered or ()}
        argv = [*python, "-m", "pytest", *_words(selectors, {"json": target, **more})]
        if suite:
            argv += _words_of_suite(place / "reaching", reaching)
        try:
            done = run_and_listen(argv, root, environment)
        except OSError as error:
            raise EvidenceError(f"{python[0]} cannot be run: {error.strerror}", code="PG931") from None
        if covered is not None:
            covered |= {form: file.read_text(encoding="utf-8") for form, file in more.items() if file.is_file()}
        if target.is_file():
            return target.read_text(encoding="utf-8")
        raise _without_report(done.returncode, done.stdout)


def _words(selectors: Iterable[str], reports: Mapping[str, Path]) -> list[str]:
    phases = [word for selector in selectors for word in ("--phasegate-phase", selector)]
    written = [word for form, file in reports.items() for word in ("--phasegate-report", f"{form}:{file}")]
    return [*phases, "--phasegate=enforce", "--phasegate-regression", *written]


def _words_of_suite(file: Path, reaching: Sequence[str] | None) -> Iterator[str]:
    """Yield the words for a whole suite; a test that fails, or a file that cannot be collected, ends no run early."""
    yield from ("--phasegate-suite", "--maxfail=0", "--continue-on-collection-errors")
    if reaching is not None:
        file.write_text("\n".join(reaching), encoding="utf-8")
        yield f"--phasegate-reaching={file}"  # a word of its own would be a path to pytest's rootdir


def run_and_listen(
    argv: Sequence[str], directory: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program that asks nothing; what it says on both streams is its ``stdout``.

    Raises:
        OSError: It cannot be run.
    """
    return subprocess.run(
        argv,
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _without_report(exit_code: int, said: str) -> EvidenceError:
    if "unrecognized arguments" in said and "--phase" in said:
        return EvidenceError(
            "pytest of the project's environment does not know --phase",
            hint="install pytest-phasegate there, or take `-p no:phasegate` out of addopts and PYTEST_ADDOPTS",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = "; ".join(lines[-2:]) or "it said nothing"
    how = f"was ended by signal {-exit_code}" if exit_code < 0 else f"ended with {exit_code}"
    return EvidenceError(f"the test run {how} and gave no report: {told}")
