from __future__ import annotations

import pytest

from pytest_phasegate.core.project.layout import configuration_paths, find_layout
from pytest_phasegate.core.project.paths import Layout, Side

SRC = ["pyproject.toml", "src/app/__init__.py", "src/app/cache.py", "tests/test_cache.py", "tests/data/a.json"]
FLAT = ["pyproject.toml", "app/__init__.py", "app/cache.py", "app/tests/test_cache.py", "app/tests/data.json", "run.py"]
MODULE = ["pyproject.toml", "setup.py", "foo.py", "test_foo.py"]
MONO = [
    "pyproject.toml",
    "packages/a/pyproject.toml",
    "packages/a/src/a/__init__.py",
    "packages/a/tests/test_a.py",
    "packages/b/setup.py",
    "packages/b/b/__init__.py",
    "packages/b/b/tests/test_b.py",
    "docs/conf.py",
]
DJANGO = ["setup.py", "django/__init__.py", "django/test/__init__.py", "django/test/client.py", "tests/a/tests.py"]
SHOP = ["site/manage.py", "shop/__init__.py", "shop/models.py", "shop/tests.py"]
NAMESPACE = ["pyproject.toml", "app/cache.py", "spec/test_cache.py", "spec/data/x.json", "scripts/deploy.py"]


@pytest.mark.parametrize(
    ("tree", "path", "side"),
    [
        (SRC, "src/app/cache.py", "production"),
        (SRC, "src/app/new.py", "production"),
        (SRC, "src/app/cache.pyi", "neither"),
        (SRC, "src/app/fast.pyx", "neither"),
        (SRC, "src/app/schema.json", "neither"),
        (SRC, "tests/test_cache.py", "test"),
        (SRC, "tests/data/new.bin", "test"),
        (SRC, "conftest.py", "test"),
        (SRC, "src/app/conftest.py", "test"),
        (SRC, "src/app/test_cache.py", "test"),
        (SRC, "src/app/tests/data.json", "neither"),
        (SRC, "test_top.py", "test"),
        (SRC, "noxfile.py", "neither"),
        (SRC, "docs/index.md", "neither"),
        (SRC, "uv.lock", "neither"),
        (SRC, "srcs/app.py", "neither"),
        (FLAT, "app/cache.py", "production"),
        (FLAT, "app/tests/test_cache.py", "test"),
        (FLAT, "app/tests/data.json", "test"),
        (FLAT, "app/tests/helper.py", "test"),
        (FLAT, "run.py", "production"),
        ([*FLAT, "runtests.py"], "runtests.py", "neither"),
        (MODULE, "foo.py", "production"),
        (MODULE, "test_foo.py", "test"),
        (MODULE, "setup.py", "neither"),
        ([*MODULE, "duties.py"], "duties.py", "neither"),
        (MONO, "packages/a/src/a/x.py", "production"),
        (MONO, "packages/a/tests/data.txt", "test"),
        (MONO, "packages/b/b/x.py", "production"),
        (MONO, "packages/b/b/tests/x.py", "test"),
        (MONO, "docs/conf.py", "neither"),
        (DJANGO, "django/test/client.py", "production"),
        (DJANGO, "tests/a/tests.py", "test"),
        (SHOP, "shop/tests.py", "test"),
        (SHOP, "shop/models.py", "production"),
        (NAMESPACE, "app/cache.py", "production"),
        (NAMESPACE, "spec/data/x.json", "test"),
        (NAMESPACE, "scripts/deploy.py", "neither"),
    ],
)
def test_a_path_is_production_test_or_neither(tree: list[str], path: str, side: str) -> None:
    assert find_layout(tree).side(path) == side


