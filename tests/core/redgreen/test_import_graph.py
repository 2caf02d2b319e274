# ruff: noqa: E501 - each small project stays on one line
from __future__ import annotations

import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_phasegate.core.redgreen.import_graph import Tree, looks_like_tests, reaching

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CHANGED = "src/app/calc.py"
PACKAGE = {"src/app/__init__.py": "", CHANGED: "x = 1", "tests/test_other.py": "import os"}
TESTS = "tests/test_a.py"


def tree_of(files: Mapping[str, str], *configuration: str) -> Tree:
    texts = {path: (text.encode(),) for path, text in files.items()}
    helpers = [path for path in texts if path.startswith("tests/") or path.endswith("conftest.py")]
    tests = [path for path in texts if path.rpartition("/")[2].startswith("test_")]
    return Tree(texts, tests, helpers, configuration)


REACH = [
    ("an import", {TESTS: "import app.calc"}),
    ("an import by another name", {TESTS: "import app.calc as c"}),
    ("a name of a module", {TESTS: "from app.calc import x"}),
    ("a module of a package", {TESTS: "from app import calc"}),
    ("everything of it", {TESTS: "from app.calc import *"}),
    ("an import in a function", {TESTS: "def test_a():\n    import app.calc"}),
    ("an attribute of a package that others loaded", {TESTS: "import app\n\n\ndef test_a():\n    app.calc.x"}),
    ("through another module", {TESTS: "import app.main", "src/app/main.py": "from app.calc import x"}),
    ("through a relative import", {TESTS: "import app.main", "src/app/main.py": "from .calc import x"}),
    ("through a relative module", {TESTS: "import app.main", "src/app/main.py": "from . import calc"}),
    ("through a relative import further up", {TESTS: "import app.sub.main", "src/app/sub/__init__.py": "", "src/app/sub/main.py": "from ..calc import x"}),
    ("through the package's own imports", {TESTS: "import app.main", "src/app/__init__.py": "from app.calc import x", "src/app/main.py": ""}),
    ("through a star in the package", {TESTS: "from app import x", "src/app/__init__.py": "from .calc import *"}),
    ("through an import for its effect", {TESTS: "import app.main", "src/app/main.py": "import app.calc  # registers"}),
    ("through a cycle", {TESTS: "import app.a", "src/app/a.py": "import app.b", "src/app/b.py": "import app.a, app.calc"}),
    ("through a helper of the tests", {TESTS: "from helper import x", "tests/helper.py": "from app.calc import x"}),
    ("through a conftest", {TESTS: "", "tests/conftest.py": "import app.calc"}),
    ("through a conftest at the top", {TESTS: "", "conftest.py": "import app.calc"}),
    ("through a conftest of a directory between", {"tests/unit/sub/test_a.py": "", "tests/unit/conftest.py": "import app.calc"}),
    ("through the package of the tests", {TESTS: "", "tests/__init__.py": "import app.calc"}),
    ("through plugins that a conftest names", {TESTS: "", "tests/conftest.py": "pytest_plugins = ['plugs']", "tests/plugs.py": "import app.calc"}),
    ("by its literal name", {TESTS: "import importlib\nimportlib.import_module('app.calc')"}),
    ("by a text that names it", {TESTS: "def test_a(mocker):\n    mocker.patch('app.calc.x')"}),
    ("by a text with a colon", {TESTS: "RUN = 'app.calc:main'"}),
    ("by a setting of an application", {TESTS: "import settings", "settings.py": "INSTALLED_APPS = ['app']"}),
    ("by an application inside a package", {TESTS: "import settings", "settings.py": "INSTALLED_APPS = ['core.blog']", "core/__init__.py": "", "core/blog/__init__.py": "", "core/blog/models.py": "import app.calc"}),
    ("by an application inside a directory that is no package", {TESTS: "import settings", "settings.py": "INSTALLED_APPS = ['core.blog']", "core/blog/models.py": "import app.calc"}),
    ("by the configuration of an application", {TESTS: "import settings", "settings.py": "INSTALLED_APPS = ['core.blog.apps.Blog']", "core/blog/__init__.py": "", "core/blog/apps.py": "class Blog:\n    name = 'core.blog'", "core/blog/models.py": "import app.calc"}),
    ("by a package below which a name is computed", {TESTS: "import app.load", "src/app/load.py": "from importlib import import_module\ndef load(n):\n    return import_module(f'app.{n}')"}),
    ("by a relative name that is computed", {TESTS: "import app", "src/app/__init__.py": "from importlib import import_module\ndef __getattr__(n):\n    return import_module(f'.{n}', __name__)"}),
    ("by a name that is computed", {TESTS: "import app.load", "src/app/load.py": "import importlib\ndef load(n):\n    return importlib.import_module(n)"}),
    ("by the file's name", {TESTS: "TEXT = open('src/app/calc.py').read()"}),
    ("by all files of Python", {TESTS: "FILES = Path('src').rglob('*.py')"}),
    ("by a process", {TESTS: "import subprocess\n\n\ndef test_a():\n    subprocess.run(['app-cli'])"}),
    ("by a walk through all files", {TESTS: "import os\n\n\ndef test_a():\n    for place, _, files in os.walk('.'):\n        assert files"}),
    ("by a list of a directory", {TESTS: "from pathlib import Path\n\nFILES = list(Path('src').iterdir())"}),
    ("by a helper that looks for sources", {TESTS: "from helper import check", "tests/helper.py": "def check(name):\n    return open(f'src/app/{name}.py').read()"}),
    ("by a suffix", {TESTS: "import app\nfrom pathlib import Path\n\nTEXT = Path(app.__path__[0], 'calc').with_suffix('.py').read_text()"}),
    ("by a path that is put together", {TESTS: "from places import BASE\n\n\ndef test_a(name):\n    assert open(BASE + name).read()", "tests/places.py": "BASE = 'src/'"}),
    ("by a helper that opens what it is told", {TESTS: "from helper import text\n\n\ndef test_a():\n    assert text('calc')", "tests/helper.py": "from pathlib import Path\n\n\ndef text(name):\n    return (Path(__file__).parents[1] / name).read_text()"}),
    ("by a path of the environment", {TESTS: "import os\n\n\ndef test_a(request):\n    with open(os.path.join(request.config.rootpath, 'x')) as file:\n        assert file"}),
    ("by a resource with a name that is put together", {TESTS: "from importlib.resources import files\n\n\ndef read(package, name):\n    return files(package).joinpath(name).read_text()"}),
    ("by a path that a fixture of elsewhere gives", {TESTS: "def test_a(source):\n    assert source.read_bytes()"}),
    ("by an attribute that is set elsewhere", {TESTS: "class TestA(Base):\n    def test_a(self):\n        assert self.path.read_text()"}),
    ("by code in a text", {TESTS: "CODE = 'import app.calc; app.calc.x'"}),
    ("by a helper that cannot be parsed here", {TESTS: "import odd", "tests/odd.py": "def (:\nimport app.calc"}),
    ("by code in a text that takes it from its package", {TESTS: "CODE = 'from app import calc'"}),
    ("by code in a text that takes it among others", {TESTS: "CODE = 'from app import (\\n    main,\\n    calc,\\n)'"}),
    ("by a text that takes what it is told from its package", {TESTS: "CODE = 'from app import ' + NAME"}),
    ("by a text that takes what is put into it from its package", {TESTS: "CODE = 'from app import %s' % NAME"}),
    ("by code in a text that goes on in the next line", {TESTS: "CODE = 'from app import main, \\\\\\n    calc'"}),
    ("by a package that is run", {TESTS: "RUN = 'python -m app'", "src/app/__main__.py": "import app.calc"}),
    ("by an application that bears a name of one word", {TESTS: "import app.apps", "src/app/apps.py": "class App(Config):\n    name = 'app'"}),
    ("by a register that may load it", {TESTS: "from other import register\n\n\ndef test_a():\n    register.get('app')"}),
    ("by a scan of its package", {TESTS: "def test_a(config):\n    config.scan('app')"}),
    ("by the names that a star of its package takes", {TESTS: "from app import *", "src/app/__init__.py": "__all__ = ['calc']"}),
    ("by the names that a star of its package takes, added up", {TESTS: "from app import *", "src/app/__init__.py": "__all__ = []\n__all__ += ('calc',)"}),
    ("by a process that code starts", {TESTS: "import app.main", "src/app/main.py": "import subprocess, sys\ndef f(name):\n    subprocess.run([sys.executable, name])"}),
    ("by a process that runs beside", {TESTS: "import asyncio\n\n\nasync def test_a():\n    await asyncio.create_subprocess_exec('run')"}),
    ("by a process of a fixture", {TESTS: "def test_a(pytester):\n    pytester.runpytest()"}),
    ("by a process of a fixture that a mark names", {TESTS: "@pytest.mark.usefixtures('xprocess')\ndef test_a(): ..."}),
    ("by a process of the system", {TESTS: "from os import system\n\n\ndef test_a():\n    system('app')"}),
    ("a module at the top", {TESTS: "import calc"}),
]  # fmt: skip
BESIDE = [
    ("a test of nothing", {TESTS: "def test_a(): pass"}),
    ("a test of another module", {TESTS: "import app.main", "src/app/main.py": "x = 1"}),
    ("a module of the same name in another package", {TESTS: "import other.calc", "src/other/__init__.py": "", "src/other/calc.py": ""}),
    ("an import for checkers of types", {TESTS: "import app.main", "src/app/main.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.calc import x"}),
    ("a word that names a directory of tests which may read anything", {TESTS: "def test_a():\n    assert start('web')", "tests/web/__init__.py": "", "tests/web/test_calc.py": "import os\n\nFILES = os.listdir('.')"}),
    ("a docstring that speaks of it", {TESTS: "'''Not app.calc.'''"}),
    ("a comment that speaks of it", {TESTS: "# not app.calc"}),
    ("a conftest of another directory", {TESTS: "", "tests/unit/conftest.py": "import app.calc"}),
    ("another file's name", {TESTS: "TEXT = open('src/app/main.py').read()"}),
    ("files of its own", {TESTS: "def test_a(tmp_path):\n    (tmp_path / 'a.txt').write_text('x')\n    assert open(tmp_path / 'a.txt').read()"}),
    ("files by their names", {TESTS: "from pathlib import Path\n\nHERE = Path(__file__).parent\n\n\n@pytest.mark.parametrize('name', ['a.txt', 'b.txt'])\ndef test_a(name):\n    assert (HERE / name).read_text()"}),
    ("a file of a fixture of its own", {TESTS: "import pytest\nfrom pathlib import Path\n\n\n@pytest.fixture\ndef sample():\n    return HERE / 'a.txt'\n\n\nHERE = Path(__file__).parent\n\n\ndef test_a(sample):\n    assert open(sample).read()"}),
    ("files that it lists by name", {TESTS: "def test_a():\n    for name in ('a.txt', 'b.txt'):\n        with open('tests/' + name, encoding='utf-8') as file:\n            assert file.read()"}),
    ("files that it writes", {TESTS: "def test_a(made):\n    with open(made, 'w') as file:\n        file.write('x')"}),
    ("a directory of its own", {TESTS: "import os\nimport tempfile\n\n\nclass TestA:\n    def setup_method(self):\n        self.place = tempfile.mkdtemp()\n\n    def test_a(self):\n        assert open(os.path.join(self.place, NAME)).read()"}),
    ("code that lists its own data", {TESTS: "import app.main", "src/app/main.py": "import os\nNAMES = os.listdir('data')"}),
    ("a word that is called like a directory without modules", {TESTS: "KIND = 'src'"}),
    ("a place in another package", {TESTS: "PLACES = ['core.blog.models', 'core.shop.Cart']", "core/__init__.py": "", "core/shop/__init__.py": "", "core/blog/models.py": "", "core/blog/views.py": "import app.calc"}),
    ("the name of a logger", {TESTS: "import app.main", "src/app/main.py": "import logging\nlog = logging.getLogger('app')"}),
    ("a title of the package", {TESTS: "import app.main", "src/app/main.py": "__title__ = 'app'"}),
    ("a key that is called like the package", {TESTS: "import app.main", "src/app/main.py": "def f(t):\n    return t['app'] or {'app': 1}"}),
    ("a comparison with the package's name", {TESTS: "import app.main", "src/app/main.py": "def f(t):\n    return t == 'app' or t in ('app', 'other') or t.startswith('app')"}),
    ("a path with a directory that is called like the package", {TESTS: "import app.main", "src/app/main.py": "def f(path):\n    return path / 'app'"}),
    ("a sentence about the package", {TESTS: "TEXT = 'Removed from app, do not import app'"}),
    ("code in a text that takes another module", {TESTS: "CODE = 'from app import main'", "src/app/main.py": ""}),
    ("words of processes and lists that mean something else", {TESTS: "def test_a(system, walk=None):\n    'No subprocess.'\n    glob = system  # listdir"}),
    ("a process of another program", {TESTS: "import app.main", "src/app/main.py": "import subprocess\ndef f(executable):\n    subprocess.run([executable])"}),
    ("a module that reads a literal name", {TESTS: "import importlib\nimportlib.import_module('app.main')", "src/app/main.py": ""}),
]  # fmt: skip


