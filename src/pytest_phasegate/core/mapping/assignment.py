"""Which collected test belongs to which phase, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_phasegate.core.evidence.outcomes import TestId, file_of
from pytest_phasegate.core.guide.model import DeclaredTest, Guide, Phase, Source
from pytest_phasegate.core.guide.selection import PhaseRef
from pytest_phasegate.core.mapping.claims import FileClaims, TableClaims
from pytest_phasegate.core.mapping.mapping import Ambiguity, Belonging, Collected, Declaration, Reason, TestMap, means

_DECLARED = (Reason.NODE, Reason.FILE, Reason.CLASS, Reason.FUNCTION)


def map_tests(
    guides: Sequence[Guide],
    collected: Iterable[Collected],
    table: Mapping[str, str],
    added: Mapping[PhaseRef, frozenset[TestId]],
    renamed: Mapping[tuple[PhaseRef, DeclaredTest], TestId] | None = None,
) -> TestMap:
    """Assign every collected function to the phase it belongs to, in one pass.

    The first that applies: the closest ``phase`` mark; a declared test, by as much as the guide names of its file, its
    class and its function, and nowhere else; a file the phase declares; the table; the phases whose commits brought or
    changed it; unmapped. Where phases claim a test with equal strength the earliest has it, and an ambiguity is
    reported; that one phase brought a test and another changed it is none.

    Args:
        guides: The guides of this run; their order and that of their phases decides what is earliest.
        collected: Every collected function, each once for each set of marks among its cases.
        table: ``[tool.phasegate.map]``: globs of paths (or of ids, where they hold ``::``) to a phase.
        added: For each phase, the functions that came in since its base: only these does a test file under
            "Files to modify" claim.
        renamed: The tests that history shows to be declared ones under another name.
    """
    return _Mapper(guides, tuple(collected), table, added, renamed or {}).result()


def resolve(text: str, guides: Sequence[Guide]) -> tuple[PhaseRef, ...]:
    """Return the phases that an id, or ``slug:id``, may mean, in order."""
    exact = tuple(PhaseRef(guide.path, text) for guide in guides if guide.phase(text))
    slug, colon, phase_id = text.partition(":")
    if exact or not colon:
        return exact
    return tuple(PhaseRef(guide.path, phase_id) for guide in guides if guide.slug == slug and guide.phase(phase_id))


class _Mapper:
    """One mapping in the making; ``result`` is asked once."""

    def __init__(
        self,
        guides: Sequence[Guide],
        collected: tuple[Collected, ...],
        table: Mapping[str, str],
        added: Mapping[PhaseRef, frozenset[TestId]],
        renamed: Mapping[tuple[PhaseRef, DeclaredTest], TestId],
    ) -> None:
        self.guides = guides
        self.renamed = renamed
        self.collected = collected
        phases = [(PhaseRef(guide.path, phase.id), phase) for guide in guides for phase in guide.phases]
        self.order = {ref: at for at, (ref, _) in enumerate(phases)}
        self.files = FileClaims(phases, added)
        self.table = TableClaims({glob: resolve(phase, guides) for glob, phase in table.items()})
        self.wanted = [Declaration(ref, test) for ref, phase in phases for test in phase.declared_tests]
        self.derived = self._derived(phases)
        self.strays = [f"the map table names phase {table[glob]!r}, which no guide defines" for glob in self.table.dead]
        self.ambiguities: list[Ambiguity] = []

    def result(self) -> TestMap:
        declarations, claims = self._match()
        belongs: dict[Collected, Belonging] = {}
        unmapped: list[Collected] = []
        for one in self.collected:
            belonging = self._marked(one) or self._declared(one, claims) or self._placed(one) or self._brought(one)
            if belonging:
                belongs[one] = belonging
            else:
                unmapped.append(one)
        ambiguities = tuple(dict.fromkeys(self.ambiguities))
        strays = tuple(dict.fromkeys(self.strays))
        return TestMap(belongs, tuple(unmapped), declarations, ambiguities, strays, tuple(self._derivations()))

    def _derived(self, phases: Iterable[tuple[PhaseRef, Phase]]) -> Mapping[tuple[str, str], list[Declaration]]:
        """Return by path, and classes with the function, the phases that were found to have brought a test."""
        found: dict[tuple[str, str], list[Declaration]] = defaultdict(list)
        for ref, phase in phases:
            for test in phase.tests:
                if test.source is Source.DERIVED:
                    names = "::".join(filter(None, (test.class_name, test.name)))
                    found[test.file or "", names].append(Declaration(ref, test))
        return found

    def _brought(self, one: Collected) -> Belonging | None:
        refs = [claim.phase for claim in self.derived.get((one.path, "::".join(one.names)), ())]
        return Belonging(refs[0], Reason.DERIVED, tuple(refs[1:])) if refs else None

    def _derivations(self) -> Iterator[Declaration]:
        there = {(one.path, "::".join(one.names)): one.test for one in self.collected} if self.derived else {}
        for place, claims in self.derived.items():
            if place in there:
                yield from (Declaration(claim.phase, claim.test, (there[place],)) for claim in claims)

    def _marked(self, one: Collected) -> Belonging | None:
        refs = self._mark(one) if one.marks else ()
        return Belonging(refs[0], Reason.MARKER) if refs else None

    def _mark(self, one: Collected) -> tuple[PhaseRef, ...]:
        """Return the phases that the closest mark means; a mark no guide knows is a stray, and no mark at all."""
        closest = one.marks[0]
        refs = resolve(closest, self.guides)
        if not refs:
            self.strays.append(f"{one.test} is marked for phase {closest!r}, which no guide defines")
        elif len(refs) > 1:
            places = tuple(self._phase(ref) for ref in refs)
            self.ambiguities.append(Ambiguity(f"{one.test} is marked for phase {closest!r}", places))
        return refs

    def _declared(self, one: Collected, claims: Mapping[TestId, tuple[Reason, list[Declaration]]]) -> Belonging | None:
        if one.test not in claims:
            return None
        reason, declarations = claims[one.test]
        refs = sorted({declaration.phase for declaration in declarations}, key=self.order.__getitem__)
        if len(refs) > 1:
            places = tuple(f"{each.phase.guide}:{each.test.line} ({self._phase(each.phase)})" for each in declarations)
            self.ambiguities.append(Ambiguity(f"{one.test} is declared by several phases", places))
        return Belonging(refs[0], reason, tuple(refs[1:]))

    def _placed(self, one: Collected) -> Belonging | None:
        for reason, claims in (
            (Reason.TEST_FILE, self.files.of(one.path, one.test)),
            (Reason.TABLE, self.table.of(one.path, one.test)),
        ):
            refs = sorted({claim.phase for claim in claims}, key=self.order.__getitem__)
            if len(refs) > 1:
                places = tuple(f"{claim.place} ({self._phase(claim.phase)})" for claim in claims)
                self.ambiguities.append(Ambiguity(f"{one.path} belongs to several phases", places))
            if refs:
                return Belonging(refs[0], reason)
        return None

    def _match(self) -> tuple[tuple[Declaration, ...], Mapping[TestId, tuple[Reason, list[Declaration]]]]:
        """Match declarations to tests, strength by strength.

        One that found its test looks no further, and a test found by a stronger claim is not there for a weaker.
        """
        candidates = self._candidates()
        claims: dict[TestId, tuple[Reason, list[Declaration]]] = {}
        found: dict[int, Declaration] = {}
        for reason in _DECLARED:
            taken = frozenset(claims)
            for at, declaration in enumerate(self.wanted):
                if at in found or reason not in _reasons(declaration.test):
                    continue
                free = (one for one in candidates.get(declaration.test.name, ()) if one.test not in taken)
                meant = [one for one in free if self._names(declaration, one, reason)]
                hits = self._nearest(declaration, meant, reason)
                if not hits:
                    continue
                found[at] = self._found(declaration, hits, reason)
                for test in hits:
                    claims.setdefault(test, (reason, []))[1].append(found[at])
        self._follow(found, claims)
        return tuple(found.get(at, declaration) for at, declaration in enumerate(self.wanted)), claims

    def _follow(self, found: dict[int, Declaration], claims: dict[TestId, tuple[Reason, list[Declaration]]]) -> None:
        """Give what is still missing the test it became; no declaration that is met loses its own to it."""
        there = {one.test for one in self.collected}
        for at, declaration in enumerate(self.wanted):
            became = self.renamed.get((declaration.phase, declaration.test))
            if at not in found and became in there and became not in claims:
                found[at] = Declaration(declaration.phase, declaration.test, (became,), renamed=True)
                claims[became] = (Reason.RENAMED, [found[at]])

    def _nearest(self, declaration: Declaration, hits: Sequence[Collected], reason: Reason) -> tuple[TestId, ...]:
        """Return those of the tests a declaration may mean that stand nearest to where it looks first.

        That is under a mark of the phase; then in the very path it names and not in one that ends so or, where it names
        none, in the test files of its phase.
        """
        marked = [one for one in hits if one.marks and declaration.phase in resolve(one.marks[0], self.guides)]
        near = [one for one in hits if self._is_near(declaration, one, reason)]
        return tuple(dict.fromkeys(one.test for one in marked or near or hits))

    def _is_near(self, declaration: Declaration, one: Collected, reason: Reason) -> bool:
        if reason in {Reason.NODE, Reason.FILE}:
            return one.path == declaration.test.file
        return self.files.declares(declaration.phase, one.path)

    def _found(self, declaration: Declaration, hits: tuple[TestId, ...], reason: Reason) -> Declaration:
        if len(hits) == 1:
            return Declaration(declaration.phase, declaration.test, hits)
        self.ambiguities.append(Ambiguity(f"{declaration.wanted} names several tests", hits))
        files = {file_of(test) for test in hits}
        ambiguous = len(files) > 1 or reason in {Reason.CLASS, Reason.FUNCTION}
        return Declaration(declaration.phase, declaration.test, hits, ambiguous=ambiguous)

    def _candidates(self) -> Mapping[str, list[Collected]]:
        names = {declaration.test.name for declaration in self.wanted}
        index: dict[str, list[Collected]] = defaultdict(list)
        for one in self.collected:
            name = one.test.rpartition("::")[2]
            if name in names and not one.imported:
                index[name].append(one)
        return index

    def _names(self, declaration: Declaration, one: Collected, reason: Reason) -> bool:
        refs = resolve(one.marks[0], self.guides) if one.marks else ()
        if refs and declaration.phase not in refs:
            return False
        anywhere = reason in {Reason.CLASS, Reason.FUNCTION}
        return _matches(declaration.test, one, reason) and not (anywhere and self._displaced(declaration, one))

    def _displaced(self, declaration: Declaration, one: Collected) -> bool:
        """Whether the namesake stands in another phase's file while this phase declares test files of its own.

        Without this, ``test_init`` of an earlier phase would stand in for one that is not written yet.
        """
        owners = {claim.phase for claim in self.files.of(one.path, one.test)}
        return bool(owners) and declaration.phase not in owners and self.files.has_tests(declaration.phase)

    def _phase(self, ref: PhaseRef) -> str:
        return f"phase {ref.phase}" if len(self.guides) == 1 else f"phase {ref.phase} of {ref.guide}"


def _reasons(test: DeclaredTest) -> tuple[Reason, ...]:
    """Return the kinds of match that go by just as much as a declaration says of a test's place."""
    if test.file is not None:
        return Reason.NODE, Reason.FILE
    return (Reason.CLASS,) if test.class_name else (Reason.FUNCTION,)


def _matches(test: DeclaredTest, one: Collected, reason: Reason) -> bool:
    if reason is Reason.NODE:
        return test.file == one.path and (test.class_name or "") == "::".join(one.names[:-1])
    return means(test, TestId("::".join((one.path, *one.names))))
