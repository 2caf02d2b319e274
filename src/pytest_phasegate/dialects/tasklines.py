"""What tasks and steps name: the files they write, and the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pytest_phasegate.core.guide.markdown.document import Document, Heading
from pytest_phasegate.core.guide.markdown.labels import is_marked_file, kind_of
from pytest_phasegate.core.guide.model import Action, DeclaredFile, DeclaredTest
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.dialects.boxes import Box, boxes, task_text
from pytest_phasegate.dialects.fields import Field, cells_of, is_table_head, lines_of
from pytest_phasegate.dialects.gathering import ACTIONS, Gathered, add_files, add_tests
from pytest_phasegate.dialects.headings import read_heading
from pytest_phasegate.dialects.paths import (
    ADDS,
    JOINT,
    MOVES,
    PUTS,
    SURE,
    UNSPACED,
    Declared,
    Path,
    declared_in,
    ends_of,
    in_directory,
    is_aside,
    of_verb,
    read_path,
    unlinked,
)
from pytest_phasegate.dialects.testnames import Place, by_file, is_test_path, place_in, tests_in_text

_QUOTED = re.compile(r"`([^`]+)`")
_LETTER = rf"(?:(?!{UNSPACED})\w)"
_RUN = re.compile(rf"(?:{_LETTER}|[./{{}},*-])+")
_BEGIN = re.compile(rf"(?<![/`\\.~:@\]-])(?<!{_LETTER})\.{{0,2}}{_LETTER}")
_REST = re.compile(rf"(?:{_LETTER}|[./{{}},*-])*\.[a-z][A-Za-z0-9_]{{0,7}}(?!{_LETTER}|[/(])")
_BARE_TEST = r"(?<![\w/.`:])(test_\w+)(?:\(\))?(?![\w./:`])"
_STEP = (
    rf"[*_]*([^\W\d_]+)(?:/[^\W\d_]+)?[*_]*:?(?:[ \t]+|(?<={UNSPACED})(?=[`A-Za-z.]))"
    r"(?:(?:the|a|new|file|module|failing|tests?)[: \t]+){0,3}"
)
_FILES = r"`[^`\s]+`(?:[ \t]*[,+&][ \t]*`[^`\s]+`)*"
_BEHIND = (
    rf"(?:在[ \t]*)?{_FILES}[ \t]*(?:[にへ에中][^`。]*(?:追記|追加|추가|添加|新增)|新增[ \t]*(?=`)"
    r"|[を을를]?[ \t]*([^\W\d_]+)(?<![後后前時时후전])(?=\W*\Z|[ \t]*[:：,;.、。(（—–-]|[ \t](?:mit|zu)\b))"
)
"""A file with the verb behind it: ``a.py` created``, ``a.py` を作成する``, ``a.md` に手順を追記``."""
_BESIDE = (
    r"(\*\*[^*]*\*\*[ \t]*)?\((`?[\w./*-]+\.\w+`?(?:,[ \t]*`?[\w./*-]+\.\w+`?)*)\)"
    r"(?:[ \t.:—–-]*|[ \t]*(?:[—–-]|for)[ \t].*)\Z"
)
"""Files alone in parentheses at the end or ahead of a dash, or right behind a title in bold: ``**Models** (a.py)``."""
_AND = r"\A\**[A-Z][a-z]+(?: and |/)(?=(?:[Uu]pdate|[Ee]xtend|[Mm]odify|[Ff]ix|[Rr]ewrite|[Rr]efactor|[Cc]reate)[ \t])"
"""What stands ahead of the order in ``Review and update``."""
_ORDER = (
    r"[A-Z][a-z]+ `[^`\s]+`[ \t]*(?:\Z|[.,:(—–-]|(?:with|that|as|exactly|only|for|and(?= `))\b)"
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
_CHANGES = r"\A(?:Updates?|Changes?|Edits?) (?:to|in) (?=`)"
_LEAD = r"\*\*([^\W\d_]+)[^*`]{0,40}(?::\*\*|\*\*:)[ \t]+(?=[A-Z])"
"""What a box begins with in bold ahead of its order: ``**GREEN**: Add …``."""
_TEMPLATE = r"\{[^,{}]*\}"
"""What makes of a name the pattern of many: ``{id}.json``."""
_AND_THEN = r"[ \t]*[,+&][ \t]*"
_BARE_FILE = r"(?a:[\w./-]*\w\.[a-z]{2,5})"
_BARE_FILES = rf"{_BARE_FILE}(?:{_AND_THEN}{_BARE_FILE})*(?![\w/.])"
_LISTED_FILES = rf"{_FILES}[ \t]*(?:\Z|\(|([—–:-]))"
_WRITING = ADDS | {"create", "implement", "test"}
_OF_TESTS = {"write", "test"}
_A_TEST, _OF_A_TEST = r"test_\w+", r"(?i)\btest(?:s|ing)?\b|\bred\b"
"""Beside a name such as ``test_sets``, which may be that of a table, a word says whether it is a test."""
_VERB = r"[*_]*([^\W\d_]+)"
_INTO = re.compile(
    r"\b(?:in|into|to|inside|within|в|dans|en|em|im)[ \t]+(?:(?:the|a|new|existing|root|file|module)[ \t]+){0,2}\Z"
)
_OUT_OF = re.compile(r"\b(?:out of|from)[ \t]+\Z")
"""What stands between a thing and the file that loses it; *from* only where it is removed."""
_ELSEWHERE = re.compile(
    r"\b(?:follow\w*|like|from|per|see|using|via|based|match\w*|mirror\w*|patterns?|similar|reus\w+|copy|as|with|by"
    r"|against|for|than|beside|without|not)\b|[.;:(](?:[ \t]|\Z)",
    re.IGNORECASE,
)
"""Words behind which a path is an example or a source, not what is written."""
_SOURCE = re.compile(
    r"(?:\b(?:per|see|from|like|via|following|than|against|loads?|reads?|calls?|calling|imports?|excludes?|excluding)"
    r"[ \t]+(?:the[ \t]+)?|(?:从|從|加载|調用|调用|读取|参考|参照|排除|根据|按照)[ \t]*)\Z",
    re.IGNORECASE,
)
"""What stands right ahead of a path that a task only speaks of."""
_DESTINATION = re.compile(r"for\b[^.;:()]*|from\b(?:[^.;:()`]|`[^`]*`)*[ \t](?:in)?to[ \t]+(?:the[ \t]+)?")
"""What makes a path one that is written all the same: ``for the users in``, ``from the reference to``."""
_DOTFILE = re.compile(r"(?<![\w/`.@:\]-])\.[a-z][\w-]{1,40}(?:\.[a-z]\w{0,20}){0,3}(?![\w/(])")
_ENDING = r"\.(?:py|md|sh|(?!env|proto)[a-z]{3,5})\Z"
"""Endings that make a file of a bare word: of those of one or two letters many end names (``Node.js``)."""
_NODE = r"(?<![\w`/.-])([\w./-]+\.py)::((?:\w+::)*)(test_\w+)"
_COMMAND = r"\b(?:python3?|pytest|bash|sh|node)[ \t]\Z"
_LISTED_TEST = (
    r"(?:\*\*)?(`)?(?P<name>(?(1)test_\w+|test_[^\W_]+_\w+))(?:\(\))?(?(1)`)(?:\*\*)?(?=[ \t]*(?:\Z|[—–:(→-]))"
)
"""An item that a test's name begins, which is long where no backticks are: with a test file it is one to write."""
_AS_IT_IS = r"(?i)\b(?:still|existing|exists|keeps?|unchanged|remains?|remove|delete|already|passes)\b"
_SIGN = r"[\u23e9-\u23fa\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]\ufe0f?"
_WORK_ITEM = (
    rf"[ \t]*(?:(?:[-*+]|\d{{1,3}}[.)])[ \t]+(?:{_SIGN}[ \t]+)?"
    r"|\*\*\d+(?:\.\d+)+\*\*[ \t]*(?:\[\w+\][ \t]*)?)(\S.*)"
)
"""An item without its mark, and the sign ahead that says how far it is."""
_WORK = (
    r"(?i)\A(?:plan|fix|approach|solution)\Z|\b(?:tasks?|steps?|changes?|deliverables?|implement\w*|actions?|work|build|green|testing|what|scope|write|create|add|update)\b"
    r"|\bdetails?\b|任务|步骤|内容|作業|タスク|taref?a|tâche|aufgabe|änderung|trabajo|travail|cambios|задач"
)
_SAID_IN_A_LINE = {"goal", "duration", "depends", "status", "kind", "coverage", "commit", "files", "create", "modify"}
_LETTER_OF = re.compile(r"[^\W\d_]{2}")
"""What a cell that is more than a number holds."""
_PAIR, _FEW, _NEAR, _LONG, _ORDERS = 2, 3, 5, 40, 1_000
"""Words that may stand between a verb and the file that is its object."""


def read_task(gathered: Gathered, text: str, line: int) -> None:
    """Take over the files and tests that a line of a task names."""
    text = by_file(unlinked(text))
    verb = re.match(_VERB, text)
    word = verb[1].lower() if verb else ""
    add_tests(gathered, _tests(text, word, line) if "test_" in text else ())
    if (word == "remove" or not is_aside(word)) and word != "test":
        object_of = re.match(_STEP, text)
        found = [*_files(text, line, _done(word)), *(_built(text, object_of, line) if object_of else ())]
        ends = {end for each in found for end in ends_of(each.file.path)}
        add_files(gathered, (_placed(each) for each in found if each.file.path not in ends))


def read_steps(gathered: Gathered, fields: Sequence[Field], start: int, end: int) -> None:
    """Take over what items outside of the labelled fields are to create, change or write: no more than is sure."""
    titles = ((each.text, each.line) for each in fields if not each.kind and (each.level or "`" in each.text))
    found = [one for title in titles for one in _titled(*title)]
    listed: list[DeclaredTest] = []
    announced: Action | None = None
    work, aside = _under(fields, work=True), _under(fields, work=False)
    for line, said in _items(gathered.document, fields, aside, start, end):
        said = _ticked(by_file(said.replace("**`", "`").replace("`**", "`")))  # noqa: PLW2901 - the same item
        text = re.sub(_IN_FILE, "Modify ", re.sub(_AND, "", unlinked(said)))
        tested = re.match(_LISTED_TEST, text)
        if tested and not re.search(_AS_IT_IS, text):
            listed.append(DeclaredTest(tested["name"], line))
        behind, beside, ahead = re.match(_BEHIND, text), re.search(_BESIDE, text), re.match(_LISTED_FILES, text)
        top = not gathered.document.lines[line - 1][:1].isspace()
        if behind and (action := of_verb(behind[1].lower(), SURE) if behind[1] else Action.MODIFY):
            found += declared_in(text, line, action)
        elif beside and (
            (beside[1] and not beside.start())
            or _at(gathered.document, line)
            or cells_of(gathered.document.lines[line - 1])
        ):
            found += _in_parentheses(text, beside[2], line)
        elif text.startswith(("|", "`") if announced else "|") or (
            ahead and (line in work or (line not in aside and (_at(gathered.document, line) or (ahead[1] and top))))
        ):
            found += declared_in(text, line, announced or Action.UNSPECIFIED)
        verb = re.match(_STEP, text)
        if verb is None:
            continue
        word = verb[1].lower()
        announced = of_verb(word, SURE) if text.endswith((":", "：")) and next(_paths(text), None) is None else None
        if (
            word in _WRITING
            and "test_" in text
            and (word in _OF_TESTS or re.search(_OF_A_TEST, re.sub(_A_TEST, "", text)))
        ):
            add_tests(gathered, _tests(text, word, line))
        found += _built(text, verb, line)
    ends = {end for path in gathered.files for end in ends_of(path)}
    named = (each for each in found if each.file.path not in ends and not each.file.path.endswith("/"))
    add_files(gathered, map(_placed, named))
    places = [path for path in gathered.files if is_test_path(path)]
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
        word = verb[1].lower() if (verb := re.match(_VERB, text)) else ""
        known = box.line in told or box.optional or begins_work(text) or is_aside(word) or kind_of(word)
        if text and not known and next(_paths(text), None) is None:
            message = "a box such as this names no file and no test: nothing judges it"
            fix = "what must hold belongs under '**Success criteria**'"
            gathered.report("PG129", Severity.NOTE, message, box.line, fix)


def _ticked(text: str) -> str:
    """Return an item with the files that it begins with in backticks."""
    lead = re.match(_BARE_FILES, text)
    bare = lead[0] if lead and all(_is_file(text, 0, each) for each in re.split(_AND_THEN, lead[0].strip())) else ""
    return re.sub(r"[^\s,+&]+", r"`\g<0>`", bare) + text[len(bare) :]


def read_title(gathered: Gathered, title: str, line: int) -> None:
    """Take over the file that the title of a unit is sure to write."""
    add_files(gathered, map(_placed, _titled(title, line)))


def _titled(title: str, line: int) -> Iterator[Declared]:
    hit = read_heading(Heading(line, 1, title))
    title = re.sub(_CHANGES, "Modify ", hit.title if hit else title)
    if is_marked_file(title):
        return declared_in(title, line, Action.UNSPECIFIED)
    verb = re.match(_STEP, title)
    return _built(title, verb, line) if verb else iter(())


def begins_work(text: str, *, item: bool = False) -> bool:
    """Return whether a text, or the item of a list that it is, begins with a verb of work."""
    found = re.match(_WORK_ITEM, text) if item else None
    verb = re.match(_STEP, found[1] if found else text) if found or not item else None
    return verb is not None and (verb[1].lower() in PUTS or of_verb(verb[1].lower(), SURE) is not None)


def _in_parentheses(text: str, listed: str, line: int) -> Iterator[Declared]:
    """Yield files in parentheses, unless the words ahead only look at them."""
    word = verb[1].lower() if (verb := re.match(_VERB, text)) else ""
    paths = ", ".join(f"`{token.strip(' `')}`" for token in listed.split(","))
    return iter(()) if is_aside(word) else declared_in(paths, line, _done(word))


def _under(fields: Sequence[Field], *, work: bool) -> set[int]:
    """Return the lines below labels that are not known, where these announce work, or where they do not."""
    told = (each for each in fields if not each.kind and (re.search(_WORK, each.text) is not None) is work)
    return {line for each in told if work or not each.bullet for line in range(each.line, each.end)}


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
            verb = re.match(_VERB, _order(task_text(box))) if box else None
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
        elif text.endswith((":", "：")) or (
            (re.match(_ORDER, text) or re.match(_IN_FILE, text)) and _begins(document, line)
        ):
            yield line, text.strip()


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
    """Return the lines of a known field: of one that is said in a line, such as a goal, that line alone."""
    return (each.line,) if each.value and not each.level and each.kind in _SAID_IN_A_LINE else lines_of(document, each)


def _built(text: str, verb: re.Match[str], line: int) -> Iterator[Declared]:
    """Yield the files a step is sure to write: the object of its verb, or that which something is put into."""
    word = verb[1].lower()
    sure = of_verb(word, SURE)
    paths = [each for each in _paths(text, verb.end()) if _is_file(text, *each)] if sure or word in PUTS else []
    if not paths:
        return
    at, token = paths[0]
    if at == verb.end() and text.startswith("`", at) and word not in MOVES and word != "remove":
        yield from declared_in(text if sure else text[at:], line, _done(word))
        return
    into = next((place for place, each in enumerate(paths[:_NEAR]) if _is_put_into(text, verb, each[0])), None)
    if into is None and (
        _ELSEWHERE.search(text, verb.end(), len(text[:at].rstrip(" \t:："))) or word in {*MOVES, "remove"}
    ):
        return
    if into is not None or (
        (sure or is_test_path(token) or (word in ADDS and (at == verb.end() or text.startswith("`", at))))
        and text.count(" ", verb.end(), at) <= _FEW
    ):
        yield from (_declare(each, text, line, _done(word)) for each in _joined(text, paths[into or 0 :]))


def _is_put_into(text: str, verb: re.Match[str], at: int) -> bool:
    """Return whether ``in`` or ``to`` stands ahead of a path, and no word that makes of it an example or a source."""
    if _OUT_OF.search(text, max(verb.end(), at - _LONG), at):
        return text[:at].rstrip().endswith("of") or verb[1].lower() == "remove"
    ahead = _INTO.search(text, verb.end(), at)
    said = _ELSEWHERE.search(text, verb.end(), at) if ahead else None
    return ahead is not None and (said is None or _DESTINATION.fullmatch(text, said.start(), at) is not None)


def _done(word: str) -> Action:
    return of_verb(word, SURE) or Action.UNSPECIFIED


def _joined(text: str, paths: Iterable[tuple[int, str]]) -> Iterator[Path]:
    """Yield the first path, and those that commas and ``and`` join to it."""
    end = 0
    for at, token in paths:
        path = read_path(token)
        if path is None or (end and not JOINT.fullmatch(text, end, at)):
            return
        yield path
        end = at + len(token) + text.startswith("`", at) * 2


def _declare(path: Path, text: str, line: int, action: Action) -> Declared:
    place = in_directory(path.path, text.partition(path.path)[2]) if len(text) < _ORDERS else path.path
    return Declared(
        DeclaredFile(place, Action.TEST if is_test_path(place) else action, line, text, path.lines), path.fault
    )


def _is_file(text: str, at: int, token: str) -> bool:
    path = read_path(token)
    if path is None or not text.startswith("`", at):
        return path is not None and ("/" in token or token.startswith(".") or re.search(_ENDING, token) is not None)
    name = path.path.rpartition("/")[2]
    return ("." in name or "*" in name or "/" not in path.path) and not re.search(_TEMPLATE, name)


def _tests(text: str, word: str, line: int) -> Iterator[DeclaredTest]:
    """Yield the tests a task names in backticks, and those it is to write by their bare names; a file beside them."""
    named = place_in(text) if ".py" in text else Place()
    place = named if named.file and is_test_path(named.file) else Place()
    yield from tests_in_text(text, line, place)
    for node in re.finditer(_NODE, text) if word in _WRITING and "::" in text else ():
        path = read_path(node[1])
        if path and not path.fault:
            yield DeclaredTest(node[3], line, node[2].removesuffix("::") or None, path.path)
    if word in _WRITING:
        yield from (DeclaredTest(name, line, place.class_name, place.file) for name in re.findall(_BARE_TEST, text))


def _files(text: str, line: int, action: Action) -> Iterator[Declared]:
    for at, token in _paths(text):
        path = read_path(token.partition("::")[0])
        if path is None or path.path == "~" or path.path.startswith("/") or not path.path.strip("./"):
            continue
        quoted = text.startswith("`", at) and not token.startswith(".")
        sure = quoted or "/" in token or token.endswith((".py", ".toml"))
        if (
            sure
            and "." in path.path.rstrip("/").rpartition("/")[2]
            and not _SOURCE.search(text, max(0, at - _LONG), at)
        ):
            yield _declare(path, text, line, action)


def _paths(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Yield place and text of what may be a path, in order: what backticks hold, and what has the look of one.

    Of a run of its characters there is one: the last ending of a run is that of them all.
    """
    at = start
    for quoted in (*_QUOTED.finditer(text, start), None):
        for run in _RUN.finditer(text, at, quoted.start() if quoted else len(text)):
            begin = _BEGIN.search(text, run.start(), run.end())
            ending = _REST.match(text, begin.end()) if begin else None
            first = begin.start() if begin and ending else run.start()
            whole = ending or _DOTFILE.match(text, first)
            if whole and not re.search(_COMMAND, text[max(0, first - 9) : first]):
                yield first, text[first : whole.end()].rstrip(".,")
        if quoted:
            yield quoted.start(), quoted[1]
            at = quoted.end()