@pytest.mark.parametrize("files", [row[1] for row in REACH], ids=[row[0] for row in REACH])
def test_a_test_file_that_may_import_a_module_reaches_it(files: dict[str, str]) -> None:
    found = reaching(tree_of(PACKAGE | files | {"tests/test_calc.py": "import app.calc"}), [CHANGED])

    tests = [path for path in files if "/test_" in path]
    assert {*tests, "tests/test_calc.py"} <= set(found.files)
    assert found.known == 3


@pytest.mark.parametrize("files", [row[1] for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_a_test_file_that_cannot_import_a_module_is_left_out(files: dict[str, str]) -> None:
    found = reaching(tree_of(PACKAGE | files | {"tests/test_calc.py": "import app.calc"}), [CHANGED])

    blind = [path for path in files if path.endswith("/test_calc.py")]
    assert (found.files, found.known, found.whole) == (("tests/test_calc.py", *blind), 3 + len(blind), "")


@pytest.mark.parametrize(
    ("other", "reaches"),
    [
        ("import app.load", False),
        ("import app.load\napp.load.load('helper')", True),
        ("from importlib import import_module\n\n\ndef test_a(name):\n    import_module(name)", True),
        ("import os\n\nFILES = os.listdir('.')", True),
    ],
)
def test_code_that_computes_names_imports_no_helper_of_tests_that_nobody_tells_it(other: str, reaches: bool) -> None:
    code = {"src/app/load.py": COMPUTES, TESTS: "import helper", "tests/helper.py": "import app.calc"}
    files = PACKAGE | code | {"tests/test_b.py": other}

    found = reaching(tree_of(files), ["tests/helper.py"])

    assert found.files == ((TESTS, "tests/test_b.py") if reaches else (TESTS,))
    assert reaching(tree_of(files), [CHANGED]).files == (TESTS, "tests/test_b.py")


@pytest.mark.parametrize(
    ("files", "configuration"),
    [
        ({"tests/conftest.py": "def pytest_collect_file(): ..."}, ""),
        ({"tests/conftest.py": "pytest_collect_file = Sybil(parsers).pytest()"}, ""),
        ({"tests/plugin.py": "from other import collect as pytest_collect_file"}, ""),
        ({"tests/conftest.py": "def pytest_configure(config): config.option.doctestmodules = True"}, ""),
        ({}, "[pytest]\npython_files = test_*.py\naddopts =\n    --doctest-glob=*.md\n"),
        ({}, "[tool.pytest.ini_options]\naddopts = '--doctest-modules'\n"),
        ({}, "[pytest]\ndoctest_optionflags = ELLIPSIS\naddopts = --doctest-modules\n"),
        ({}, "[pytest]\naddopts = -p app.calc\n"),
        ({}, "[tool.pytest.ini_options]\nmarkers = [\n    'slow',\n]\naddopts = '-p app.calc'\n"),
        ({}, "[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = 'app.calc'\n"),
        ({}, "[project.entry-points.pytest11]\nmine = 'app.calc'\n"),
        ({"tests/test_a.py": "import os"}, ""),
    ],
)
def test_where_nobody_can_know_all_tests_are_run(files: dict[str, str], configuration: str) -> None:
    assert reaching(tree_of(PACKAGE | files, configuration), [CHANGED]).whole


READS = [
    ("names it", "def test_a():\n    open('data/words.txt')"),
    ("names its directory", "HERE = Path(__file__).parent / 'data'\nALL = HERE.glob('*.txt')"),
    ("names it without its suffix", "load('words')"),
    ("uses a helper that reads it", "from .files import read"),
]


@pytest.mark.parametrize("text", [row[1] for row in READS], ids=[row[0] for row in READS])
def test_data_of_the_tests_reaches_those_that_name_it(text: str) -> None:
    helper = "def read():\n    return open('tests/data/words.txt')"
    files = PACKAGE | {TESTS: text, "tests/files.py": helper if "files" in text else "", "tests/__init__.py": ""}

    assert reaching(tree_of(files), ["tests/data/words.txt"]).files == (TESTS,)


@pytest.mark.parametrize(
    ("text", "reads"), [("TEXT = open('src/app/words.txt').read()", True), ("TEXT = open('src/other.txt')", False)]
)
def test_data_of_the_code_reaches_tests_that_name_it_too(text: str, reads: bool) -> None:
    files = PACKAGE | {TESTS: text, "tests/test_calc.py": "import app.calc"}

    found = reaching(tree_of(files), [CHANGED], ["src/app/words.txt"]).files

    assert (TESTS in found) is reads


@pytest.mark.parametrize("path", ["tests/test_a/words.txt", "tests/__snapshots__/test_a.ambr"])
def test_data_that_bears_the_name_of_a_test_file_reaches_it(path: str) -> None:
    assert reaching(tree_of(PACKAGE | {TESTS: ""}), [path]).files == (TESTS,)


def test_data_that_no_test_names_may_concern_any() -> None:
    assert reaching(tree_of(PACKAGE | {TESTS: "import tests"}), ["tests/words.txt"]).whole


@pytest.mark.parametrize(
    ("files", "configuration"),
    [
        ({"tests/support.py": "TEXT = '''\ndef pytest_collect_file(): ...\n'''"}, ""),
        ({}, "[testenv:docs]\ncommands = sphinx-build -b doctest docs out\n"),
        ({}, "[tool.coverage.report]\nexclude_lines = ['doctest']\n[tool.pytest.ini_options]\naddopts = '-ra'\n"),
        ({}, "[tool.pytest.ini_options]\ndoctest_optionflags = ['ELLIPSIS']\n"),
        ({}, "[tool.pytest.ini_options]\nmarkers = [\n    'calc: of src/app/calc.py',\n]\naddopts = '-ra'\n"),
        ({}, "[tool.pytest.ini_options]\nmarkers = ['calc(id): see [app.calc]']\n"),
        ({}, "[pytest]\nmarkers =\n    calc: of app.calc\naddopts = -ra\n"),
    ],
)
def test_a_word_that_configures_nothing_narrows_all_the_same(files: dict[str, str], configuration: str) -> None:
    tests = {TESTS: "import app.calc", "tests/test_b.py": "import os"}

    assert reaching(tree_of(PACKAGE | tests | files, configuration), [CHANGED]).files == (TESTS,)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (b"Usage:\n\n    >>> import app.calc\n", True),
        (b"- case: calc\n  main: from app.calc import x\n", True),
        (b"---\ntest_name: calc\nstages: []\n", True),
        (b"rows of data >>> here\n", False),
        (b"rows:\n  - case: one\n", False),
    ],
)
def test_tests_of_a_text_that_pytest_or_a_plugin_collects_may_reach_anything(text: bytes, whole: bool) -> None:
    tree = tree_of(PACKAGE | {TESTS: "import app.calc"})._replace(documents=[text])

    assert bool(reaching(tree, [CHANGED]).whole) is whole


