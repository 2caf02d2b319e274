"""Django's settings: how it says that it lacks them, and which script of a project knows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_LACKING = ("settings are not configured", "Apps aren't loaded yet")  # no settings were named; nothing set it up
SETTINGS = "DJANGO_SETTINGS_MODULE"
_NAMED = re.compile(rf"""(?:{SETTINGS}(?:["'][],]\s*=?\s*["']|\s*=\s*)|--settings[= ])([\w.]+)""")
_CONFIGURED = "settings.configure("


def lacks_settings(said: str) -> bool:
    """Whether what was raised says that nothing has set Django up."""
    return any(words in said for words in _LACKING)


def in_pytests_options(module: str = "NAME.settings", more: str = "") -> str:
    """Return the line that tells pytest the settings."""
    return f'{SETTINGS} = "{module}"{more}   # in [tool.pytest.ini_options], for pytest-django'


def settings_in(text: str) -> str:
    """Return the module that a script names as Django's settings, or nothing."""
    named = _NAMED.search(text)
    return named[1] if named else ""


def scripts(paths: Iterable[str]) -> tuple[str, ...]:
    """Return those of a project's files that may know its settings, the likeliest first."""
    near = (path for path in paths if path == "tox.ini" or (path.endswith(".py") and path.count("/") <= 1))
    return tuple(sorted(near, key=lambda path: (path.count("/"), not path.endswith("manage.py"), path)))


def exported(scripts: Mapping[str, str]) -> str:
    """Return the line that tells every commit's tests the settings, as far as one of these scripts knows them."""
    module, why = "NAME.settings", ""
    for path, text in reversed(list(scripts.items())):
        if named := settings_in(text):
            module, why = named, f"as in {path}; "
        elif _CONFIGURED in text:
            module, why = "MODULE", f"one with what {path} gives to settings.configure; "
    return f"export {SETTINGS}={module}   # {why}pytest-django reads it (pip install pytest-django)"
