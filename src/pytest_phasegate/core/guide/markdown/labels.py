"""Field labels: the closed list of words that begin a field, in every shape authors write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pytest_phasegate.core.guide.markdown.lexing import BOX

_ALIASES: dict[str, str] = {
    "goal": "goal objective purpose aim",
    "duration": "duration|duration estimate|estimated duration|estimated time|time estimate|estimate"
    "|estimated effort|effort",
    "create": "create|new",
    "modify": "modify|modified|updated|enhance|extend|expand",
    "delete": "delete",
    "files": "touch|module|target|script"
    "|file change|where|location|files/module|changed surface|deliverable|artifact|artefact|output file",
    "aside": "remove|read|reference|files not to touch|target module",
    "tests": "red|red phase|tests first|tdd - test first",
    "criteria": "success criteria|acceptance criteria|exit criteria|completion criteria|done when|definition of done"
    "|validation criteria|verification criteria|acceptance"
    "|success criterion|acceptance criterion|criteria|success metric|quality gate",
    "coverage": "coverage|coverage target|target coverage|test coverage|coverage goal|minimum coverage"
    "|coverage requirement",
    "status": "status|state|progress|approval status",
    "depends": "depends on|depends|dependency|dependencies|requires|blocked by|prerequisite|prerequisites|depends upon",
    "kind": "kind|phase kind|type|phase type",
}
_TRANSLATED: dict[str, str] = {
    "goal": "目标|目的|目標|목표|목적|ziel|objectif|objetivo|цель",
    "create": "erstelle|erstellen|anlegen|crear|créer|criar|创建|新建|作成|생성|создать",
    "files": "ubicación|emplacement|localização|speicherort|位置|場所|위치|расположение"
    "|artefato|artefacto|entregable|entregável|entregáveis|livrable|结果物|交付物|产出|产出物|成果物"
    "|결과물|산출물|liefergegenstand",
    "tests": "testfälle|单元测试|単体テスト|단위 테스트|юнит-тесты",
    "criteria": "验收标准|成功标准|成功指标|完成标准|受け入れ基準|完了条件|成功基準|완료 기준|수용 기준|성공 기준"
    "|akzeptanzkriterien|erfolgskriterien|abnahmekriterien|critère d'acceptation|critère de succè"
    "|criterio de aceptación|criterio de éxito|critério de aceitação|critério de sucesso|критерии приёмки"
    "|критерии приемки|критерии успеха|критерии готовности|критерии|kriterien|critère|criterio|critério",
    "coverage": "覆盖率|覆蓋率|测试覆盖率|カバレッジ|커버리지|testabdeckung|abdeckung|couverture|cobertura|покрытие",
    "commit": "提交|git提交|git 提交|提交说明|提交信息|提交消息|コミット|コミットメッセージ|커밋|커밋 메시지"
    "|commit-nachricht|message de commit|mensaje de commit|mensagem de commit|коммит|сообщение коммита",
    "depends": "依赖|依赖关系|前置条件|依存|依存関係|의존|의존성|abhängigkeit|abhängigkeiten|hängt ab von|dépendance"
    "|dépend de|dependencia|dependência|depende de|зависимости|зависит от",
}
_OF_FILES = {
    "file": "file module fichier datei dateien archivo arquivo pliki bestanden dosya dosyalar файл"
    " файлы 文件 ファイル 파일",
    "test": "test prueba teste тест тесты 测试 测试用例 用例 テスト テストケース 테스트 케이스",
    "create": "create created add added new créer nouveau nouveaux crear nuevo criar novo neue neuen erstellende nowe"
    " nieuwe yeni"
    " создать создания новые новый 新 新建 创建 新增 新規 作成 생성 생성할 새",
    "modify": "modify modified change edit fix update updated extend modifier modifié modificar modificado geändert"
    " geänderte ändernde изменяемые изменить изменения 修改 变更 変更 修正 수정 수정할",
    "delete": "delete deleted",
    "aside": "remove read review check verify keep reference inspect study leave key run skip",
    "there": "existing",
    "write": "write implement required failing unit unitaire unitario unitaria unitário integration acceptance"
    " regression e2e end first case function red fehlschlagende fehlschlagenden schreiben schreibende écrire requis cas"
    " caso requerido requerida adicional escribir escrever написать написания"
    " 编写 需要编写 追加 작성할",
    "": "to be the of and or a à de zu для 的 する 할 changed affected impact impacted involved touch touched"
    " expected planned likely implementation target 实现 実装 구현 范围 场景 method methode methoden método"
    " concerned attendu concerné prévu esperado afectado afetado previsto erwartete betroffene затрагиваемые"
    " alvo 涉及 相关 预期 预计 対象 関連 관련 대상",
}
"""Words of labels of files and tests, by what each says: such a label may be made of any of them."""
_WORDS = {word: said for said, words in _OF_FILES.items() for word in words.split()}
_LETTERS = sorted((word for word in _WORDS if word[0] > "\u2fff"), key=len, reverse=True)
_WORD = re.compile(f"{'|'.join(_LETTERS)}|[^\\W_]+|[_.`]")
_COMMIT = re.compile(
    r"(?:(?:suggested|proposed|git|final|single|checkpoint) )*commits?(?: (?:message|subject|change|suggestion)s?)*"
    r"(?: (?:after|at the end of) .*)?"
)
_BOTH = re.compile(r"[/&]|\band\b")
_AHEAD, _BEHIND = re.compile(r"[^\w(]*"), re.compile(r"[^\w)]*")
_BULLET = re.compile(rf"(?:[-*+]|\d{{1,9}}[.)])[ \t]+(?P<box>{BOX}[ \t]+)?")
_STEP = re.compile(
    r"(?:\*\*)?(?:(?:Step|Schritt|Étape|Paso|Passo|Шаг|步骤|ステップ)[ \t]*)?"
    r"\d+(?:\.\d+)*[ \t]*[:：.)—–-](?!\d)[ \t]*(?:\*\*)?[ \t]*(?=\S)",
    re.IGNORECASE,
)
_CYCLE = re.compile(r"\W*(?:green|refactor)\W*", re.IGNORECASE)
"""What comes behind the red of a cycle: it ends the tests."""
_SENTENCE = re.compile(r"(depends (?:up)?on|blocked by|(done) when)[ \t]+(\S.*)", re.IGNORECASE)
_COMMITTED = re.compile(
    r"(?:[^`\"';]{1,80}(?:;|,? then| and)[ \t]*|\*\*[^*`]{1,20}:[ \t]*)?"
    r"commit(?:[ \t]+(?:with(?:(?: the)? message)?|as|changes|all))?[ \t:(*—–-]{1,4}"
    r"(?=[`\"'](?P<typed>[a-z]+(?:\([^()]*\))?!?:)?[^`\"'\s]*[ \t])|(?=`git commit )",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\d{1,3}[.)][ \t]+")
_WHOSE = re.compile(r"\A[^\W\d_]+ \d+ | [^\W\d_]+ \d+\Z")
_MAX_PLAIN = 40
_MARKED = re.compile(r"[*_]*\[([^\W\d_]{2,10})\][*_]*[ \t]+(\S.*)")
"""A heading that is a file: ``[NEW] path``, ``[MODIFY] [name](link)``."""
_DEEDS = frozenset({"create", "modify", "delete"})
_NAMED = re.compile(r"\[[^\[\]]+\]\([^()\s]+\)|`[\w./\\-]*(?:[./][\w-]+|/)`")
_NUMBER = re.compile(r"\A(?:\d+(?:\.\d+)+|[A-Z]\d{1,2}[.:]?)[ \t]+")
_ONE_FILE = re.compile(r"[^\W\d_]+[ \t]+`[\w./\\-]*[./][\w-]+`")
"""A heading that is a word and a file: ``2.1 Script `src/a.py` ``, ``Update `src/a.py` ``."""
_DONE = r"(?:(?:[(\[（]|[—–-][ \t]+\*\*)([^\W\d_]+)(?:[)\]）]|(?: file)?\*\*)|[—–-][ \t]+([A-Z]{3,})\b.*)"
_MARKED_FILE = re.compile(rf"`[\w./\\-]*[./][\w-]+`[ \t]*{_DONE}")
"""A file with what is done to it behind: `` `src/a.py` [NEW]``, `` `src/a.py` — MODIFY``."""
_FILE_IN_PAREN = re.compile(r"`[\w./\\-]*[./][\w-]+`|[\w.-]+/[\w./-]*\.[a-z]\w{1,4}")
_SAYS_WHY = re.compile(
    r"(?:why|how|what|current|today|background|problem|issue|before|example|context)\b", re.IGNORECASE
)
"""What a heading with a file begins with that only speaks of it."""
_PAREN = re.compile(r"[ \t]*\(((?:[^()]|\([^()]*\))*)\)")
_IN = re.compile(r"(?:(?:go|live|belong|stand)[ \t]+)?in(?:to)?[ \t]+`[^`]+`(?=[ \t]*(?:[:：]|\Z))")


def _singular(label: str) -> str:
    return " ".join(word if word.endswith("ss") else word.removesuffix("s") for word in label.split())


KINDS: dict[str, str] = {
    _singular(name): kind
    for aliases in (_ALIASES, _TRANSLATED)
    for kind, names in aliases.items()
    for name in (names.split("|") if "|" in names else names.split())
}
"""The kind of field of each known label, by its singular."""


class Label(NamedTuple):
    """A label at the start of a line: its kind (empty when unknown), its text, the parenthesis and the value behind."""

    kind: str
    text: str
    hint: str
    value: str
    bullet: bool = False
    box: bool = False


@lru_cache(maxsize=2048)
def kind_of(text: str) -> str:
    """Return the kind of field that a label names, or nothing; case, number and decoration do not matter.

    Nor does whose it is: *Deliverables Phase 1*, *Phase 1 tests*.
    """
    bare = _undecorated(_undecorated(text.lower(), _AHEAD)[::-1], _BEHIND)[::-1]
    bare = " ".join(bare.split())
    if _COMMIT.fullmatch(bare):
        return "commit"
    found = (KINDS.get(_singular(said)) or _composed(said) for said in (bare, _WHOSE.sub("", bare)))
    return next(filter(None, found), "")


def _composed(text: str) -> str:
    """Return the kind of a label whose every word speaks of files or tests and of what is done to them."""
    said = {
        _WORDS.get(word.removesuffix("s"), _WORDS.get(word.removesuffix("es"), _WORDS.get(word, "?")))
        for word in _WORD.findall(text)
    }
    if "?" in said or not said & {"file", "test"}:
        return ""
    deeds = said & _DEEDS
    if "aside" in said or ("there" in said and not deeds) or ("test" in said and "delete" in said):
        return "aside"
    if "test" in said and ("file" not in said or not _BOTH.search(text)):
        return "tests"
    return "" if "write" in said else min(deeds) if len(deeds) == 1 else "files"


def _undecorated(text: str, decoration: re.Pattern[str]) -> str:
    found = decoration.match(text)
    return text[found.end() :] if found else text


@lru_cache(maxsize=2048)
def read_label(line: str) -> Label | None:
    """Read the label that a line starts with; plain words count only when they are known."""
    stripped = line.strip(" \t")
    said = _SENTENCE.match(stripped)
    if said:
        return Label("criteria" if said[2] else "depends", said[1], "", said[3])
    bullet = _BULLET.match(stripped)
    rest = stripped[bullet.end() :] if bullet else stripped
    box = bullet is not None and bullet["box"] is not None
    label = _step(rest) or (_bold(rest) if rest.startswith(("**", "__")) else _plain(rest) or _at_the_end(rest))
    if label is None and bullet:
        label = _committed(rest, sure=box) or _written(rest)
    if label is None or bullet is None:
        return label
    return label._replace(bullet=True, box=box)


def _committed(rest: str, *, sure: bool) -> Label | None:
    """Read an item that says ``Commit `feat: x` ``, without a colon; of a box also another subject, or the command."""
    said = _COMMITTED.match(rest)
    return Label("commit", "Commit", "", rest[said.end() :].rstrip(" .)")) if said and (sure or said["typed"]) else None


def _written(rest: str) -> Label | None:
    """Read an item that says ``Write the failing test`` and no more: its code stands below."""
    said = rest.rstrip(":： *")
    return Label("tests", said, "", "") if said.lower().startswith("write ") and kind_of(said) == "tests" else None


def _step(rest: str) -> Label | None:
    """Read ``Step 1: Write the failing test``; what a step in bold holds is read by the dialect that has such steps."""
    step = None if rest.startswith("**") else _STEP.match(rest)
    if step is None:
        return None
    said = rest[step.end() :].rstrip(":： *")
    return Label(kind_of(said), said, "", "")


def file_heading(text: str) -> Label | None:
    """Read a heading that is a file, with what is to be done to it in brackets."""
    marked = _MARKED.match(text)
    if marked is None:
        return None
    kind = kind_of(marked[1])
    if kind in _DEEDS:
        return Label(kind, marked[1], "", marked[2])
    return Label("files", marked[1], "", f"{marked[1]} {marked[2]}") if _NAMED.match(marked[2]) else None


def is_marked_file(text: str) -> bool:
    """Return whether a text is a file and what is to be done to it."""
    marked = _MARKED_FILE.fullmatch(text)
    return marked is not None and (marked[1] is None or _WORDS.get(marked[1].lower()) in _DEEDS)


def heading_label(text: str) -> Label:
    """Read a heading below the unit's own as a label."""
    file = file_heading(text)
    if file:
        return file
    bare = text.strip("*_ \t").rstrip(":：").rstrip("*_ \t")
    step = _STEP.match(bare)
    bare = _NUMBER.sub("", bare[step.end() :] if step else bare)
    label, hint = _without_paren(bare)
    if _ONE_FILE.fullmatch(bare) or is_marked_file(bare):
        return Label("files", "", "", bare)
    head, colon, value = label.partition(":")
    if colon and kind_of(head):
        return Label(kind_of(head), head, hint, value.strip())
    if not kind_of(label) and _FILE_IN_PAREN.fullmatch(hint) and not _SAYS_WHY.match(label):
        tests, hint = label.lower().endswith(("test", "tests")), f"`{hint.strip('`')}`"
        return Label("tests" if tests else "files", label, "", hint if tests else f"{label} {hint}")
    return Label(kind_of(label), label, hint, "")