def test_a_script_of_the_project_is_an_import_of_its_module() -> None:
    files = PACKAGE | {TESTS: "def test_a(run):\n    run('calculate --fast')", "tests/test_b.py": "import app"}

    found = reaching(tree_of(files, "[project.scripts]\ncalculate = 'app.calc:main'\n"), [CHANGED])

    assert found.files == (TESTS,)


@pytest.mark.parametrize("entry", ["plug = 'app.calc'", "plug = 'app.calc:x'", "plugins =\n    plug = app.calc:x"])
@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ("from importlib.metadata import entry_points\nFOUND = entry_points(group='plugins')", True),
        ("from importlib import metadata\nFOUND = [one.entry_points for one in metadata.distributions()]", True),
        ("from importlib.metadata import version\nFOUND = version('plugins')", False),
    ],
)
def test_what_loads_entry_points_imports_those_that_the_configuration_names(entry: str, text: str, loads: bool) -> None:
    files = PACKAGE | {"src/app/load.py": text, TESTS: "import app.load", "tests/test_b.py": "import app.calc"}

    found = reaching(tree_of(files, f"[project.entry-points.plugins]\n{entry}\n"), [CHANGED])

    assert found.files == ((TESTS, "tests/test_b.py") if loads else ("tests/test_b.py",))