@pytest.mark.parametrize(
    ("name", "text", "path", "side"),
    [
        ("pytest.ini", "[pytest]\npython_files = check_*.py\n", "check_a.py", "test"),
        ("pytest.ini", "[pytest]\npython_files = check_*.py\n", "test_a.py", "neither"),
        (".pytest.ini", "[pytest]\npython_files = check_*.py\n", "check_a.py", "test"),
        ("tox.ini", "[pytest]\npython_files = check_*.py\n", "check_a.py", "test"),
        ("setup.cfg", "[tool:pytest]\npython_files = check_*.py\n", "check_a.py", "test"),
        ("pytest.toml", "[pytest]\npython_files = ['check_*.py']\n", "check_a.py", "test"),
        (".pytest.toml", "nonsense = [", "check_a.py", "neither"),
        ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = 'check_*.py'\n", "check_a.py", "test"),
        ("pyproject.toml", "[tool.pytest]\npython_files = ['check_*.py']\n", "check_a.py", "test"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['spec']\n", "spec/data/new.json", "test"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['sp*']\n", "spec/data/new.json", "test"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['spec']\n", "test_top.py", "neither"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['spec', 'src']\n", "src/app/a.py", "production"),
        ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = '*.py'\n", "src/app/a.py", "production"),
        ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = '*.py'\n", "spec/cache.py", "test"),
        ("pyproject.toml", "[tool.pytest.ini_options]\ntestpaths = ['src/app/spec']\n", "src/app/spec/d.json", "test"),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\ntestpaths = ['src/app/core']\n",
            "src/app/core/a.py",
            "production",
        ),
        ("pyproject.toml", "not toml [", "test_top.py", "test"),
        ("tox.ini", "no section", "test_top.py", "test"),
        ("tox.ini", "[pytest]\ntestpaths = spec\n", "test_top.py", "neither"),
    ],
)
def test_pytest_configuration_says_what_is_collected(name: str, text: str, path: str, side: str) -> None:
    tree = [
        "src/app/__init__.py",
        "src/app/a.py",
        "src/app/core/a.py",
        "src/app/spec/test_x.py",
        "spec/data/a.json",
        name,
    ]

    assert find_layout(tree, {name: text}).side(path) == side


POINTED = {"setup.cfg": "[tool:pytest]\ntestpaths = t/unit/\n"}


@pytest.mark.parametrize(
    ("setup", "path", "side"),
    [
        ("setup(packages=find_packages(exclude=['t', 't.*']))", "t/integration/test_net.py", "test"),
        ("setup(packages=setuptools.find_packages(exclude=['t', 't.*']))", "t/mocks.py", "test"),
        ("setup(packages=find_packages(exclude=['t', 't.*']))", "app/a.py", "production"),
        ("setup(packages=find_packages(exclude=['t', 'extra']))", "extra/a.py", "production"),
        ("setup(packages=find_packages())", "t/mocks.py", "production"),
        ("no syntax (", "t/mocks.py", "production"),
    ],
)
def test_a_package_that_pytest_is_pointed_into_and_that_is_not_shipped_is_for_tests(
    setup: str, path: str, side: str
) -> None:
    tree = [
        "app/__init__.py", "extra/__init__.py", "t/__init__.py", "t/mocks.py", "t/unit/test_a.py",
        "t/integration/test_net.py", "setup.py", "setup.cfg",
    ]  # fmt: skip

    assert find_layout(tree, {"setup.py": setup, **POINTED}).side(path) == side


def test_only_the_first_file_that_configures_pytest_is_read() -> None:
    texts = {"pytest.ini": "", "tox.ini": "[pytest]\npython_files = check_*.py\n"}

    assert not find_layout(["a/__init__.py", *texts], texts).is_test("check_a.py")


def test_a_nested_project_has_a_pytest_configuration_of_its_own() -> None:
    texts = {
        "pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['tests']\n",
        "packages/a/pyproject.toml": "[tool.pytest.ini_options]\npython_files = 'check_*.py'\n",
    }
    layout = find_layout([*texts, "packages/a/a/__init__.py", "tests/test_x.py"], texts)

    assert layout.is_test("packages/a/check_a.py")
    assert not layout.is_test("check_a.py")


@pytest.mark.parametrize(
    ("pyproject", "root"),
    [
        ("[tool.setuptools.packages.find]\nwhere = ['lib']", "lib"),
        ("[tool.setuptools]\npackage-dir = {'' = 'lib'}", "lib"),
        ("[tool.setuptools]\npackages = ['scripts', 'scripts.sub']", "scripts"),
        ("[tool.setuptools]\npy-modules = ['manage']", "manage.py"),
        ("[tool.hatch.build.targets.wheel]\npackages = ['./scripts/']", "scripts"),
        ("[tool.poetry]\npackages = [{include = 'inner', from = 'lib'}]", "lib"),
        ("[tool.poetry]\npackages = [{include = 'scripts'}, 'odd']", "scripts"),
        ("[tool.pdm.build]\npackage-dir = 'lib'", "lib"),
        ("[tool.maturin]\npython-source = 'lib'", "lib"),
        ("[tool.flit.module]\nname = 'scripts'", "scripts"),
    ],
)
def test_the_build_configuration_names_production_roots(pyproject: str, root: str) -> None:
    tree = ["pyproject.toml", "lib/inner/a.py", "scripts/__init__.py", "manage.py"]

    assert root in find_layout(tree, {"pyproject.toml": pyproject}).source


