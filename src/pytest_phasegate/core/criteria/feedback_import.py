"""What reviewers said, out of the documents of others: of ``gh``, GitHub's REST interface, CodeRabbit, plain ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_phasegate.core.criteria.feedback import FENCED, WIDE, Comment, Priority
from pytest_phasegate.core.project.plain_values import Foreign, name_of

_P0, _P1, _P2 = Priority
_LONGEST = 4000  # characters of a comment that are kept
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.IGNORECASE)
_OF_FILE = re.compile(r"\s*`?([^\s`]+\.[\w.-]+|[^\s`]+/[^\s`]+)`?\s*\(\d+\)\s*")
_ENTRY = re.compile(r"`(\d{1,9})(?:\s*[-–,]\s*\d+)*`\s*:\s*(.*)")
_PLACED = re.compile(r"([^\s:]{1,250}(?:\.[A-Za-z]\w{0,9}|/[^\s:]{1,99})):(\d{1,9})(?::\d+)?:?\s+(.*)", re.DOTALL)
_OF_MACHINES = ("auto-generated comment: summarize by coderabbit", "walkthrough_start", "codecov[bot]")
_WORDS = (
    (_P0, re.compile(r"\bP0\b")),
    (_P1, re.compile(r"\bP1\b")),
    (_P2, re.compile(r"\bP[23]\b")),
    (_P0, re.compile(r"_[^_\n]*\b(?:critical|major)\b[^_\n]*_|\U0001f534|\U0001f7e0", re.IGNORECASE)),
    (_P1, re.compile(r"_[^_\n]*\bminor\b[^_\n]*_|\U0001f7e1", re.IGNORECASE)),
    (_P2, re.compile(r"_[^_\n]*\btrivial\b[^_\n]*_|\U0001f535", re.IGNORECASE)),
    (_P0, re.compile(r"potential issue", re.IGNORECASE)),
    (_P2, re.compile(r"nit ?pick|\U0001f9f9|\(non-blocking\)", re.IGNORECASE)),
    (_P1, re.compile(r"refactor suggestion|\U0001f6e0|hammer_and_wrench", re.IGNORECASE)),
    (_P0, re.compile(r"\A\W*(?:blocker|blocking|critical|must[ -]fix)\b|\A[^\n:]{0,40}\(blocking\)", re.IGNORECASE)),
    (_P1, re.compile(r"\A\W*(?:issue|bug|todo|important)\b[^\n:]{0,20}:", re.IGNORECASE)),
    (_P2, re.compile(r"\A\W*(?:nit|suggestion|question|thought|note|praise|optional|typo|polish)\b", re.IGNORECASE)),
)
"""What the head of a comment says of its priority; the first that is found decides."""
_GIVEN = ((_P0, "p0 blocker critical"), (_P1, "p1 high major important"), (_P2, "p2 p3 medium low minor trivial info"))
_NAMED = {word: priority for priority, words in _GIVEN for word in words.split()}


def remarks(document: Foreign) -> tuple[Comment, ...]:
    """Return what a document holds, in its order.

    Raises:
        PhasegateError: It is none that we know, or a value in it is of another kind.
    """
    if isinstance(document.value, dict):
        if not {"comments", "reviews", "body", "text"} & document.value.keys():
            raise document.unfit("the JSON of `gh pr view --json comments,reviews`, or a list of comments")
        if {"body", "text"} & document.value.keys():
            return tuple(_of_item(document))
        reviews = [*document.at("reviews").items()]
        return (*_of_reviews(reviews), *(one for item in document.at("comments").items() for one in _of_item(item)))
    if document.value is None:
        raise document.unfit("a list of comments")
    items = [inner for item in document.items() for inner in (item.items() if isinstance(item.value, list) else [item])]
    reviews = [item for item in items if _is_review(item)]
    others = [item for item in items if not _is_review(item)]
    return (*_of_reviews(reviews), *(one for item in others for one in _of_item(item)))


def _is_review(item: Foreign) -> bool:
    return item.has("state") and (item.has("submitted_at") or item.has("submittedAt"))


def _of_reviews(reviews: list[Foreign]) -> Iterator[Comment]:
    """Yield the remarks of whole reviews; one whose author approved later was taken back by that."""
    approved = [(_author(one), place) for place, one in enumerate(reviews) if _state(one) == "APPROVED"]
    for place, one in enumerate(reviews):
        author, state, body = _author(one), _state(one), one.text("body")
        wants = state in {"CHANGES_REQUESTED", "DISMISSED"}
        parts = tuple(_of_sections(one, body))
        yield from parts
        if not wants and (parts or not _clean(body) or "Actionable comments posted" in body):
            continue
        later = any(who == author and place < at for who, at in approved)
        back = "dismissed" if state == "DISMISSED" else f"{author} approved later" if wants and later else ""
        priority = (_P0, "changes requested") if wants else _priority(body, _P2)
        text = _clean(body) or "changes requested, without a word"
        yield _remark(one, text, priority, author=author, withdrawn=back)


def _state(review: Foreign) -> str:
    return review.text("state").upper()


def _of_sections(review: Foreign, body: str) -> Iterator[Comment]:
    """Yield the comments that CodeRabbit folds into a review: by section, by file, by lines."""
    kind, path = "", ""
    found: list[tuple[str, str, int, list[str]]] = []
    for raw in body.split("\n"):
        line = raw[:WIDE].lstrip("> \t")
        summary = _SUMMARY.search(line)
        entry = _ENTRY.match(line)
        of_file = _OF_FILE.fullmatch(summary[1]) if summary else None
        if of_file:
            path = of_file[1]
        elif summary and re.search(r"comments?\s*\(\d+\)", summary[1], re.IGNORECASE):
            kind, path = summary[1], ""
        elif entry and path:
            found.append((kind, path, int(entry[1]), [entry[2]]))
        elif "</blockquote>" in line:
            path = ""
        elif found and path:
            found[-1][3].append(raw)
    for kind, path, line_number, lines in found:
        text = _clean("\n".join(lines))
        priority = _priority(text, None) or _priority(kind, None) or (_P1, "about a line")
        yield _remark(review, text, priority, path=path, line=line_number, key_of=f"{path}\0{line_number}\0{text}")


def _of_item(item: Foreign) -> Iterator[Comment]:
    if isinstance(item.value, str):
        placed = _PLACED.fullmatch(item.value.strip())
        path, line, text = (placed[1], int(placed[2]), placed[3]) if placed else ("", None, item.value)
        if text.strip():
            yield _remark(item, _clean(text), _priority(text, _P1 if path else _P2), path=path, line=line)
        return
    if item.has("in_reply_to_id"):
        return
    body = item.text("body", "text", "comment", "message")
    path = item.text("path", "file")
    text = _clean(body)
    if not text or any(mark in body for mark in _OF_MACHINES):
        return
    named = item.text("priority", "severity")
    given = _NAMED.get(named.lower())
    if named and given is None:
        raise item.at("priority" if item.has("priority") else "severity").unfit("P0, P1 or P2")
    priority = (given, f"given as {named}") if given else _priority(text, _P1 if path else _P2)
    line = item.number("line", "original_line", "start_line")
    yield _remark(item, text, priority, path=path, line=line, withdrawn=_withdrawn(item, body))


def _withdrawn(item: Foreign, body: str) -> str:
    """Return how the reviewer took a comment back: hidden, or, as CodeRabbit writes, addressed."""
    if item.value.get("isMinimized") is True:
        return f"hidden on GitHub: {item.text('minimizedReason') or 'no reason'}"
    if item.value.get("isResolved") is True or item.value.get("resolved") is True:
        return "resolved by the reviewers"
    found = re.search(r"^✅ Addressed in commits? ([0-9a-f]{7,40})", body, re.MULTILINE)
    return f"the reviewer says: addressed in {found[1]}" if found else ""


def _remark(
    item: Foreign,
    text: str,
    priority: tuple[Priority, str] | None,
    *,
    path: str = "",
    line: int | None = None,
    author: str = "",
    withdrawn: str = "",
    key_of: str = "",
) -> Comment:
    given, why = priority or (_P2, "nothing says more")
    if isinstance(item.value, str):
        return Comment(0, name_of(path, line, text)[:20], text, given, why, path=path, line=line)
    author = author or _author(item)
    own = _identity(item)
    key = f"{own}#{name_of(key_of)[:20]}" if key_of and own else own or name_of(path, line, author, key_of or text)[:20]
    at = item.text("createdAt", "created_at", "submittedAt", "submitted_at", "at")
    url = item.text("url", "html_url") if not key_of else item.text("html_url")
    return Comment(0, key, text, given, why, author, path, line, url, at, closed=withdrawn)


def _identity(item: Foreign) -> str:
    """Return what GitHub calls this comment or review in every format; nothing for a plain one."""
    names = (item.value.get(name) for name in ("node_id", "id"))
    return next((str(name) for name in names if (isinstance(name, str) and name) or type(name) is int), "")


def _author(item: Foreign) -> str:
    for name in ("author", "user"):
        if item.has(name):
            inner = item.at(name)
            return inner.value if isinstance(inner.value, str) else inner.text("login", "name")
    return ""


def _clean(body: str) -> str:
    lines = (line.rstrip() for line in _HIDDEN.sub("", body).strip().split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _priority(text: str, default: Priority | None) -> tuple[Priority, str] | None:
    """Return the priority that the head of a comment gives, and by which words."""
    bare = [line for line in FENCED.sub("", text).split("\n") if line.strip()]
    head = "\n".join(bare[:3])[:400]
    for priority, words in _WORDS:
        found = words.search(head)
        if found:
            return priority, found[0].strip(" _*\n")
    return (default, "about a line" if default is _P1 else "about the whole") if default else None