COMPUTES = "import importlib\ndef load(name):\n    return importlib.import_module(name)"
MEMBERS = {
    "one/src/first/__init__.py": "",
    "one/src/first/calc.py": "",
    "one/tests/test_first.py": "import first.calc",
    "two/src/second.py": COMPUTES,
    "two/tests/test_second.py": "import second",
}


@pytest.mark.parametrize(
    ("configuration", "more", "reaches"),
    [
        ({"one": "name = 'first-of-all'", "two": "name = 'second'"}, {}, False),
        ({"one": "name = 'first-of-all'", "two": "name = 'second'\ndependencies = ['First_of.all>=1']"}, {}, True),
        (
            {"one": "name = 'first'", "two": "name = 'second'\ndependencies = ['third']", "three": "name = 'third'\ndependencies = ['first']"},
            {},
            True,
        ),
        ({"one": "name = 'first'", "two": "name = 'second'\n[tool.pytest.ini_options]\npythonpath = '../one/src'"}, {}, True),
        ({"one": "name = 'first'", "": "name = 'second'"}, {}, True),
        ({"": "name = 'first'", "two": "name = 'second'"}, {}, False),
        ({"one": "name = 'first'"}, {}, True),
        ({"two": "name = 'second'"}, {}, True),
        ({"one": "name = 'first'", "two": "name = 'second'"}, {"two/src/second.py": f"{COMPUTES}\nimport first.calc"}, True),
        ({"one": "name = 'first'", "two": "name = 'second'"}, {"two/tests/test_second.py": "import subprocess"}, False),
        ({"one": "name = 'first'", "two": "name = 'second'"}, {"two/tests/test_second.py": "p.rglob('*')"}, True),
        ({"one": "name = 'first'\n[project.scripts]\ndev = 'first.calc:main'", "two": "name = 'second'"}, {"two/src/second.py": "USE = 'in dev'"}, False),
        ({"one": "name = 'first'\n[project.scripts]\ndev = 'first.calc:main'", "two": "name = 'second'\ndependencies = ['first']"}, {"two/src/second.py": "USE = 'in dev'"}, True),
    ],
    ids=[
        "neither names the other", "a dependency", "a dependency of one", "a directory", "around it", "not the project around it", "in no project",
        "to the rest of the repository", "an import", "a process of another", "a walk through directories", "a word that is a script's elsewhere", "a script of a dependency",
    ],
)  # fmt: skip
def test_a_computed_name_is_of_a_project_that_the_configuration_of_its_own_names(
    configuration: dict[str, str], more: dict[str, str], reaches: bool
) -> None:
    members = {place: (f"[project]\n{text}\n", "[broken") for place, text in configuration.items()}
    helpers = [path for path in MEMBERS if "/tests/" in path]
    texts = {path: (text.encode(),) for path, text in (MEMBERS | more).items()}

    tree = Tree(
        texts,
        helpers,
        helpers,
        [text for some in members.values() for text in some],
        members=members,
        roots=["one/src"],
    )
    found = reaching(tree, ["one/src/first/calc.py"])

    assert (found.files == (helpers[0],), bool(found.whole)) == (not reaches, reaches)