@pytest.mark.parametrize(
    "pyproject",
    [
        '[tool.setuptools_scm]\nversion_file = "src/app/_version.py"',
        '[tool.setuptools_scm]\nwrite_to = "./src/app/_version.py"',
        '[tool.hatch]\nbuild.hooks.vcs.version-file = "src/app/_version.py"',
        '[tool.versioningit.write]\nfile = "src/app/_version.py"',
    ],
)
def test_the_build_configuration_names_the_file_that_gets_the_version(pyproject: str) -> None:
    paths = ["pyproject.toml", "src/app/__init__.py"]

    written = find_layout(paths, {"pyproject.toml": pyproject})

    assert written.version_files == ("src/app/_version.py",)
    assert written.united(find_layout(paths)).version_files == ("src/app/_version.py",)
    assert find_layout(paths).version_files == ()


def test_setup_cfg_names_production_roots() -> None:
    text = "[options]\npackage_dir =\n    = lib\n[options.packages.find]\nwhere = more\n"

    assert find_layout(["lib/a/b.py", "more/c/d.py", "setup.cfg"], {"setup.cfg": text}).source == ("more", "lib")


@pytest.mark.parametrize("project", ["", "packages/a/"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[options.packages.find]\nwhere = .\n"),
        ("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['.']"),
        ("pyproject.toml", "[tool.setuptools]\npackage-dir = {'' = './'}"),
    ],
)
def test_the_top_of_a_project_as_the_place_of_its_packages_says_nothing_new(project: str, name: str, text: str) -> None:
    paths = [
        f"{project}{path}" for path in ("app/__init__.py", "tests/test_a.py", "docs/conf.py", "pyproject.toml", name)
    ]

    assert find_layout(paths, {f"{project}{name}": text}).source == (f"{project}app",)


LEAVES_OUT = {
    "declares a module": ("setup.cfg", "[options]\npy_modules = lint\n"),
    "excludes a pattern": ("setup.cfg", "[options.packages.find]\nexclude =\n    tests*\n    testing*\n"),
    "excludes it in pyproject": ("pyproject.toml", "[tool.setuptools.packages.find]\nexclude = ['testing', 'docs']\n"),
    "declares another package": ("pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['app']\n"),
}
KIT = [
    "lint.py",
    "app/__init__.py",
    "testing/__init__.py",
    "testing/data/E20.py",
    "testing/kit.py",
    "tests/test_lint.py",
]


@pytest.mark.parametrize(("name", "text"), LEAVES_OUT.values(), ids=LEAVES_OUT)
def test_a_package_named_after_tests_that_the_build_leaves_out_is_test_side(name: str, text: str) -> None:
    layout = find_layout([*KIT, name], {name: text})

    assert {layout.side(path) for path in KIT if path.startswith("test")} == {Side.TEST}
    assert {layout.side(path) for path in ("lint.py", "app/__init__.py")} == {Side.PRODUCTION}


@pytest.mark.parametrize(
    ("package", "name", "text"),
    [
        ("testing", "pyproject.toml", "[project]\nname = 'app'\n"),
        ("testimonials", "pyproject.toml", "[project]\nname = 'app'\n"),
        ("worker", "pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['app']\n"),
        ("testkit", "pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['app', 'testkit']\n"),
    ],
    ids=["a build that finds all packages", "the same, another word", "named after something else", "declared"],
)
def test_any_other_package_beside_the_code_is_production(package: str, name: str, text: str) -> None:
    layout = find_layout(["app/__init__.py", f"{package}/__init__.py", name], {name: text})

    assert layout.side(f"{package}/__init__.py") is Side.PRODUCTION


def test_what_a_build_declares_and_the_tree_does_not_hold_is_no_root() -> None:
    text = "[tool.hatch.build.targets.wheel]\npackages = ['gone']"

    assert find_layout(["pyproject.toml", "app/__init__.py"], {"pyproject.toml": text}).source == ("app",)


