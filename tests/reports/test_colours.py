"""The words of the pages that are coloured can be read on a light and on a dark ground (WCAG 2.1, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.reports import as_html

if TYPE_CHECKING:
    from pytest_phasegate.core.verdict.report import RunReport

TEXTS = ("ink", "quiet", "good", "bad", "warn", "busy", "idle", "link")
GROUNDS = ("ground", "raised", "marked")


def coloured(css: str) -> dict[str, tuple[str, str]]:
    """The colours of each name of the style, on light and on dark."""
    found = re.findall(r"--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);", css)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_word_can_be_read_on_every_ground(scheme: int, ground: str, report: RunReport) -> None:
    colours = coloured(as_html.text(report).partition("</style>")[0])

    weak = [name for name in TEXTS if contrast(colours[name][scheme], colours[ground][scheme]) < 4.5]

    assert not weak
