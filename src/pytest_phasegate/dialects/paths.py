"""Files that a phase declares: paths in bullets, tables and labels, with what is to be done to each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.lexing import BOX
from pytest_phasegate.core.guide.model import Action, DeclaredFile
from pytest_phasegate.core.project.paths import ends_with
from pytest_phasegate.dialects.tokens import EXTENSION, Path, read_path


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURE = {
    Action.CREATE: "新規 create created generate créer crée créez créé crear crea creado criar crie criado erstellen"
    " erstelle erstellt anlegen lege создать создай 创建 新建 作成 생성",
    Action.MODIFY: "modify update edit change extend expand modified updated refactor enhance improve fix rewrite"
    " configure modifier modifie modifié actualizar actualiza modificar modifica modifique atualizar"
    " atualize ändern ändere geändert anpassen passe ergänze umschreiben erweitern erweitere изменить измени обновить"
    " обнови 修改 更新 扩展 完善 重写 修正 変更 수정 변경 업데이트 리팩토링 重构",
    Action.DELETE: "delete deleted supprimer supprime eliminar elimina excluir löschen удалить удали 删除 削除 삭제",
}
SURE = {word: action for action, words in _SURE.items() for word in words.split()}
"""Verbs whose object is the file itself."""
ADDS = _words(
    "add new write écrire écris écrivez escribir escribe escrever escreva schreiben schreibe ajouter ajoute ajoutez"
    " añadir añade agregar agrega adicionar adicione hinzufügen füge добавить написать 添加 新增 编写 追加 추가"
)
"""Verbs whose object may be a file, or go into one that is there."""
MOVES = _words("move rename port copy migrate")
"""Verbs whose object goes to another place: only that place is written."""
PUTS = (
    ADDS
    | MOVES
    | _words("implement define integrate include put place register extract adjust wire expose document store")
    | _words("apply introduce replace convert enable disable inject hook support split remove record handle set setup")
)
"""Verbs whose object goes into a file: only ``in`` and its like name one."""
_ASIDE = _words(
    "read verify keep preserve remove review check reference run no leave context skip validate ensure confirm execute"
    " study understand familiarize analyze analyse explore investigate inspect look see examine research trace consult"
    " audit inventory compare use profile measure benchmark"
    " 验证 驗證 运行 检查 确认 执行 阅读 分析 研究 調査 確認 実行 検証 확인 실행 검증"
    " vérifier exécuter lancer verificar ejecutar revisar executar prüfen prüfe ausführen testen проверить запустить"
)
"""Words ahead of a file that nothing is to be done to."""
_ACTION_OF = {**SURE, **dict.fromkeys(ADDS, Action.CREATE), "test": Action.TEST, "tests": Action.TEST}
UNSPACED = r"[^\x00-\u10ff\u1e00-\u1fff]"
"""Letters of scripts that put no blank between a path and the next word: those that Unicode has behind the scripts of
Europe and India. The other way round, re takes ten times as long to compile it."""
_LEFT_ALONE = re.compile(
    r"\b(?:unchanged|untouched|left alone|(?:stays|kept|left) as (?:it )?is"
    r"|(?:do )?(?:not|don't|never) (?:be )?(?:touch|chang|modif|edit|creat)\w*(?: this| it)?"
    r"|out of scope|"
    r"(?:for )?reference(?: only)?"
    r"|read[- ]only|no changes?|без изменений(?: \w+)?|unverändert|sin cambios|sans changement"
    r"|(?:nicht|ne pas|no|não|не) (?:ändern|anfassen|modifier|toucher|modificar|tocar|alterar|изменять|трогать))\b"
    r"|変更(?:不要|なし)|(?:无需|不要)修改",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;,.():]|[ \t][—–-][ \t]")
_EMPTY = {"none", "-", "n/a", "na", "nothing", "n.a.", "—", "tbd", "no"}
_MARK = r"(?:[(\[（]|[—–-] (?:\*\*|(?-i:(?=[A-Z]{3}))))"
_MARKS = {
    Action.CREATE: re.compile(rf"{_MARK}(?:new|create|neue?\b|nuev[oa]|nouveau|novo\b|新|创建|нов)|🆕", re.IGNORECASE),
    Action.MODIFY: re.compile(rf"{_MARK}(?:modif|updat|geänder|actuali|修|更新|変更|измен)|📝|✏", re.IGNORECASE),
    Action.DELETE: re.compile(rf"{_MARK}(?:delet|remov|删)|🗑", re.IGNORECASE),
}
"""Marks beside a path, by what they say of it."""
_BULLET = re.compile(rf"[ \t>]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)?(?:{BOX}[ \t]+)?")
_VERB = re.compile(
    rf"[*_\[(`]*([^\W\d_]+)(?: (?:new )?files?)?(?:(?=[\s:：*\])]|__?[\s:：])|(?<={UNSPACED})(?=`))"
    r"[*_\])]*[ \t]*[:：]?[*_]*[ \t]*"
)
_QUOTED = re.compile(r"`([^`]+)`|\*\*([^*`]+)\*\*")
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)\)")
_PARENS = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
JOINT = re.compile(
    rf"[ \t]*(?:{_PARENS.pattern}[ \t]*)?(?:[,、\uff0c和及と]|,? ?(?:and(?:/or)?|y|e|et|und|и)\b|&|\+|/)[ \t]*"
    r"(?:(?:new|neue[rs]?)[ \t](?:\w+[ \t])?)?"
)
"""What joins paths to one list."""
_NEXT = re.compile(r"(?:;| and|,? then)[ \t]+(?=(?:create|modify|update|delete|test|add):?[ \t]+`)", re.IGNORECASE)
"""What stands between one list of files and the next of the same line: ``Create `a.py`; Test `test_a.py` ``."""
_MOVED = re.compile(r"[ \t]*(?:→|[-=]+>)[ \t]*")
"""What stands between a file and the place that it is moved to."""
_AFTER = re.compile(
    r"[ \t]*(?:\([ \t]*)?((?:lines?|l\.)[ \t]*~?\d[\d,–\- ]*\d|(?:lines?|l\.)[ \t]*~?\d+)\)?", re.IGNORECASE
)
_INSIDE = re.compile(r"`?[ \t]*(?:in|under|inside)[ \t]+(?:the[ \t]+)?`?((?:[\w.-]+/)+)(?=[`\s,.;:)]|\Z)")
_BARE = re.compile(r"[~./\\A-Za-z0-9_{*][^\s,;()`]*")
LOCAL = re.compile(r"file://(?:/(?=[A-Za-z]:))?")
"""What stands ahead of an absolute path in a link to a file of one's own machine."""
_FILE_NAME = re.compile(r"`([\w-]+\.[A-Za-z]\w{0,9}|[A-Z][\w-]*file|[A-Z]{4,})`(?![\w(])")
_INTO = frozenset({"add", "Add", "new", "New", "write", "Write"})
_MAX_NOTE = 1_000
"""Each path of a line keeps its note: what is longer is a chapter, no note."""