def test_a_root_declared_beside_a_src_layout_counts_too() -> None:
    text = "[tool.hatch.build.targets.wheel]\npackages = ['src/app', 'plugin']"

    assert find_layout(["src/app/a.py", "plugin/b.py"], {"pyproject.toml": text}).source == ("src", "plugin")


ONLY_TESTS = {"pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['tests']\n"}


@pytest.mark.parametrize(("tree", "package"), [(SRC, "src/app"), (SRC, "src/app/session"), (FLAT, "app/session")])
def test_a_module_called_setup_in_a_package_makes_no_project_of_it(tree: list[str], package: str) -> None:
    own = [f"{package}/{name}.py" for name in ("__init__", "setup", "test_files")]
    layout = find_layout([*dict.fromkeys([*tree, *own])], ONLY_TESTS)

    assert {layout.side(path) for path in own} == {Side.PRODUCTION}
    assert layout.run_roots == ("",)


@pytest.mark.parametrize(
    ("kit", "own", "on_path"),
    [
        ("ns/test/kit.py", "ns/api/a.py", True),
        ("other/kit.py", "ns/api/a.py", False),
        ("ns/__init__.py", "ns/api/a.py", False),
        ("ns/test/kit.py", "ns/__init__.py", False),
    ],
    ids=["in the namespace of the code", "data of tests", "a package of that name", "the code is a package"],
)
def test_helpers_of_tests_that_are_a_package_in_the_namespace_of_the_code_come_from_the_tree(
    kit: str, own: str, on_path: bool
) -> None:
    paths = [f"api/src/{own}", "api/pyproject.toml", f"tests/kit/src/{kit}", "tests/kit/pyproject.toml"]

    layout = find_layout(paths, {})

    assert ("tests/kit/src" in layout.import_roots) is on_path
    assert layout.side(f"tests/kit/src/{kit}") is Side.TEST


RULED = "[tool.pytest.ini_options]\naddopts = '-v'\n"


@pytest.mark.parametrize(
    ("tests", "text", "roots"),
    [
        (["tests/__init__.py", "tests/test_{}.py"], RULED, ("", "packages/a", "packages/b")),
        (["tests/test_one.py"], RULED, ("", "packages/a", "packages/b")),
        (["tests/test_{}.py"], RULED, ("",)),
        (["tests_{}/__init__.py", "tests_{}/test_one.py"], RULED, ("",)),
        (["tests/test_one.py"], RULED.replace("-v", "--import-mode=importlib"), ("",)),
        (["tests/test_one.py"], RULED + "testpaths = ['packages/*/tests']\n", ("",)),
    ],
    ids=["one package", "one module", "modules of their own", "packages of their own", "importlib", "named by the top"],
)
def test_members_whose_tests_no_one_process_can_import_are_run_each_by_itself(
    tests: list[str], text: str, roots: tuple[str, ...]
) -> None:
    members = [f"packages/{one}/{path.format(one)}" for one in "ab" for path in ("pyproject.toml", "src/{}.py", *tests)]

    assert find_layout(["pyproject.toml", *members], {"pyproject.toml": text}).run_roots == roots


@pytest.mark.parametrize("inside", ["b/__init__.py", "src/b/__init__.py"])
def test_a_setup_beside_a_package_of_its_own_is_a_projects_though_the_directory_is_a_package_too(inside: str) -> None:
    tree = ["packages/b/__init__.py", "packages/b/setup.py", f"packages/b/{inside}"]

    assert find_layout([*SRC, *tree]).side(f"packages/b/{inside}") is Side.PRODUCTION


def test_the_users_source_takes_the_place_of_what_would_be_found() -> None:
    layout = find_layout(FLAT, source=["./app/"])

    assert [layout.side(path) for path in ("app/cache.py", "run.py")] == [Side.PRODUCTION, Side.NEITHER]


@pytest.mark.parametrize("source", [".", "./"])
@pytest.mark.parametrize(
    ("tree", "production", "others"),
    [
        (FLAT, ["app/cache.py", "run.py"], ["app/tests/test_cache.py"]),
        (MODULE, ["foo.py"], ["setup.py", "test_foo.py"]),
        (NAMESPACE, ["app/cache.py"], ["spec/test_cache.py", "scripts/deploy.py"]),
        (SRC, ["src/app/cache.py"], ["tests/test_cache.py"]),
    ],
    ids=["packages", "modules", "namespace packages", "src"],
)
def test_the_top_as_source_means_the_packages_and_modules_beside_the_configuration(
    tree: list[str], production: list[str], others: list[str], source: str
) -> None:
    layout = find_layout(tree, source=[source])

    assert [path for path in (*production, *others) if layout.side(path) is Side.PRODUCTION] == production