def test_a_project_without_tests_has_none_that_reach_anything() -> None:
    found = reaching(tree_of({CHANGED: "x = 1"}), [CHANGED])

    assert (found.files, found.known, found.whole) == ((), 0, "")


def test_both_texts_of_a_file_count() -> None:
    tree = Tree(
        {CHANGED: (b"",), TESTS: (b"import app.calc", b""), "tests/test_b.py": (b"",)},
        [TESTS, "tests/test_b.py"],
        [TESTS],
    )

    assert reaching(tree, [CHANGED]).files == (TESTS,)


STYLES = [
    "import {full}",
    "from {package} import {name}",
    "from {full} import *",
    "import importlib; importlib.import_module('{full}')",
    "import importlib; importlib.import_module('{package}.' + '{name}')",
    "__import__('{full}')",
    "def f():\n    import {full}\nf()",
    "from .. import __name__ as _\nfrom {full} import value",
    "try:\n    import {full}\nexcept ImportError:\n    pass",
]
LOADED = """
import sys, runpy
sys.path[:0] = [sys.argv[1] + '/src', sys.argv[1] + '/tests']
try:
    runpy.run_path(sys.argv[1] + '/' + sys.argv[2])
finally:
    top = sys.argv[1] + '/'
    files = [getattr(module, '__file__', None) or '' for module in list(sys.modules.values())]
    print(*sorted(file.removeprefix(top) for file in files if file.startswith(top)))
"""


