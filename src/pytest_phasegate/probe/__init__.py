"""The recorder injected into replayed runs: what pytest's hooks say, as JSON lines, as it happens.

The standard library and pytest only, Python 3.8 and pytest 7 or later. A copy of this package stands alone in a
directory on ``PYTHONPATH`` and is loaded by ``-p``. Its settings are a JSON file that ``PHASEGATE_PROBE`` names:
``out`` (file to append to), ``root`` (the scratch tree), ``roots`` (directories that come first on ``sys.path``),
``packages`` (what the project's own modules are imported by; of a namespace, what lies in it),
``hidden`` (directories that must not be imported from),
``compiled`` (one that all runs share, for code by its content),
``argv`` (the words the run was started with, to tell them from ``addopts``), ``only`` (the cases to run, if not all),
``backwards`` (whether the last of them runs first),
``traced`` (files of the tree whose lines are watched), ``replaced`` (the tests of which is told what stands in the
place of the project's code while they run), ``unhooked`` (plugins in the tree of which no hook runs that decides how
tests end),
``memory`` (a limit in bytes) and ``version`` (of phasegate).
The records are described in ``docs/reference/probe.md``.

PYTEST_DONT_REWRITE: nothing here asserts, and what was imported before pytest's configuration would be warned of.
"""

import json
import os
from types import SimpleNamespace

from .cases import case_id
from .exceptions import Facts, text_of
from .imports import Imports, lead_programs
from .recorder import Recorder, is_strict_xfail

__all__ = ["Facts", "Imports", "case_id", "is_strict_xfail", "pytest_addoption"]


def _stand_in(pluginmanager, version):
    """Let a project that requires our plugin run without it: nothing else of ``required_plugins`` is answered for."""
    installed = pluginmanager.list_plugin_distinfo
    ours = SimpleNamespace(project_name="pytest-phasegate", version=version)

    def listed():
        return [*installed(), (None, ours)]

    pluginmanager.list_plugin_distinfo = listed


_ENDING = ("pytest_collection_", "pytest_item", "pytest_runtest_", "pytest_pyfunc_", "pytest_fixture_")
"""How the hooks begin that may decide how a test ends, once it was found."""


def _unhook(pluginmanager, files):
    """Let no hook of these files run that may decide how a test ends; their fixtures stay."""
    options_of = pluginmanager.parse_hookimpl_opts

    def options(plugin, name):
        file = text_of(getattr(plugin, "__file__", None))
        if name.startswith(_ENDING) and file and os.path.realpath(file) in files:
            return None
        return options_of(plugin, name)

    pluginmanager.parse_hookimpl_opts = options


def _limit_memory(limit):
    """Let what grows without end raise ``MemoryError``, here and in every child, where the system can."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def pytest_addoption(parser, pluginmanager):
    """Start recording, before any conftest or installed plugin of the project is imported."""
    del parser
    with open(os.environ.pop("PHASEGATE_PROBE"), encoding="utf-8") as stream:
        settings = json.load(stream)
    if settings.get("memory"):
        _limit_memory(settings["memory"])
    lead_programs(os.environ["PYTHONPATH"])
    _stand_in(pluginmanager, settings.get("version", "0"))
    if settings.get("unhooked"):
        root = os.path.realpath(settings["root"])
        _unhook(pluginmanager, {os.path.realpath(os.path.join(root, path)) for path in settings["unhooked"]})
    recorder = Recorder(settings)
    recorder.start()
    pluginmanager.register(recorder, "phasegate-recorder")
