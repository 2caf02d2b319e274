from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pytest_phasegate.core.guide.markdown.blocks import Mark, read_blocks
from pytest_phasegate.core.guide.markdown.document import read_document

ORACLE = MarkdownIt("commonmark")

LINES = st.sampled_from([
    "", "text", "more text", "# Heading", "### Phase 2: B", "```", "````", "~~~", "```python", "````markdown",
    "```a`b", "  ```", "   ```", "    ```", "     code", "- item", "- ", "1. one", "2. two", "  text", "  ```python",
    "- ```", "-     ```", "   - deep", "     ```", "---", "***", "> quote", "> ```", "  - sub", "    - subsub",
    "      ```",
])  # fmt: skip


def fenced_by_the_oracle(text: str) -> set[int]:
    """Every line from a fence's opener to its last, from 1, as CommonMark reads it; those in quotes aside."""
    lines: set[int] = set()
    quotes = 0
    for token in ORACLE.parse(text):
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type == "fence" and token.map and not quotes:
            lines |= set(range(token.map[0] + 1, token.map[1] + 1))
    return lines


def fenced_by_us(lines: tuple[str, ...]) -> set[int]:
    reading = read_blocks(lines, bytes(len(lines)), nested=False)
    return {line for line, mark in enumerate(reading.marks, 1) if mark in {Mark.FENCE, Mark.CODE}}


def blank_tail(lines: tuple[str, ...]) -> set[int]:
    """Blank lines, which belong to a fence that a list item cuts short or not, without meaning anything."""
    return {number for number, line in enumerate(lines, 1) if not line.strip()}


def misread_by_the_oracle(some: list[str]) -> bool:
    """Whether a line indented by four stands below an item whose text begins at five.

    CommonMark has it continue the item's paragraph (section 5.2, laziness; the reference implementation does so),
    and markdown-it-py takes it for indented code.
    """
    deep = [at for at, line in enumerate(some) if line == "   - deep"]
    return any(line.startswith("    ") and line[4:5] != " " for line in some[deep[0] :]) if deep else False


def test_a_line_that_continues_a_paragraph_lazily_opens_no_fence_and_the_next_one_may() -> None:
    assert fenced_by_us(("   - deep", "    ```", "      ```")) == {3}


def test_a_fence_in_a_quote_goes_on_to_its_end_and_leaves_no_paragraph_open() -> None:
    assert fenced_by_us(("> ```", "> quote", "text", "2. two", "      ```")) == set()
    assert fenced_by_us(("> ```", "> ```", "> quote", "2. two", "      ```")) == {5}


@settings(max_examples=400)
@given(st.lists(LINES, max_size=14))
def test_the_flat_reading_of_fences_is_that_of_commonmark(some: list[str]) -> None:
    assume(not misread_by_the_oracle(some))
    lines = tuple(some)

    aside = blank_tail(lines)
    assert fenced_by_us(lines) - aside == fenced_by_the_oracle("\n".join(lines)) - aside


@settings(max_examples=200)
@given(st.lists(LINES, max_size=20))
def test_both_readings_agree_where_nothing_nests(some: list[str]) -> None:
    lines = tuple(some)
    nested = read_blocks(lines, bytes(len(lines)), nested=True)
    flat = read_blocks(lines, bytes(len(lines)), nested=False)

    assert nested.ambiguous or nested.marks == flat.marks


@given(st.text(max_size=400))
def test_any_text_is_read_and_line_ends_and_a_byte_order_mark_change_nothing(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    plain = read_document(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    crlf = read_document(b"\xef\xbb\xbf" + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n"))

    if not data.startswith(b"\xef\xbb\xbf"):
        assert (plain.lines, plain.marks, plain.headings) == (crlf.lines, crlf.marks, crlf.headings)


def test_undecodable_bytes_are_an_error_with_their_offset() -> None:
    (fault,) = read_document(b"# A\n\xffb", "g.md").diagnostics

    assert (fault.code, fault.line) == ("PG102", 2)
    assert "byte offset 4" in fault.message


def test_a_document_beyond_the_limit_is_refused_with_the_line() -> None:
    (fault,) = read_document(b"a\n" * 2_500_001, "g.md").diagnostics

    assert (fault.code, fault.line) == ("PG116", 2_500_001)


def test_front_matter_counts_only_at_the_first_line() -> None:
    first = read_document(b"---\nstatus: approved\n---\n# A\n")
    later = read_document(b"\n---\nstatus: approved\n---\n# A\n")

    assert (dict(first.front), dict(later.front)) == ({"status": "approved"}, {})
    assert first.title == "A"


def test_a_comment_that_never_closes_is_an_error_for_it_may_swallow_phases() -> None:
    (fault,) = read_document(b"# A\n<!-- x\n## Phase 1: B\n", "g.md").diagnostics

    assert (fault.code, str(fault.severity), fault.line) == ("PG106", "error", 2)


def test_comments_behind_nested_fences_are_dropped() -> None:
    document = read_document(b"```markdown\n```python\n```\n```\n<!--\n## Phase 3: C\n-->\n## D\n")

    assert [heading.text for heading in document.headings] == ["D"]


def test_comments_are_dropped_outside_of_code_and_kept_inside() -> None:
    document = read_document(b"# A <!-- x -->\n<!--\n## Phase 1: B\n-->\n```\n<!-- keep\n```\n`<!-- c`\n## C\n")

    assert [heading.text for heading in document.headings] == ["A", "C"]
    assert document.lines[5] == "<!-- keep"
    assert document.lines[7] == "`<!-- c`"
