"""``phasegate approve GUIDE``: record that what a guide says now was approved."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from pytest_phasegate.cli.project import opened
from pytest_phasegate.core.guide.approval import PATH, Approval, approval_digest
from pytest_phasegate.core.verdict.verdict import Severity
from pytest_phasegate.errors import GuideError
from pytest_phasegate.reports.escaping import escaped
from pytest_phasegate.wiring import projects, readers


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("guide", metavar="GUIDE", help="the guide's path or slug")
    parser.add_argument("--by", metavar="NAME", default="", help="who approves; default: git's user.name")


def run(options: argparse.Namespace) -> int:
    """Append the record, unless this very text has one."""
    project = opened(options)
    guide = next((one for one in project.guides if options.guide in {one.path, one.slug}), None)
    if guide is None:
        known = ", ".join(one.path for one in project.guides)
        raise GuideError(f"no guide is called {options.guide!r}", hint=f"the guides are: {known}")
    errors = [remark for remark in guide.diagnostics if remark.severity is Severity.ERROR]
    if errors:
        hint = f"mend it first: phasegate lint {guide.path}"
        raise GuideError(f"{guide.path} has {len(errors)} errors and cannot be approved", hint=hint)
    if readers.has_approval(project.root, guide):
        print(f"{escaped(guide.path)}: this text is already approved")
        return 0
    by = options.by or projects.user_name(project.root)
    readers.add_approval(
        project.root, Approval(guide.path, approval_digest(guide), by, f"{datetime.now(UTC):%Y-%m-%d}")
    )
    print(f"{escaped(guide.path)}: approved by {escaped(by)}; commit {PATH}")
    return 0
