"""The words of the pages that are coloured can be read on a light and on a dark ground (WCAG 2.1, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.reports import as_html

if TYPE_CHECKING:
    from pytest_phasegate.core.verdict.report import RunReport

DARK = "@media (prefers-color-scheme: dark)"
GROUNDS = {"light": "ffffff", "dark": "121212"}


def coloured(css: str) -> dict[str, str]:
    """The colour of each class, by its name."""
    rules = re.findall(r"((?:\.[\w-]+(?:, )?)+) \{ color: #([0-9a-f]{6}); \}", css)
    return {name.strip(" ."): colour for names, colour in rules for name in names.split(",")}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", ["run", "dashboard"])
def test_every_coloured_word_can_be_read(page: str, report: RunReport) -> None:
    text = as_html.text(report) if page == "run" else as_html.dashboard(())
    light, _, dark = text.partition("</style>")[0].partition(DARK)
    colours = {"light": coloured(light), "dark": coloured(dark)}

    assert colours["light"].keys() == colours["dark"].keys()
    weak = [
        (scheme, name)
        for scheme, ground in GROUNDS.items()
        for name, colour in colours[scheme].items()
        if contrast(colour, ground) < 4.5
    ]
    assert (bool(colours["light"]), weak) == (True, [])
