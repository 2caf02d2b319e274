"""PG1xx: what a guide says, and what it cannot mean."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

MESSAGES: dict[str, Message] = {
    "PG101": Message(
        "no phase found",
        "The file is configured as a guide and has no phase. A phase is a heading with a unit word, an id and a "
        "separator, such as `### Phase 1: Title`. Headings that are nearly one are listed with their lines.",
        "Write each phase's heading as `### Phase 1: Title`, or take the file out of `guides`. A file that only a glob "
        "matches and that has no phase is skipped.",
    ),
    "PG102": Message(
        "not UTF-8",
        "The file cannot be decoded; the byte offset counts from 0. No other encoding is tried: a wrong guess could "
        "change what the guide asks.",
        "Save the file as UTF-8, with or without a byte order mark.",
    ),
    "PG103": Message(
        "a garbled dash",
        "A dash in a heading was saved in a wrong encoding. It is read as the separator it was meant to be.",
        "Type the dash again and save the file as UTF-8.",
    ),
    "PG104": Message(
        "nested fences of the same length",
        "A fenced block contains another fenced block of the same length. CommonMark would end the outer block at the "
        "first inner close, and phases below it could be lost. The guide is read as its author meant it: the inner "
        "block is part of the outer one.",
        "Give the outer fence one more backtick than the inner ones.",
    ),
    "PG105": Message(
        "a phase is hidden by a fence",
        "A heading that continues the series of phases is inside a fenced block. If it were skipped, nobody would ask "
        "for its tests, and its commit would count for the phase above.",
        "Close the fence above the heading, or give the outer fence more backticks than the inner ones.",
    ),
    "PG106": Message(
        "opened and never closed",
        "A fence or an HTML comment is opened and never closed: everything below it is read as code, or not at all. "
        "For a comment this is an error, because phases may be inside it.",
        "Close it.",
    ),
    "PG107": Message(
        "a placeholder of a template",
        "The heading's id is `N`, `{Name}` or `[Name]`: the template was not filled in.",
        "Give the phase an id, or delete the heading.",
    ),
    "PG108": Message(
        "a second series is ignored",
        "Headings further down repeat the unit word and the ids of the first series, as rollout plans and summaries "
        "do. Only the first series is read.",
        "If these are phases too, continue the numbering. If they are not, use other headings.",
    ),
    "PG109": Message(
        "a duplicate id",
        "Two phases have the same id. The second is called `5#2`. It is an error when both declare tests, files or a "
        "commit: a verdict on that id could be about the wrong one.",
        "Give each phase an id of its own.",
    ),
    "PG110": Message(
        "ids are missing or out of order",
        "The ids do not follow each other. A missing number is often a phase with a misspelt heading.",
        "Number the phases in the order in which they are done.",
    ),
    "PG111": Message(
        "a dependency that does not exist",
        "A phase depends on one that the guide does not have.",
        "Correct the id, or remove the dependency.",
    ),
    "PG112": Message(
        "a cycle of dependencies",
        "These phases depend on each other, so none can begin.",
        "Remove one of the dependencies.",
    ),
    "PG113": Message(
        "a path that leaves the repository",
        "A declared path is absolute, leaves the repository with `..`, starts with a drive or a home directory, or "
        "contains control characters. Such a path is never opened and declares no file. An absolute path, or one below "
        "a home directory, is a warning: it is right on its author's machine. If it ends like a file of this "
        "repository, that file counts.",
        "Write the path relative to the root of the repository.",
    ),
    "PG114": Message(
        "the number of tests differs",
        "The label says how many tests follow, and the list has more or fewer.",
        "Correct the number, or name the missing tests.",
    ),
    "PG115": Message(
        "production files and no tests",
        "The phase has production files and names no test, so none is asked for. If the whole plan names no test, this "
        "is said once: the tests that come with a phase's commits are then its tests.",
        "Name the tests under `**Tests to write**`, or end the phase's commits with the trailer `Phase: 2`.",
    ),
    "PG116": Message(
        "too large",
        "The document is larger than a guide may be (5 MB, 200,000 lines, 2,000 phases). A line of more than 100,000 "
        "characters is a warning, and is not read.",
        "Split the guide; keep pictures in files of their own.",
    ),
    "PG117": Message(
        "one test in two phases",
        "Two phases declare the same test. It counts for the earlier one only.",
        "Declare the test in the phase that writes it. If they are two tests, name the file and the class of each.",
    ),
    "PG118": Message(
        "the declared commit is not conventional",
        "The commit that the phase declares is not of the form `type(scope): subject`, which the commit gate asks for.",
        "Write it as `feat(scope): what it brings`, or set `[tool.phasegate.commit] conventional = false`.",
    ),
    "PG119": Message(
        "a coverage criterion without a figure",
        "The criterion is about coverage and has no percentage that can be read, so nothing is asked of the phase.",
        "Write `Coverage: 95%`, or `90% line, 85% branch coverage`.",
    ),
    "PG120": Message(
        "a vague criterion",
        "The criterion cannot be checked: two people could differ on whether it holds.",
        "Say what can be observed: the name of a test, a command, a number.",
    ),
    "PG121": Message(
        "a required section is missing",
        "Every phase must have the sections of `[tool.phasegate.lint] sections`. This one lacks one of them.",
        "Add the section, or remove it from the setting.",
    ),
    "PG122": Message(
        "an earlier phase's test file is edited",
        "The phase edits or deletes a test file of an earlier phase and names no test that it adds there. Tests of the "
        "earlier phase could be weakened.",
        "Name the tests that it adds. Otherwise nothing needs to be done: the regression gate checks the old ones.",
    ),
    "PG123": Message(
        "too many lines",
        "The guide has more lines than `[tool.phasegate.lint] budget` allows.",
        "Move reference material into a document of its own, or split the guide.",
    ),
    "PG125": Message(
        "one heading for several phases",
        "A heading such as `Task 2-4` stands for several phases. They are read, judged and accepted as one.",
        "Give each phase a heading, if each should be judged alone.",
    ),
    "PG124": Message(
        "several commits in one phase",
        "The phase declares more than one commit. The last one finishes the phase.",
        "Declare one commit per phase, under `**Commit**`.",
    ),
    "PG126": Message(
        "a phase that asks for nothing",
        "The phase names no test, no file, no coverage figure, no commit, and no criterion that a run can judge. It is "
        "judged by what its commits bring, and by what people answer.",
        "Say what it brings: `**Tests to write**`, `**Files to create**`, `Coverage: 95%`, `**Commit**`. "
        "`phasegate plan complete GUIDE` proposes it, `phasegate show GUIDE` shows what is read.",
    ),
    "PG127": Message(
        "headings that look like phases",
        "Headings start with the plan's unit word and a number but have no separator after the number, so they are not "
        "read as phases.",
        "Write `### Phase 2: Title` if it is a phase. If it is not, nothing needs to be done.",
    ),
    "PG128": Message(
        "a document of another kind",
        "By its name or title the document is a README, a skill, or a specification beside a `tasks.md`, even if its "
        "headings look like phases.",
        "List the file that has the phases under `guides`.",
    ),
    "PG130": Message(
        "a document of the feature is missing",
        "`lint --documents` looks for the specification and the context of a guide's feature, beside the guide and "
        "below `specs/` and `docs/specs/`, by the guide's name.",
        "Write it, or name it after the guide: `metric_caching_spec.md`, `metric_caching_context.md`.",
    ),
    "PG131": Message(
        "a link that leads nowhere",
        "A link of the document names a file that is not in the repository, or a heading that its target does not "
        "have. Links to other hosts are not followed.",
        "Correct the link. A heading is named as GitHub does: in small letters, with hyphens for spaces.",
    ),
    "PG132": Message(
        "a section is missing in the specification",
        "The specification has no heading for a section that it must have, or nothing stands below it.",
        "Write the section, or say under `[tool.phasegate.documents] sections` what a specification must have.",
    ),
    "PG133": Message(
        "something is left open",
        "The document says `TBD`, `TBC` or `[NEEDS CLARIFICATION]` outside of code: somebody has yet to decide.",
        "Decide it, and write what was decided. Where the word itself is meant, set it in backticks.",
    ),
    "PG134": Message(
        "a document is longer than its budget",
        "The document has more lines than `[tool.phasegate.documents] budget` allows.",
        "Split it, or move reference material into a document of its own.",
    ),
}