def _bold(rest: str) -> Label | None:
    marks = rest[:2]
    end = rest.find(marks, 2)
    if end < 0:
        return None
    inner, after = rest[2:end].strip(), rest[end + 2 :]
    head, _, said = inner.partition(":")
    if said.strip() and not after.strip() and (kind_of(head) or _CYCLE.fullmatch(head)):
        return Label(kind_of(head), head, "", said.strip())
    number = _LISTED.match(inner)
    text, hint = _without_paren((inner[number.end() :] if number else inner).rstrip(":： "))
    known = kind_of(text)
    colon = inner.endswith((":", "：", ".") if known else (":", "："))
    value, parted, beside = _after(after, _ENDS | _DASHES if known else _ENDS)
    known = known or ("create" if text.lower().startswith("new ") and _NAMED.match(value) else "")
    deed = known in _DEEDS and inner.startswith("[")
    if not colon and not parted and not deed and not (known and not value):
        return None
    return Label(known, text, hint or beside, value)


_ENDS, _DASHES = frozenset(":："), frozenset("—–-→")  # what stands behind a label; a dash only behind one that is known


def _after(rest: str, ends: frozenset[str] = _ENDS) -> tuple[str, bool, str]:
    """Read what follows a label, a colon and a parenthesis in either order, then the value: it, and what these are."""
    colon, hint = False, ""
    rest = rest.lstrip(" \t")
    for _ in range(3):
        paren = _PAREN.match(rest)
        place = None if colon else _IN.match(rest)
        if rest[:1] in ends and not colon:
            colon, rest = True, rest[1:].lstrip(" \t")
        elif paren and not hint and (colon or rest[paren.end() :].lstrip()[:1] in {*ends, ""}):
            hint, rest = paren[1], rest[paren.end() :].lstrip(" \t")
        elif place and not hint:
            hint, rest = place[0], rest[place.end() :].lstrip(" \t")
    return rest.strip(" \t"), colon, hint


def _plain(rest: str) -> Label | None:
    head, colon, value = rest.partition("：" if "：" in rest[:_MAX_PLAIN] else ":")
    text, hint = _without_paren(head)
    if not colon or len(text) > _MAX_PLAIN or not kind_of(text):
        return None
    value, _, beside = _after(value)
    return Label(kind_of(text), text, hint or beside, value)


def _at_the_end(rest: str) -> Label | None:
    """Read a label that is the last sentence of a paragraph: ``Add `a.py`. Tests in `test_a.py`:``."""
    sentence = rest.rpartition(". ")[2] if rest.endswith((":", "：")) else rest
    return _plain(sentence) if sentence != rest else None


def _without_paren(text: str) -> tuple[str, str]:
    """Return a label without the parenthesis, or the place (``in `src/` ``), at its end; and that."""
    place = _IN.search(text)
    if place and kind_of(text[: place.start()]):
        return text[: place.start()].strip(), place[0]
    head, paren, tail = text.partition("(")
    if not paren or not tail.rstrip().endswith(")"):
        return text.strip(), ""
    return head.strip(), tail.rstrip()[:-1].strip()