class Declared(NamedTuple):
    """One path in a line, with its action, note and fault.

    ``inside`` says that what is added goes into the file (``add `parse()` ``): a file that is there is modified.
    """

    file: DeclaredFile
    fault: str
    inside: bool = False


def declared_in(text: str, line: int, action: Action) -> Iterator[Declared]:
    """Yield the paths a bullet, a table row or a label's value declares.

    Args:
        text: The line.
        line: Its number in the guide.
        action: What the label says; a leading verb or ``(NEW)`` says it better.
    """
    rest = unlinked(text[_BULLET.match(text).end() :])  # type: ignore[union-attr]  # matches the empty string
    if rest.startswith("|"):
        yield from _in_table(rest, line, action)
        return
    rest, *others = _NEXT.split(rest)
    yield from _in_clause(rest, line, action)
    for other in others:
        yield from _in_clause(other, line, action)


def _in_clause(rest: str, line: int, action: Action) -> Iterator[Declared]:
    verb = _VERB.match(rest)
    word = verb[1].lower() if verb else ""
    if is_aside(word) or _is_empty(rest) or _is_left_alone(rest):
        return
    sure = False
    said = of_verb(word, _ACTION_OF)
    if verb and said and not read_path(verb[0].strip("`*: ")):
        sure = ":" in verb[0] or "：" in verb[0]
        action, rest = said, rest[verb.end() :]
    found = (_only_name(rest, line, action) if sure else ()) or _in_words(rest, line, action)
    inside = word in _INTO and _names_a_thing(rest)
    yield from (each._replace(inside=True) for each in found) if inside else found


def ends_of(path: str) -> Iterator[str]:
    """Yield how a step may name a declared file: with fewer of its directories, of which a path has not that many."""
    for _ in range(path.count("/", 0, 1_000)):
        path = path.partition("/")[2]
        yield path


def of_verb(word: str, actions: Mapping[str, Action]) -> Action | None:
    """Return what a verb does to its file; in a script without blanks more may stand behind it (``作成する``)."""
    return actions.get(word) or (None if any(map(str.isascii, word)) else actions.get(word[:2]))


def is_aside(word: str) -> bool:
    """Return whether what stands behind such a word stays as it is."""
    return word in _ASIDE or (not word.isascii() and word[:2] in _ASIDE)


def _is_left_alone(rest: str) -> bool:
    """Return whether the words before a path, or all that follows it, say that it stays as it is."""
    ahead, quote, behind = rest.partition("`")
    note = _CLAUSE.split(_note(behind.partition("`")[2].lstrip(" ,(（")), maxsplit=1)[0].strip("* ）")
    return bool(quote) and (
        (re.search("[:：]", ahead) is not None and bool(_LEFT_ALONE.search(ahead))) or bool(_LEFT_ALONE.fullmatch(note))
    )


def _is_empty(rest: str) -> bool:
    word = rest.strip().strip("`*_()[].").partition(" ")[0].rstrip(",:;.").lower()
    return word in _EMPTY or not rest.strip() or (word == "all" and "`" not in rest)


