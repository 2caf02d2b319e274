"""The scratch tree is what is imported, in this process and in the programs that tests start."""

import functools
import os
import subprocess
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

_ARGUMENTS_BEFORE_ENV = 10
"""Of ``subprocess.Popen``: whoever gives more without their names gives an environment, too."""


class _TreeFirst:
    """Finds the project's own packages in the scratch tree, or nowhere: not where an installation points to."""

    def __init__(self, roots, packages):
        self.roots = roots
        self._packages = frozenset(packages)

    def find_spec(self, name, path=None, target=None):
        """Return the scratch tree's module; refuse one of the project's names that is not in the tree."""
        if name not in self._packages:
            return None
        around = name.split(".")[:-1]
        roots = self.roots if path is None else [os.path.join(root, *around) for root in self.roots]
        spec = PathFinder.find_spec(name, roots, target)
        if spec is None:
            raise ModuleNotFoundError("No module named %r" % name, name=name)
        return spec if spec.loader is not None else None


class _Guarded:
    """Another finder (an editable installation's, say) that may not lead into the hidden directories."""

    def __init__(self, finder, hides):
        self._finder = finder
        self._hides = hides

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        """Return what the finder finds, unless it is hidden."""
        find = getattr(self._finder, "find_spec", None)
        spec = find(name, path, target) if find else None
        places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
        return None if any(map(self._hides, places)) else spec


def _resolver():
    """Return what resolves the links of many paths as they are now: of each directory only once."""
    directories = {}

    def resolved(path):
        directory, name = os.path.split(path)
        if directory not in directories:
            directories[directory] = os.path.realpath(directory)
        place = os.path.join(directories[directory], name)
        return os.path.realpath(place) if name in {"", ".", ".."} or os.path.islink(place) else place

    return resolved


class Imports:
    """Makes the scratch tree the one that is imported, and tells afterwards whether it was."""

    def __init__(self, settings):
        self.root = os.path.realpath(settings["root"])
        self.roots = [os.path.realpath(root) for root in settings.get("roots", ())]
        self._packages = settings.get("packages", ())
        self._hidden = [os.path.realpath(path) + os.sep for path in settings.get("hidden", ())]
        self._kept = [os.path.realpath(path) + os.sep for path in {sys.prefix, sys.base_prefix, sys.exec_prefix}]

    def install(self):
        """Put the scratch roots first, close every other way to the project, forget what was imported from there."""
        sys.path[:] = self.roots + [entry for entry in sys.path if not self._leads_away(entry)]
        own = {BuiltinImporter, FrozenImporter, PathFinder}
        sys.meta_path[:] = [finder if self._harmless(finder, own) else _Guarded(finder, self.hides)
                            for finder in sys.meta_path]  # fmt: skip
        sys.meta_path.insert(0, _TreeFirst(self.roots, self._packages))
        for name, file in self._files():
            if self.owned(name) and not self.inside(file):
                del sys.modules[name]

    def modules(self):
        """Return the files of every imported module that is the project's, by name."""
        resolved = _resolver()
        files = [(name, file, resolved(file)) for name, file in self._files()]
        return {name: real for name, file, real in files
                if self.owned(name) or (os.path.isabs(file) and self._hidden_there(real))}  # fmt: skip

    def inside(self, path):
        """Whether a file is of the scratch tree."""
        return (os.path.realpath(path) + os.sep).startswith(self.root + os.sep)

    def relative(self, path):
        """Return the path of a file inside the scratch tree, with ``/``, or nothing."""
        return os.path.relpath(os.path.realpath(path), self.root).replace(os.sep, "/") if self.inside(path) else ""

    def hides(self, path):
        """Whether a file is of the user's checkout (and not of an environment that lies in it)."""
        return isinstance(path, str) and os.path.isabs(path) and self._hidden_there(os.path.realpath(path))

    def _hidden_there(self, place):
        real = place + os.sep
        return (
            any(map(real.startswith, self._hidden))
            and not real.startswith(self.root + os.sep)
            and not any(map(real.startswith, self._kept))
        )

    def _leads_away(self, entry):
        return self.hides(entry) or os.path.realpath(entry) in self.roots

    @staticmethod
    def _harmless(finder, own):
        return finder in own or type(finder).__module__.startswith("_pytest.")

    def owned(self, name):
        """Whether a name is one of the project's modules."""
        while name and name not in self._packages:
            name = name.rpartition(".")[0]
        return bool(name)

    @staticmethod
    def _files():
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str):
                yield name, file


def lead_programs(path):
    """Let the programs that tests start find the tree as well, also in an environment that the test makes for them.

    There the project would else be the installed one: the user's checkout, on both sides of the change.
    """
    begin = subprocess.Popen.__init__

    @functools.wraps(begin)
    def led(self, *arguments, **words):
        given = os.environ if words.get("env") is None else words["env"]
        said = given.get("PYTHONPATH", "")
        if len(arguments) <= _ARGUMENTS_BEFORE_ENV and path not in said:
            words["env"] = dict(given, PYTHONPATH=os.pathsep.join(filter(None, [said, path])))
        begin(self, *arguments, **words)

    subprocess.Popen.__init__ = led
