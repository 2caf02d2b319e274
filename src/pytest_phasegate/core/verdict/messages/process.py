"""PG5xx: scope, commit, approval, commands."""

from __future__ import annotations

from pytest_phasegate.core.verdict.messages.message import Message

MESSAGES: dict[str, Message] = {
    "PG501": Message(
        "a file outside the phase's declaration",
        "The change touches a file that the phase neither declares under its files nor tests. Such creep makes a "
        "phase larger than what was planned and reviewed.",
        "Take the file out of the change and commit it apart, or add it to the phase's files in the guide.",
        'Name the path under `[tool.phasegate.scope] allow`; with `severity = "warning"` it is only listed.',
    ),
    "PG502": Message(
        "a generated file changed without its source",
        "The file is listed under `[tool.phasegate.protected]` as made from other files, and none of those "
        "changed with it. The next generation would undo the edit.",
        "Change the source and generate again, then commit both.",
        "Take the path out of `[tool.phasegate.protected]`.",
    ),
    "PG503": Message(
        "the guide is not approved",
        "The configuration asks for approval (`[tool.phasegate.approval] required = true`), and the guide carries"
        " none: no `status: approved` in its front matter, no `**Status**: Approved`, and no record of this very "
        "text.",
        "Have the guide reviewed, then write `**Status**: Approved` below its title, or run `phasegate approve "
        "GUIDE`, which records the digest of the text.",
        "Set `required = false`.",
    ),
    "PG504": Message(
        "a finished phase's section was edited",
        "The section of a phase that is already accepted says something else than when its commit was made. What "
        "was promised must not change after it was delivered; ticked boxes, status fields and white space do not "
        "count.",
        "Restore the section, and plan the change as a phase of its own.",
        "Record the new text as approved: `phasegate approve GUIDE`.",
    ),
    "PG505": Message(
        "a claim without evidence",
        "A box is ticked, or a status field says done, in a phase that nothing shows to be finished. Claims are "
        "shown beside the state that git, the ledger and the baseline prove, and are never believed.",
        "Finish the phase (`phasegate check PHASE`, commit, `phasegate accept PHASE`), or untick the box.",
    ),
    "PG506": Message(
        "a file that the phase is to create is not there",
        "The phase declares the file under those it creates, and neither the project nor the phase's commit has it. "
        "A phase none of whose files is there has not been carried out; one file of several is a warning.",
        "Write the file, or correct its path in the guide.",
        "There is no waiver: the guide says what the phase creates, so change the guide.",
    ),
    "PG507": Message(
        "a phase comes too early",
        "Phases are done in the order of the guide or, where the guide states dependencies, after those they depend "
        "on. `check` tells of it; `commit` refuses as long as an earlier phase has no commit, and `accept` as long as "
        "one is not accepted.",
        "Finish the earlier phase, or state in the guide what the phase depends on.",
        "`phasegate commit --unchecked` commits all the same.",
    ),
    "PG508": Message(
        "a plan asks less than where its phase began",
        "Since the commit on which the phase stands, its section lost a declared test or a criterion, or asks "
        'for less coverage. A plan may change; who reads the verdict has to know. `policy = "strict"` refuses it.',
        "Restore what was asked, or change the plan in a commit of its own before the phase begins.",
        "Record the new text as approved: `phasegate approve GUIDE`.",
    ),
    "PG509": Message(
        "a generated file is not what its command makes",
        "`[tool.phasegate.generate]` names the command that makes the file. In a copy of the project the file was "
        "taken away and the command run: the file it made differs, is one more, or is not there.",
        "Run the command, look at the difference, and commit what it made; change the source, not the file.",
        "Take the pattern out of `[tool.phasegate.generate]`.",
    ),
    "PG511": Message(
        "the subject is not a conventional commit",
        "The first line of the message is not `type(scope): description`. Merge, revert and autosquash subjects "
        "that git writes are exempt while committing.",
        "Write it as the message says, for example `feat(cache): add an eviction policy`; further types go under "
        "`[tool.phasegate.commit] types`.",
        "Set `conventional = false` under `[tool.phasegate.commit]`.",
    ),
    "PG512": Message(
        "the subject is not the one that the guide declares",
        "The commit is a phase's (its subject nearly is the declared one, or a `Phase:` trailer says so), and the"
        " phase declares another subject. Phases are found in history by their subject.",
        "Use the declared subject: `phasegate commit PHASE` prepares it.",
        "Carry a `Phase: slug/N` trailer and take the declared commit out of the guide.",
    ),
    "PG513": Message(
        "no issue is named",
        "The configuration asks every commit to name an issue (`[tool.phasegate.commit] issue = true`).",
        "Name it in the subject (`#12`, `ABC-12`) or in a trailer (`Issue: #12`, `Closes: #12`).",
        "Set `issue = false`.",
    ),
    "PG514": Message(
        "the branch's name does not match",
        "The branch's name does not match the pattern `branch` of `[tool.phasegate.commit]`.",
        "Rename it: `git branch -m NEW-NAME`.",
        "Take `branch` out of the configuration.",
    ),
    "PG515": Message(
        "one commit claims several phases",
        "The message carries more than one `Phase:` trailer. A phase is judged, reverted and bisected by its "
        "commit, so a commit finishes one phase at most.",
        "Split the commit, one phase each.",
    ),
    "PG516": Message(
        "a commit that waits to be squashed",
        "The range holds a `fixup!`, `squash!` or `amend!` commit. These are fine while working and must not be "
        "shared.",
        "Run `git rebase -i --autosquash BASE`.",
    ),
    "PG517": Message(
        "a trailer names a phase that no guide defines",
        "The message carries a `Phase:` trailer whose value is no phase of any guide.",
        "Write `Phase: slug/N` with the guide's slug and the phase's id; `phasegate status` lists both.",
    ),
    "PG518": Message(
        "the branch and the message are about different issues",
        "The configuration asks for issues (`[tool.phasegate.commit] issue = true`). The branch's name says which it "
        "is about (`feat/issue-12-cache`, `12-cache`, `ABC-12-cache`), and the message names others only. "
        "Or the guide names its issue (`**Issue**: #12` above its phases), and a phase's commit, or its branch, "
        "is about another.",
        "Name the branch's issue in the message (`Issue: #12`), or commit on a branch of its own.",
        "Set `issue = false`.",
    ),
    "PG521": Message(
        "a quality command failed",
        "A command of `[tool.phasegate.commands]` ended with an exit code other than 0. The end of its output is "
        "shown.",
        "Run the command yourself, mend what it says, and check again.",
        "Take the command out of the configuration.",
    ),
    "PG522": Message(
        "a quality command could not be run to its end",
        "A command of `[tool.phasegate.commands]` was not found, could not be started, or exceeded "
        "`command_timeout`. Nothing is known about what it would have said, so the phase cannot pass.",
        "Install the program in the project's environment, mend the command line, or raise `command_timeout`.",
        "Take the command out of the configuration.",
    ),
    "PG531": Message(
        "a phase is not complete",
        "`phasegate status --require-complete` found a phase that is not accepted, or whose tests regressed.",
        "Run `phasegate next`: it names the one thing to do.",
    ),
    "PG532": Message(
        "an accepted phase that nothing judged on this content",
        "The phase was accepted, and its last verdict is of other content, or there is none here. A verdict speaks of "
        "one content: what has changed since may have broken it. `status --require-complete`, `pr`, `report`, `next` "
        "and `handoff restore` take no such word for this content.",
        "Run `phasegate check all`; the whole gate of any phase runs all that was accepted.",
    ),
    "PG533": Message(
        "an accepted phase with a criterion that nobody said yes to",
        "A success criterion needs a person, and there is no answer for this content, or it was answered with no.",
        "Run `phasegate review PHASE`, look, and answer; after a no, mend what was found.",
        "Take the criterion out of the guide, where everybody sees it.",
    ),
    "PG541": Message(
        "a success criterion is not met",
        "A criterion of the phase was judged, by a gate, a command, a path or a person, and does not hold. What was "
        "expected and what was found stand below it.",
        "Do what the fix says, then run `phasegate check` again; a person's no holds for one content and ends with it.",
        "Take the criterion out of the guide, where everybody sees it.",
    ),
    "PG542": Message(
        "a success criterion without evidence",
        "A criterion asks for a command that is not configured, or for something that could not be run to its end: "
        "nobody knows whether it holds.",
        "Add the line that the fix names under `[tool.phasegate.commands]`, or make the command run.",
        "Take the criterion out of the guide, where everybody sees it.",
    ),
    "PG543": Message(
        "a success criterion waits for a person",
        "No run can judge the criterion. It refuses no `check`, but `accept` and `status --require-complete` ask for "
        "the answer; an answer holds for the content and the words it was given for.",
        "Look, then answer: `phasegate review PHASE --pass K`, or `--fail K --expected … --actual … --fix …`.",
        "A command of a guide is run where it is listed under `[tool.phasegate.criteria] run`, or where this very text "
        "of the guide has a record of approval.",
    ),
    "PG551": Message(
        "a blocking comment of a reviewer is open",
        "A comment of priority P0 was imported (`phasegate feedback import`), and no commit since names it in a "
        "trailer `Feedback: N`. A commit that changes nothing, or that was reverted, answers nothing.",
        "Fix it and commit with the trailer; `phasegate feedback list N` shows the whole comment.",
        "`phasegate feedback edit N --close --reason TEXT`, or `--priority P1`: both stand in the file, and "
        "everybody sees them.",
    ),
    "PG552": Message(
        "a commit names a comment that nobody imported",
        "The message carries a trailer `Feedback: N`, and no comment in `.phasegate/feedback.jsonl` has that number.",
        "Take the number of `phasegate feedback list`, or import the comments first.",
    ),
    "PG553": Message(
        "a reviewer calls something critical",
        "A report in `reviews/*.json` has a finding of severity `critical`. It stands, whatever the content, until a "
        "new report of the reviewer takes its place.",
        "Mend what was found, run the review again, then `phasegate check`.",
        "Lower the severity in the file, or take the file away, where everybody sees it.",
    ),
    "PG561": Message(
        "a pull request is not proved",
        "`phasegate pr` found a phase that is begun and did not pass its gates, or content that no commit holds, or a "
        "history that is cut. The text of a pull request says only what is proved of what it holds.",
        "Run `phasegate next`; commit what is left; fetch the whole history.",
        "`--draft` writes the text, and says in it what is not proved.",
    ),
    "PG571": Message(
        "a gate refuses what is to be deployed",
        "The content that HEAD holds was judged (`phasegate check`), and a gate of this phase refused it.",
        "Mend what the gate says, commit, and check again.",
    ),
    "PG572": Message(
        "what is to be deployed was not judged as it stands",
        "No `phasegate check` of this phase has passed on exactly the content that HEAD holds, by the rules that hold "
        "here: it was never run here, or on other content, or by other settings (an environment variable, `--config`); "
        "or a waiver that held then has expired; or coverage was not asked for. A run of pytest alone is no such pass.",
        "Run the command that stands beside it. `PHASEGATE_STAGE=…` asks for the coverage of a stage that is not the "
        "configured one.",
    ),
    "PG573": Message(
        "the coverage of a phase is below what the stage asks",
        "The lines that the phase answers for are reached by its tests to a smaller part than "
        "`[tool.phasegate.stages]` asks for this stage.",
        "Write tests for the lines that `phasegate check PHASE` lists, or deploy to an earlier stage.",
        "Lower the stage's minimum in the configuration, where everybody sees it.",
    ),
    "PG574": Message(
        "what stands here is not what the commit holds",
        "A deployment and an attestation speak of a commit. Files here differ from HEAD's, or git does not know them "
        "and does not ignore them, or accepted tests are not committed.",
        "Commit them, or add what a run leaves behind to `.gitignore`; then check again.",
    ),
}
