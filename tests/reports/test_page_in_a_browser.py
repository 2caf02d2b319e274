"""What people do with the page, done in a real browser under the page's own policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.app.guide.overview import Overview
from pytest_phasegate.reports import page
from pytest_phasegate.reports.as_html import dashboard
from support import browser as browsers
from support import pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.browser import Browser

BROWSER = browsers.found()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason=f"no browser: none of {', '.join(browsers.NAMES)} is on the PATH"),
]
PHASES = (pages.accepted(1), pages.refused(2), pages.pending(3), pages.accepted(4, judged=False), pages.refused(5))
SHOWN = "[...document.querySelectorAll('.phase:not([hidden]) .title')].map(one => one.textContent.split(':')[0]).join()"
FOCUS = "document.activeElement.closest('.phase')?.querySelector('.title').textContent.split(':')[0]"
GROUND = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(18, 18, 18)"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browsers.browser(str(BROWSER)) as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = page.Place("metrics", "main", "1a2b3c4d5e6f", pages.AT, lambda _: pages.SOURCE)
    target = tmp_path / "page.html"
    target.write_text(dashboard(Overview((pages.overview(*PHASES),)), place), encoding="utf-8")
    return target


@pytest.fixture
def shown(opened: Browser, file: Path) -> Iterator[Browser]:
    opened.open(file)
    yield opened
    assert opened.complaints == []


@pytest.mark.parametrize(("name", "phases"), [("refused", "2,5"), ("open", "3,4"), ("passed", "1"), ("", "1,2,3,4,5")])
def test_a_filter_leaves_the_phases_of_its_kind(name: str, phases: str, shown: Browser) -> None:
    shown.click(f'[data-filter="{name}"]')

    assert shown.ask(SHOWN) == phases
    assert shown.ask("document.querySelector('[aria-pressed=true]').dataset.filter") == name
    assert shown.ask("document.querySelectorAll('.strip li:not([hidden])').length") == len(phases.split(","))


def test_a_search_opens_what_it_finds_and_leaves_all_as_it_was(shown: Browser) -> None:
    before = shown.ask("[...document.querySelectorAll('details')].map(one => one.open).join()")
    shown.press("/")
    shown.type("test_2.py number_3")
    shown.wait("document.getElementById('count').textContent")

    assert shown.ask(SHOWN) == "2"
    assert shown.ask("document.getElementById('count').textContent") == "1 of 5 phases, 1 entry"
    assert shown.ask("document.querySelector('.tests .row:not([hidden])').checkVisibility()")

    shown.press("Escape")

    assert shown.ask(SHOWN) == "1,2,3,4,5"
    assert shown.ask("[...document.querySelectorAll('details')].map(one => one.open).join()") == before


def test_a_search_that_finds_nothing_says_so(shown: Browser) -> None:
    shown.click("#search")
    shown.type("no such thing")
    shown.wait("document.getElementById('count').textContent")

    assert (shown.ask(SHOWN), shown.ask("count.textContent")) == ("", "0 of 5 phases")


def test_the_theme_goes_round_and_is_kept(shown: Browser, file: Path) -> None:
    seen = [shown.ask(GROUND)]
    for _ in range(3):
        shown.click("#theme")
        seen.append(shown.ask(GROUND))
    shown.click("#theme")
    shown.click("#theme")
    shown.open(file)

    assert seen == [LIGHT, LIGHT, DARK, LIGHT]
    assert (shown.ask(GROUND), shown.ask("theme.textContent")) == (DARK, "Theme: dark")
    shown.click("#theme")


def test_a_permalink_opens_the_phase_and_comes_through_a_filter(shown: Browser, file: Path) -> None:
    place = shown.ask("document.querySelectorAll('.phase')[4].querySelector('.finding').id")
    target = f"document.getElementById('{place}')"
    shown.click('[data-filter="passed"]')
    shown.ask(f"location.hash = '#{place}'")
    shown.wait(f"{target}.checkVisibility()")
    shown.open(file, f"#{place}")

    assert shown.ask(f"{target}.checkVisibility() && {target}.matches(':target')")
    assert shown.ask(f"Math.abs({target}.getBoundingClientRect().top) < innerHeight")


def test_a_code_leads_to_what_it_means(shown: Browser) -> None:
    shown.click(".finding a[href='#PG301']")

    assert shown.ask("document.querySelector(':target').textContent").strip().startswith("PG301:")


def test_keys_go_from_one_refused_phase_to_the_next_and_round(shown: Browser) -> None:
    stops = []
    for key in ("n", "n", "n", "p"):
        shown.press(key)
        stops.append(shown.ask(FOCUS))

    assert stops == ["2", "5", "2", "5"]


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_nothing_is_wider_than_the_window(width: int, opened: Browser, file: Path) -> None:
    opened.open(file, width=width)
    opened.ask("document.querySelectorAll('details').forEach(one => { one.open = true; })")

    assert opened.ask("document.documentElement.scrollWidth") <= width