def _by_mark(rest: str, action: Action) -> Action:
    return next((said for said, mark in _MARKS.items() if mark.search(rest)), action)


def _names_a_thing(rest: str) -> bool:
    """Return whether the first thing in backticks is no path: a function, a class, an option."""
    first = _QUOTED.search(rest)
    return first is not None and read_path(first[1] or "") is None


def _in_table(row: str, line: int, action: Action) -> Iterator[Declared]:
    cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
    words = {word.strip("*_`()[]:").lower() for cell in cells for word in cell.split()[:1]}
    said = next((_ACTION_OF[word] for word in sorted(words) if word in _ACTION_OF), action)
    inside = any(_goes_inside(*cell.partition(" ")[::2]) for cell in cells)
    for cell in cells:
        found = _in_words(cell, line, said, bare=_BARE.fullmatch(cell) is not None)
        yield from (each._replace(inside=inside) for each in found)


def _goes_inside(word: str, rest: str) -> bool:
    """Return whether a cell adds something to a file, and not the file itself."""
    thing = (
        rest and word in {"Add", "add"} and "file" not in rest and read_path(rest.partition(" ")[0].strip("`")) is None
    )
    return bool(thing) or (word in _INTO and _names_a_thing(rest))


def _in_words(text: str, line: int, action: Action, *, bare: bool = True) -> Iterator[Declared]:
    tokens = [(found[1] or found[2], found.start(), found.end()) for found in _QUOTED.finditer(text)]
    first = next((i for i, token in enumerate(tokens) if read_path(token[0])), None)
    if first is None:
        if bare:
            yield from _bare(text, line, _by_mark(text, action))
        return
    aside = [found.span() for found in _PARENS.finditer(text, tokens[first][2])]
    tokens[first + 1 :] = [
        each for each in tokens[first + 1 :] if not any(start < each[1] < end for start, end in aside)
    ]
    last = first
    while last + 1 < len(tokens) and JOINT.fullmatch(text, tokens[last][2], tokens[last + 1][1]):
        last += 1
    note = _note(text[tokens[last][2] :])
    action = _by_mark(text[: tokens[first][1]], action)
    found: list[Declared] = []
    stop = len(text)
    to = read_path(tokens[last + 1][0]) if last + 1 < len(tokens) else None
    if to and _MOVED.fullmatch(text, tokens[last][2], tokens[last + 1][1]):
        found, action, stop = [_declare(to, None, line, Action.CREATE, note)], Action.DELETE, tokens[last + 1][1]
    for token, start, end in reversed(tokens[first : last + 1]):  # a mark holds for those before it, too
        path, action = read_path(token), _by_mark(text[end:stop], action)
        found += [_declare(path, _AFTER.match(text, end), line, action, note)] if path else []
        stop = start
    yield from reversed(found)


def _only_name(rest: str, line: int, action: Action) -> tuple[Declared, ...]:
    """Read what stands alone behind ``Create:`` as a file, also with an ending or a name that nobody knows."""
    found = _FILE_NAME.match(rest.strip())
    if not found or read_path(found[1]):
        return ()
    return (Declared(DeclaredFile(found[1], action, line, _note(rest.strip()[found.end() :])), ""),)


def unlinked(text: str) -> str:
    """Return a text in which each link to a file is that file, in backticks."""
    return _LINK.sub(_linked, text) if "](" in text else text


def _linked(found: re.Match[str]) -> str:
    local = LOCAL.match(found[2])
    text, target = found[1].strip("`"), found[2][local.end() :] if local else found[2]
    said, to = read_path(text), read_path(target)
    whole = said is None or (to is not None and (local or not to.fault) and ends_with(to.path, said.path))
    return f"`{target if whole else text}`" if said or to else found[0]


def _bare(text: str, line: int, action: Action) -> Iterator[Declared]:
    joint: re.Match[str] | None = None
    while found := _BARE.match(text, joint.end() if joint else 0):
        path = read_path(found[0].rstrip(":.,*"))
        if not path or not (joint or EXTENSION.search(path.path) or path.path.endswith("/") or path.fault):
            return
        yield _declare(path, _AFTER.match(text, found.end()), line, action, _note(text[found.end() :]))
        joint = JOINT.match(text, found.end())
        if joint is None:
            return


def _declare(path: Path, behind: re.Match[str] | None, line: int, action: Action, note: str) -> Declared:
    after = behind or _AFTER.match(note)
    lines = path.lines or (after[1] if after else None)
    return Declared(DeclaredFile(in_directory(path.path, note), action, line, note, lines), path.fault)


def in_directory(path: str, behind: str) -> str:
    """Return a file's name with the directory that stands behind it: ``a.py in `src/` ``."""
    inside = _INSIDE.match(behind) if "/" not in path else None
    return inside[1] + path if inside else path


def _note(text: str) -> str:
    return text.strip().lstrip("-—–:→ ").strip()[:_MAX_NOTE]
