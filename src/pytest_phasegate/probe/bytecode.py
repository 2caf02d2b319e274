"""What one run compiled of the tree is there for the next, by its content."""

import contextlib
import hashlib
import marshal
import os
import sys
import warnings
from importlib.machinery import SourceFileLoader

_REWRITING = "_rewrite_test"


class Compiled:
    """Code by the content of its file, kept from run to run; only what is compiled before a test runs comes in.

    A ``.pyc`` would not do: one of the same size and second is taken for the source's.

    Args:
        directory: Where it is kept.
        tree: The scratch tree: what lies elsewhere has bytecode of its own.
    """

    def __init__(self, directory, tree):
        self._directory = directory
        self._tree = os.path.join(tree, "")
        self.keeps = True

    def install(self):
        """Stand before Python's loader of sources, where nobody changed how it reads them."""
        compiled, reading = SourceFileLoader.get_code, _reading()

        def get_code(loader, name):
            plain = type(loader) is SourceFileLoader and _reading() == reading
            of_tree = plain and os.path.realpath(loader.path).startswith(self._tree)
            return self._of(loader.path, lambda: compiled(loader, name)) if of_tree else compiled(loader, name)

        SourceFileLoader.get_code = get_code

    def install_rewritten(self, rewrite):
        """Stand before what pytest rewrites for the sake of assertions, where it does that by itself."""
        rewritten, asserting = getattr(rewrite, _REWRITING, None), rewrite.rewrite_asserts

        def rewrite_test(path, config):
            if not sys.dont_write_bytecode or rewrite.rewrite_asserts is not asserting:
                return rewritten(path, config)
            facts = "rewritten", config.getini("enable_assertion_pass_hook")
            return None, self._of(str(path), lambda: rewritten(path, config)[1], *facts)  # no bytecode, no date for it

        if rewritten is not None:
            setattr(rewrite, _REWRITING, rewrite_test)

    def _of(self, path, make, *facts):
        """Return the code of a file; what is warned of while it is made, whoever listens hears each time."""
        with open(path, "rb") as stream:
            key = hashlib.sha256(repr((path, facts)).encode("utf-8", "backslashreplace") + stream.read()).hexdigest()
        place = os.path.join(self._directory, key)
        with contextlib.suppress(FileNotFoundError), open(place, "rb") as stream:
            return marshal.load(stream)  # noqa: S302 - what an earlier run wrote
        if not self.keeps:
            return make()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            code = make()
        if told:
            return make()
        begun = place + str(os.getpid())
        with contextlib.suppress(OSError):
            with open(begun, "xb") as stream:
                marshal.dump(code, stream)
            os.replace(begun, place)
        return code


def _reading():
    return SourceFileLoader.get_data, SourceFileLoader.source_to_code
