"""PG1xx: what a guide says, and what it cannot mean."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

MESSAGES: dict[str, Message] = {
    "PG101": Message(
        "no phase found",
        "The document is named as a guide and holds no phase. A phase is a heading of a unit word, an id and a "
        "separator, such as `### Phase 1: Title`; headings that come near are listed with their lines.",
        "Head each phase as `### Phase 1: Title`, or take the file out of `guides`. Files that a glob found and "
        "that hold no phase are passed over silently.",
    ),
    "PG102": Message(
        "not UTF-8",
        "The file cannot be decoded; the byte offset counts from 0. A guess at another encoding could change what "
        "the guide promises, so none is made.",
        "Save the file as UTF-8, with or without a byte order mark.",
    ),
    "PG103": Message(
        "a mojibake dash",
        "A dash in a heading went through a wrong encoding. It is read as the separator it was meant to be.",
        "Write the dash anew and save the file as UTF-8.",
    ),
    "PG104": Message(
        "fences of the same length nest",
        "A fenced block holds another one that is opened by a fence of the same length. CommonMark ends the outer "
        "block at the first inner close, and takes what follows for text or for code; phases may vanish there. The "
        "guide is read as its author meant it, with the inner block inside.",
        "Give the outer fence one more backtick than the inner ones.",
    ),
    "PG105": Message(
        "a phase is hidden by a fence",
        "A heading that would continue the series of phases stands where a fence hides it. Were it passed over, its "
        "tests would never be asked for, and its commit would count for the phase before.",
        "Close the fence above the heading, or give the outer fence more backticks than the inner ones.",
    ),
    "PG106": Message(
        "opened and never closed",
        "A fence or an HTML comment is opened and never closed: everything below it counts as code, or is dropped. "
        "For a comment this is an error, for phases may vanish in it.",
        "Close it.",
    ),
    "PG107": Message(
        "a placeholder of a template",
        "The heading's id is `N`, `{Name}` or `[Name]`: the template was not filled in.",
        "Give the phase an id, or take the heading out.",
    ),
    "PG108": Message(
        "a second series is ignored",
        "Headings further down repeat the unit word and the ids of the first series, as rollout plans and summaries "
        "do. The first series counts.",
        "Say it without unit headings; or, if these are phases too, number them on.",
    ),
    "PG109": Message(
        "an id stands twice",
        "Two phases have the same id. The second is called `5#2`. It is an error when both promise tests, files or a "
        "commit, for then a verdict on that id would be about the wrong work.",
        "Give each phase an id of its own.",
    ),
    "PG110": Message(
        "a gap or disorder in the ids",
        "The ids do not follow each other. A missing number often is a phase whose heading was misspelt.",
        "Number the phases in the order they are carried out.",
    ),
    "PG111": Message(
        "a dependency that does not exist",
        "A phase is said to depend on one that the guide does not define.",
        "Correct the id, or take the dependency out.",
    ),
    "PG112": Message(
        "a cycle of dependencies",
        "Phases wait for one another, so none can begin.",
        "Take one of these dependencies out.",
    ),
    "PG113": Message(
        "a path that leaves the repository",
        "A declared path is absolute, climbs out with `..`, starts at a drive or a home directory, or holds control "
        "characters. Such a path is never opened, and declares no file. An absolute path, or one below a home "
        "directory, is a warning: it is right on its author's machine, and where it ends like a file of this "
        "repository, that one counts.",
        "Write the path relative to the root of the repository.",
    ),
    "PG114": Message(
        "the number of tests differs",
        "The label states how many tests follow, and the list has another number.",
        "Correct the number, or name the missing tests.",
    ),
    "PG115": Message(
        "production files and no tests",
        "The phase writes production files and names no test, so none is asked for. Of a plan that names no test at "
        "all this is said once: the tests that come in with the commits of a phase are then its tests.",
        "Name the tests under `**Tests to write**`, or end the phase's commits with the trailer `Phase: 2`.",
    ),
    "PG116": Message(
        "beyond a limit",
        "The document is larger, longer, or has more phases than a guide may have (5 MB, 200,000 lines, 2,000 phases);"
        " or, as a warning, a line of more than 100,000 characters was not read.",
        "Split the guide; keep pictures in files of their own.",
    ),
    "PG117": Message(
        "one test in two phases",
        "Two phases declare the same test. It can count for only one of them: the earlier.",
        "Name the test where it is written, and only there; or tell the two apart by file and class.",
    ),
    "PG118": Message(
        "the declared commit is not conventional",
        "The commit that the phase declares is not of the form `type(scope): subject`, which the commit gate asks for.",
        "Write it as `feat(scope): what it brings`, or set `[tool.phasegate.commit] conventional = false`.",
    ),
    "PG119": Message(
        "a coverage criterion without a figure",
        "The criterion speaks of coverage and names no percentage that can be read, so nothing is asked of the phase.",
        "Write `Coverage: 95%`, or `90% line, 85% branch coverage`.",
    ),
    "PG120": Message(
        "a vague criterion",
        "The criterion cannot be checked: two people could differ on whether it holds.",
        "Say what is to be observed: a test by name, a command, a number.",
    ),
    "PG121": Message(
        "a required section is missing",
        "The configuration asks every phase for a section that this one has not.",
        "Add the section, or take it out of `[tool.phasegate.lint] sections`.",
    ),
    "PG122": Message(
        "an earlier phase's test file is edited",
        "The phase edits or deletes a test file of an earlier phase and names no test that it adds there. Finished "
        "tests could be weakened.",
        "Name the tests it adds; or leave it, and let the regression gate watch the old ones.",
    ),
    "PG123": Message(
        "longer than its budget",
        "The guide has more lines than `[tool.phasegate.lint] budget` allows.",
        "Move reference material into a document of its own, or split the guide.",
    ),
    "PG125": Message(
        "one heading for several phases",
        "A heading such as `Task 2-4` stands for several phases. They are read, judged and accepted as one.",
        "Give each a heading of its own, where each is to be judged alone.",
    ),
    "PG124": Message(
        "several commits in one phase",
        "The phase declares more than one commit. The last one is taken for the phase's "
        "own, for with it the phase is whole.",
        "Declare one commit a phase, under `**Commit**`.",
    ),
    "PG126": Message(
        "nothing can be asked of a phase",
        "The phase names no test, no file, no coverage figure, no commit, and no criterion that a run can judge. Only "
        "what its commits bring can be judged, and what people answer.",
        "Name what it brings: `**Tests to write**`, `**Files to create**`, `Coverage: 95%`, `**Commit**`. "
        "`phasegate plan complete GUIDE` proposes it, `phasegate show GUIDE` shows what is read.",
    ),
    "PG127": Message(
        "headings that look like phases",
        "Headings begin with the plan's unit word and a number, and no phase was read from them, because no separator "
        "stands behind the number.",
        "Write `### Phase 2: Title` where it is a phase. Leave it where it is not.",
    ),
    "PG128": Message(
        "a document of another kind",
        "By its name or title the document is a README, a skill, or a specification beside a `tasks.md`. Its headings "
        "may look like phases.",
        "Name the file that has the phases under `guides`.",
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