NAMED = '[project]\nname = "{}"\n'


@pytest.mark.parametrize(
    ("tree", "texts", "roots"),
    [
        (["jaraco/words/__init__.py"], {"pyproject.toml": NAMED.format("jaraco.words")}, ("",)),
        (["jaraco/words.py"], {"setup.cfg": "[metadata]\nname = jaraco.words\n"}, ("",)),
        (["google/cloud/words/a.py"], {"pyproject.toml": NAMED.format("google-cloud-words")}, ("",)),
        (["jaraco/functools/__init__.py"], {}, ("",)),
        (["jaraco/words/__init__.py"], {}, ("jaraco",)),
        (["lib/words/__init__.py"], {"pyproject.toml": NAMED.format("words")}, ("lib",)),
        (["lib/words/__init__.py"], {"pyproject.toml": NAMED.format("lib-other")}, ("lib",)),
        (["src/words/__init__.py"], {"pyproject.toml": NAMED.format("src.words")}, ("src",)),
        (["src/words/__init__.py", "src/test/test_words.py"], {}, ("src",)),
        (["packages/a/ns/words/a.py"], {"packages/a/pyproject.toml": NAMED.format("ns.words")}, ("packages/a",)),
    ],
)
def test_a_namespace_is_imported_from_above_it_and_a_directory_of_packages_from_inside(
    tree: list[str], texts: dict[str, str], roots: tuple[str, ...]
) -> None:
    layout = find_layout([*tree, *texts, "test_words.py"], texts)

    assert layout.import_roots == roots
    assert layout.side(tree[0]) is Side.PRODUCTION


def test_the_users_test_globs_extend_what_is_found() -> None:
    layout = find_layout(FLAT, tests=["checks/", "app/*_spec.py"])

    assert [layout.side(path) for path in ("checks/a.txt", "app/x_spec.py", "app/tests/a.py")] == [Side.TEST] * 3


@pytest.mark.parametrize(
    ("tree", "source", "roots"),
    [
        (MONO, (), ("packages/a/src", "packages/b")),
        (MONO, ("packages/b/b",), ("packages/b", "packages/a/src")),
        (MONO, ("packages/b",), ("packages/b", "packages/a/src")),
        (SRC, ("src/app",), ("src",)),
        (FLAT, ("app",), ("",)),
    ],
)
def test_packages_of_one_repository_can_import_each_other_whatever_one_of_them_configures(
    tree: list[str], source: tuple[str, ...], roots: tuple[str, ...]
) -> None:
    assert find_layout(tree, source=source).import_roots == roots


def test_a_package_of_a_repository_says_itself_where_its_code_is() -> None:
    tree = ["pyproject.toml", "packages/a/pyproject.toml", "packages/a/code/a.py", "packages/a/more/b.py"]
    text = "[tool.phasegate]\nsource = ['code']\n"

    layout = find_layout(tree, {"packages/a/pyproject.toml": text})

    assert (layout.source, layout.import_roots) == (("packages/a/code",), ("packages/a/code",))


CONFIGURED = "[tool.pytest.ini_options]\n"
NAMED = f"{CONFIGURED}testpaths = ['packages/*/tests']\n"


@pytest.mark.parametrize(
    ("tree", "texts", "roots"),
    [
        (SRC, {}, [""]),
        (SRC, {"pyproject.toml": CONFIGURED}, [""]),
        (MONO, {}, ["packages/a", "packages/b"]),
        (MONO[1:], {}, ["packages/a", "packages/b"]),
        (MONO, {"pyproject.toml": CONFIGURED}, ["", ""]),
        (MONO, {"pyproject.toml": CONFIGURED, "packages/a/pyproject.toml": CONFIGURED}, ["packages/a", ""]),
        (MONO, {"pyproject.toml": NAMED, "packages/a/pyproject.toml": CONFIGURED}, ["", ""]),
        ([*MONO, "conftest.py"], {}, ["", ""]),
        ([*MONO, "conftest.py"], {"packages/a/pyproject.toml": CONFIGURED}, ["packages/a", ""]),
        ([*MONO, "packages/b/tests/pyproject.toml"], {}, ["packages/a", "packages/b"]),
    ],
)
def test_pytest_is_started_where_its_configuration_says_or_in_the_nearest_project(
    tree: list[str], texts: dict[str, str], roots: list[str]
) -> None:
    layout = find_layout(tree, texts)

    tests = [path for path in tree if layout.is_collected(path)]

    assert [layout.run_root(path) for path in tests] == roots