@pytest.mark.parametrize("seed", range(4))
def test_no_module_that_a_test_really_loads_is_out_of_its_reach(tmp_path: Path, seed: int) -> None:
    files = grown(random.Random(seed))
    for path, text in files.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    tree = tree_of(files)
    missed, seen = [], 0
    for test in tree.tests:
        done = subprocess.run(
            [sys.executable, "-c", LOADED, tmp_path, test], capture_output=True, text=True, check=True
        )
        for module in done.stdout.split():
            found = reaching(tree, [module])
            seen += 1
            if not found.whole and test not in found.files:
                missed.append((test, module))

    assert (missed, seen > 0) == ([], True)


def grown(chance: random.Random) -> dict[str, str]:
    """Return a project of modules in two packages that import earlier ones in any style, and tests of some."""
    names = [f"{chance.choice(['app', 'app.sub'])}.m{number}" for number in range(9)]
    files = {"src/app/__init__.py": "", "src/app/sub/__init__.py": ""}

    def lines(earlier: list[str], *, inside: bool) -> str:
        chosen = chance.sample(earlier, min(len(earlier), chance.randint(0, 2)))
        styles = [style for style in STYLES if inside or ".." not in style]
        written = []
        for full in chosen:
            package, _, name = full.rpartition(".")
            written.append(chance.choice(styles).format(full=full, package=package, name=name))
        return "\n".join([*written, "value = 1"]) + "\n"

    for number, full in enumerate(names):
        inside = full.startswith("app.sub")
        files[f"src/{full.replace('.', '/')}.py"] = lines(names[:number], inside=inside)
    for number in range(4):
        files[f"tests/test_t{number}.py"] = lines(names, inside=False)
    return files


@pytest.mark.parametrize(
    ("path", "text", "alike"),
    [
        ("checks/test_a.py", "def test_a(): ...", True),
        ("a_test.py", "class A:\n    async def test_a(self): ...", True),
        ("tests/test_data.py", "ROWS = []", False),
        ("tests/helpers.py", "def test_a(): ...", False),
        ("tests/test_a.txt", "def test_a(): ...", False),
    ],
)
def test_a_file_looks_like_tests_by_its_name_and_what_it_defines(path: str, text: str, alike: bool) -> None:
    assert looks_like_tests(path, [b"x = 1", text.encode()]) is alike
