"""What tasks and steps name: the files they write, and the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pytest_phasegate.core.guide.markdown.document import Document
from pytest_phasegate.core.guide.markdown.labels import kind_of
from pytest_phasegate.core.guide.model import Action, DeclaredTest
from pytest_phasegate.core.project.paths import is_test_module
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.boxes import Box, boxes, task_text
from pytest_phasegate.dialects.fields import Field, cells_of, is_table_head, lines_of
from pytest_phasegate.dialects.gathered import ACTIONS, Gathered, add_files, add_tests
from pytest_phasegate.dialects.orders import (
    FILES,
    STEP,
    VERB,
    built,
    done,
    files_in,
    in_parentheses,
    orders_tests,
    paths_in,
    tests_in,
    ticked,
    titled,
)
from pytest_phasegate.dialects.paths import (
    ADDS,
    PUTS,
    SURE,
    Declared,
    declared_in,
    ends_of,
    is_aside,
    of_verb,
    unlinked,
)
from pytest_phasegate.dialects.testnames import AS_IT_IS, Place, by_file, place_in

_BEHIND = (
    rf"(?:在[ \t]*)?{FILES}[ \t]*(?:[にへ에中][^`。]*(?:追記|追加|추가|添加|新增)|新增[ \t]*(?=`)"
    r"|[を을를]?[ \t]*([^\W\d_]+)(?<![後后前時时후전])(?=\W*\Z|[ \t]*[:：,;.、。(（—–-]|[ \t](?:mit|zu)\b))"
)
"""A file with the verb behind it: ``a.py` created``, ``a.py` を作成する``, ``a.md` に手順を追記``."""
_BESIDE = (
    r"(\*\*[^*]*\*\*[ \t]*)?\((`?[\w./*-]+\.\w+`?(?:,[ \t]*`?[\w./*-]+\.\w+`?)*)\)"
    r"(?:[ \t.:—–-]*|(?:[ \t]*(?:[—–-]|for|with|to|so)|,)[ \t].*)\Z"
)
"""Files alone in parentheses at the end or ahead of a dash, or right behind a title in bold: ``**Models** (a.py)``."""
_AND = (
    r"\A\**[A-Z][a-z]+(?: and |/)(?=(?:[Uu]pdate|[Ee]xtend|[Mm]odify|[Ff]ix|[Rr]ewrite|[Rr]efactor|[Cc]reate)[ \t])"
    r"|\A[^`]{1,60}\uff0c(?=[^\W\d_])"
)
"""What stands ahead of the order in ``Review and update``, or of the last part of a sentence."""
_ORDER = (
    r"[A-Z][a-z]+ `[^`\s]+`[ \t]*(?:\Z|[.,:(—–-]|(?:with|that|as|exactly|only|for|and(?= (?:\w+ )?`))\b)"
    r"|(?:Update|Modify|Change|Extend|Edit|Fix|Adapt|Adjust|Refactor|Rewrite|Create|Write) "
    r"`[^`\s]+` (?:to|so|such|by)\b"
    r"|(?:Add|Write|Implement|Define|Put|Introduce|Extend|Update|Modify) "
    r"(?:[^`.:;]|`[^`]*`){1,80}? (?:in|into|to) `[^`\s]+`"
)
"""A paragraph that is an order to write a file."""
_IN_FILE = (
    r"\AIn (?=`[^`\s]+`(?:,? (?:and )?`[^`\s]+`)*(?:[ \t]*\([^()]*\))?"
    r"(?:[ \t]*[:：]\Z|,?[ \t](?:add|change|define|extract|implement|import|move|rename|replace|update)\b))"
)
"""A line that says where the changes below it are made."""
_LEAD = r"\*\*([^\W\d_]+)[^*`]{0,40}(?::\*\*|\*\*:)[ \t]+(?=[A-Z])"
"""What a box begins with in bold ahead of its order: ``**GREEN**: Add …``."""
_LISTED_FILES = rf"{FILES}[ \t]*(?:\Z|\(|([—–:-]))"
_LISTED_TEST = (
    r"(?:\*\*)?(`)?(?P<name>(?(1)test_\w+|test_[^\W_]+_\w+))(?:\(\))?(?(1)`)(?:\*\*)?(?=[ \t]*(?:\Z|[—–:(→-]))"
)
"""An item that a test's name begins, which is long where no backticks are: with a test file it is one to write."""
_SIGN = r"[\u23e9-\u23fa\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]\ufe0f?"
_WORK_ITEM = (
    rf"[ \t]*(?:(?:[-*+]|\d{{1,3}}[.)])[ \t]+(?:{_SIGN}[ \t]+)?"
    r"|\*\*\d+(?:\.\d+)+\*\*[ \t]*(?:\[\w+\][ \t]*)?)(\S.*)"
)
"""An item without its mark, and the sign ahead that says how far it is."""
_WORK = (
    r"(?i)\A(?:plan|fix|approach|solution)\Z|\b(?:tasks?|steps?|changes?|deliverables?|implement\w*|actions?|work|do|build|green|tests|testing|what|scope|write|create|add|updates?)\b"
    r"|\bdetails?\b|任务|步骤|内容|作業|작업|タスク|taref?a|tâche|aufgabe|änderung|trabajo|travail|cambios|задач"
)
_SAID_IN_A_LINE = {"goal", "duration", "depends", "status", "kind", "coverage", "commit", "files", "create", "modify"}
_LETTER_OF = re.compile(r"[^\W\d_]{2}")
"""What a cell that is more than a number holds."""
_PAIR = 2


def read_task(gathered: Gathered, text: str, line: int) -> None:
    """Take over the files and tests that a line of a task names."""
    text = by_file(unlinked(text))
    verb = re.match(VERB, text)
    word = verb[1].lower() if verb else ""
    add_tests(gathered, tests_in(text, word, line) if "test_" in text else ())
    if word == "remove" or not is_aside(word):
        object_of = re.match(STEP, text)
        found = [*files_in(text, line, done(word)), *(built(text, object_of, line) if object_of else ())]
        if word == "test":  # where: of the files that it names, tests that are not there are still to be written
            found = [each for each in found if _is_to_come(gathered.document, each.file.path)]
        ends = {end for each in found for end in ends_of(each.file.path)}
        add_files(gathered, (_placed(each) for each in found if each.file.path not in ends))


def _is_to_come(document: Document, path: str) -> bool:
    return is_test_module(path) and not document.exists(path)


def read_steps(gathered: Gathered, fields: Sequence[Field], start: int, end: int) -> None:
    """Take over what items outside of the labelled fields are to create, change or write: no more than is sure."""
    titles = ((each.text, each.line) for each in fields if not each.kind and (each.level or "`" in each.text))
    found = [one for title in titles for one in titled(*title)]
    document, listed = gathered.document, list[DeclaredTest]()
    announced: Action | None = None
    work, aside = _under(fields, work=True), _under(fields, work=False)
    for line, said in _items(document, fields, aside, start, end):
        said = ticked(by_file(said.replace("**`", "`").replace("`**", "`")))  # noqa: PLW2901 - the same item
        text = re.sub(_IN_FILE, "Modify ", re.sub(_AND, "", unlinked(said)))
        tested = re.match(_LISTED_TEST, text)
        if tested and not AS_IT_IS.search(text):
            listed.append(DeclaredTest(tested["name"], line))
            continue
        behind, beside, ahead = re.match(_BEHIND, text), re.search(_BESIDE, text), re.match(_LISTED_FILES, text)
        top = not document.lines[line - 1][:1].isspace()
        if behind and (action := of_verb(behind[1].lower(), SURE) if behind[1] else Action.MODIFY):
            found += declared_in(text, line, action)
        elif beside and (
            (beside[1] and not beside.start()) or _at(document, line) or cells_of(document.lines[line - 1])
        ):
            found += in_parentheses(text, beside[2], line)
        elif text.startswith(("|", "`") if announced else "|") or (
            ahead and (line in work or (line not in aside and (_at(document, line) or (ahead[1] and top))))
        ):
            found += declared_in(text, line, announced or Action.UNSPECIFIED)
        verb = re.match(STEP, text)
        if verb is None:
            continue
        word = verb[1].lower()
        announced = of_verb(word, SURE) if text.endswith((":", "：")) and next(paths_in(text), None) is None else None
        if "test_" in text and orders_tests(text, word):
            add_tests(gathered, tests_in(text, word, line))
        found += built(text, verb, line)
    ends = {end for path in gathered.files for end in ends_of(path)}
    named = (each for each in found if each.file.path not in ends and not each.file.path.endswith("/"))
    add_files(gathered, map(_placed, named))
    _add_listed(gathered, listed)


def _add_listed(gathered: Gathered, listed: Sequence[DeclaredTest]) -> None:
    """Take over tests of which items name no file: they are those of the one test file that the unit names."""
    places = [path for path in gathered.files if is_test_module(path)]
    known = {test.name for test in gathered.tests.values()}
    fresh = [test for test in listed if test.name not in known] if places or len(listed) > 1 else []
    place = gathered.files[places[0]] if fresh and len(places) == 1 else None
    if place and place.action is Action.TEST and gathered.document.exists(place.path):
        gathered.files[place.path] = place._replace(action=Action.MODIFY)
    where = Place(place.path, place_in(place.note).class_name) if place else Place()
    add_tests(gathered, (test._replace(file=where.file, class_name=where.class_name) for test in fresh))


def tell_unjudged(gathered: Gathered, start: int, end: int) -> None:
    """Remark on boxes that declare nothing and order nothing, beside files or tests, where nothing is a criterion."""
    told = {file.line for file in gathered.files.values()} | {test.line for test in gathered.tests.values()}
    for box in boxes(gathered.document, start, end) if told and not gathered.criteria else ():
        text = _order(task_text(box))
        word = verb[1].lower() if (verb := re.match(VERB, text)) else ""
        known = box.line in told or box.optional or begins_work(text) or is_aside(word) or kind_of(word)
        if text and not known and next(paths_in(text), None) is None:
            message = "a box such as this names no file and no test: nothing judges it"
            fix = "what must hold belongs under '**Success criteria**'"
            gathered.report("PG129", Severity.NOTE, message, box.line, fix)


def read_title(gathered: Gathered, title: str, line: int) -> None:
    """Take over the file that the title of a unit is sure to write."""
    add_files(gathered, map(_placed, titled(title, line, whole=True)))


def begins_work(text: str, *, item: bool = False) -> bool:
    """Return whether a text, or the item of a list that it is, begins with a verb of work."""
    found = re.match(_WORK_ITEM, text) if item else None
    verb = re.match(STEP, found[1] if found else text) if found or not item else None
    return verb is not None and (verb[1].lower() in PUTS or of_verb(verb[1].lower(), SURE) is not None)


def _under(fields: Sequence[Field], *, work: bool) -> set[int]:
    """Return the lines below labels that are not known, where these announce work, or where they do not."""
    told = (each for each in fields if not each.kind and _announces_work(each.text) is work)
    return {line for each in told if work or not each.bullet for line in range(each.line, each.end)}


def _announces_work(label: str) -> bool:
    """Return whether a label says that what is below it is to be done: *Tasks*, ``Class `TestStore` ``."""
    return re.search(_WORK, label) is not None or place_in(label).class_name is not None


def _items(
    document: Document, fields: Sequence[Field], aside: set[int], start: int, end: int
) -> Iterator[tuple[int, str]]:
    """Yield the items that stand in no known field, without their marks: boxes, under any label that is not known.

    Other items, cells of a table's column of tasks, and lines that a colon ends (their content follows) only where no
    label, or one that announces work, stands above.
    """
    labelled = {line for each in fields if each.kind and each.kind != "item" for line in _own_lines(document, each)}
    column = listing = within = 0
    for line in range(start, end):
        text = document.lines[line - 1]
        box = _at(document, line)
        if box or (text and not text[:within].isspace()):
            verb = re.match(VERB, _order(task_text(box))) if box else None
            within = box.indent + 1 if box and not (verb and is_aside(verb[1].lower())) else 0
        cells = cells_of(text)
        if is_table_head(document, line):
            heads = [cell.strip("*_ ") for cell in cells]
            column = next((at for at, head in enumerate(heads) if re.match(_WORK, head)), len(cells))
            lists = (kind_of(head.rpartition(" ")[2].replace("Path", "File")) == "files" for head in heads)
            listing = next((at for at, found in enumerate(lists) if found), -1)
        elif line in labelled or (not box and ((line in aside and not within) or not document.is_text(line))):
            continue
        elif box:
            yield from () if box.optional else [(line, _order(task_text(box)))]
        elif cells:
            yield from [(line, said)] if (said := _of_row(cells, column, listing)) else []
        elif item := re.match(_WORK_ITEM, text):
            yield line, item[1]
        else:
            yield from ((line, order) for order in _orders(text, begins=_begins(document, line)))


def _orders(text: str, *, begins: bool) -> Iterator[str]:
    """Yield a line of prose that orders what stands below it, or work itself, and those of its later sentences that do.

    ``begins`` says that a paragraph begins with it.
    """
    if text.endswith((":", "：")) or (begins and (re.match(_ORDER, text) or re.match(_IN_FILE, text))):
        yield text.strip()
    behind = re.split(r"(?<=\.)[ \t]+(?=[A-Z][a-z]+ `)", text.strip())[1:] if "`" in text else ()
    yield from (sentence for sentence in behind if re.match(_ORDER, sentence))


def _of_row(cells: Sequence[str], column: int, listing: int) -> str:
    """Return what a row says of its task, by the columns of tasks and of files, or by the label that it begins with."""
    if len(cells) == _PAIR and kind_of(cells[0]) in ACTIONS:
        return f"| {cells[0]} | {cells[1]} |"
    if column >= len(cells):
        return ""
    if 0 <= listing < len(cells):
        return f"| {cells[listing]} | {cells[column]} |"
    alone = re.fullmatch(_LISTED_FILES, cells[column])
    return f"| {cells[column]} |" if alone else " | ".join(filter(_LETTER_OF.search, cells[column:]))


def _order(text: str) -> str:
    """Return a box without what it is called, unless that is an order itself or says only to look."""
    lead = re.match(_LEAD, text)
    word = lead[1].lower() if lead else ""
    return text if lead is None or word in SURE or word in ADDS or is_aside(word) else text[lead.end() :]


def _begins(document: Document, line: int) -> bool:
    """Return whether a paragraph begins at this line."""
    return not document.is_text(line - 1) or not document.lines[line - 2].strip()


def _placed(each: Declared) -> Declared:
    """Let a module that an item names without its directory be no promise of a file at the root."""
    somewhere = "/" not in each.file.path and each.file.path.endswith(".py") and each.file.action is Action.CREATE
    return each._replace(file=each.file._replace(action=Action.UNSPECIFIED)) if somewhere else each


def _at(document: Document, line: int) -> Box | None:
    found = boxes(document, line, line + 1)
    return found[0] if found else None


def _own_lines(document: Document, each: Field) -> Iterable[int]:
    """Return the lines of a known field: of one that is said in a line, such as a goal, that line alone.

    What stands ahead of a label in its line is none of the field's.
    """
    if each.value and not each.level and each.kind in _SAID_IN_A_LINE:
        return (each.line,)
    ahead = not each.level and f". {each.text}" in document.lines[each.line - 1]
    return lines_of(document, each)[ahead:]