@pytest.mark.parametrize(
    ("tree", "path", "module"),
    [
        (SRC, "src/app/cache.py", "app.cache"),
        (SRC, "src/app/__init__.py", "app"),
        (FLAT, "app/cache.py", "app.cache"),
        (MODULE, "foo.py", "foo"),
        (MONO, "packages/b/b/x.py", "b.x"),
        (MONO, "packages/a/src/a/x.py", "a.x"),
        (SRC, "tests/test_cache.py", None),
    ],
)
def test_a_production_file_is_imported_by_a_dotted_name(tree: list[str], path: str, module: str | None) -> None:
    assert find_layout(tree).module_of(path) == module


@pytest.mark.parametrize(
    ("tree", "paths", "packages"),
    [
        (SRC, ["src/app/cache.py", "src/app/deep/er/x.py", "src/other/__init__.py"], {"app", "other"}),
        (SRC, ["src/one.py", "src/two.py", "src/__init__.py"], {"one", "two"}),
        (MODULE, ["foo.py"], {"foo"}),
        (MONO, ["packages/a/src/a/x.py", "packages/b/b/x/y.py"], {"a", "b"}),
        (SRC, ["tests/test_cache.py"], set()),
    ],
)
def test_production_files_belong_to_packages(tree: list[str], paths: list[str], packages: set[str]) -> None:
    assert find_layout(tree).packages_of(paths) == packages


def test_a_union_knows_the_roots_of_both_trees() -> None:
    united = find_layout(FLAT).united(find_layout(SRC))

    assert [united.side(path) for path in ("app/x.py", "src/app/x.py", "tests/a.json")] == ["production"] * 2 + ["test"]


@pytest.mark.parametrize(
    ("one", "other", "testpaths"), [(("a",), ("b",), ("a", "b")), (("a",), (), ()), ((), ("b",), ())]
)
def test_a_union_with_a_tree_that_collects_everywhere_collects_everywhere(
    one: tuple[str, ...], other: tuple[str, ...], testpaths: tuple[str, ...]
) -> None:
    assert Layout(testpaths=one).united(Layout(testpaths=other)).testpaths == testpaths


def test_the_layout_asks_for_the_configuration_of_every_project_and_of_nothing_else() -> None:
    paths = ["pyproject.toml", "a/tox.ini", "tests/x/pyproject.toml", ".venv/pytest.ini", "src/app/a.py"]

    assert configuration_paths(paths) == ("a/tox.ini", "pyproject.toml")


@pytest.mark.parametrize(("name", "named"), [("TestA", True), ("CaseTest", True), ("Other", False)])
def test_class_patterns_are_prefixes_or_globs(name: str, named: bool) -> None:
    assert Layout(python_classes=("Test", "*Test")).is_test_class(name) is named


def test_function_patterns_are_read_from_the_configuration() -> None:
    layout = find_layout(["x/__init__.py"], {"pytest.ini": "[pytest]\npython_functions = check_*\nxfail_strict = true"})

    assert layout.is_test_function("check_a")
    assert not layout.is_test_function("test_a")
    assert layout.xfail_strict


@pytest.mark.parametrize("name", ["test.py", "tests.py"])
def test_a_module_named_test_or_tests_beside_the_project_is_test_side(name: str) -> None:
    layout = find_layout(["pyproject.toml", "app/__init__.py", "app/cache.py", name])

    assert layout.side(name) == "test"
    assert layout.side("app/cache.py") == "production"


@pytest.mark.characterization("werkzeug/test.py is production: a name in a package says nothing")
@pytest.mark.parametrize("name", ["test.py", "tests.py"])
def test_a_module_named_test_or_tests_in_a_package_stays_production(name: str) -> None:
    layout = find_layout(["pyproject.toml", "app/__init__.py", f"app/{name}"])

    assert layout.side(f"app/{name}") == "production"
