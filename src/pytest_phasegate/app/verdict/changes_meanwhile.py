"""What changed while a check ran: files that the judged content rests on, or only what a run left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_phasegate.app.ports.trees import INDEX
from pytest_phasegate.core.project.sides import Side, inside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_phasegate.app.commit.staged import Inside
    from pytest_phasegate.app.ports.repository import Repository
    from pytest_phasegate.core.guide.model import Guide
    from pytest_phasegate.core.project.sides import Layout

_CODE = (".py", ".pyi", ".pyx", ".toml", ".cfg", ".ini")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Paths that changed while a check ran.

    ``disturbing`` are those that a verdict may rest on, ``left`` what a run wrote beside them: a report, a log.
    """

    disturbing: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def changed_meanwhile(
    repository: Repository, trees: tuple[str, str], place: Inside, layout: Layout, guides: Iterable[Guide]
) -> Meanwhile:
    """Tell what changed between the content before a check and the content after it.

    What git does not know, that is no code and no configuration, lies where neither code nor tests do, and that no
    guide speaks of, is what a run left behind: nothing that was judged rests on it.

    Args:
        repository: Where the trees are.
        trees: The content before, and the content after.
        place: The project in the repository.
        layout: Where its code and its tests lie.
        guides: Its guides.
    """
    before, after = trees
    paths = [change.path for change in repository.changes(before, after)] if before != after else []
    known = repository.entries(INDEX) if paths else {}
    named = {name for guide in guides for name in _named(guide)}
    left = [path for path in paths if path not in known and _is_left(place.relative(path), layout, named)]
    return Meanwhile(tuple(path for path in paths if path not in left), tuple(left))


def _named(guide: Guide) -> Iterable[str]:
    yield guide.path
    yield from (file.path for phase in guide.phases for file in phase.files)


def _is_left(path: str | None, layout: Layout, named: set[str]) -> bool:
    if path is None or path.endswith(_CODE) or path in named or layout.side(path) is not Side.NEITHER:
        return False
    return not any(root and inside(path, root) for root in (*layout.source, *layout.testpaths))
