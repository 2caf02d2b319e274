"""No bytecode that lies beside a source stands for it; what one run compiled is there for the next, by its content."""

import contextlib
import hashlib
import marshal
import os
import sys
import warnings
from importlib import _bootstrap_external
from importlib.machinery import SourceFileLoader

_REWRITING = "_rewrite_test"


def compile_anew(directory, tree):
    """Let no bytecode that lies beside a source stand for it, but for what is installed.

    A ``.pyc`` of the same size and second is taken for the source's. What is installed has its own, and to compile all
    of it anew may take longer than the tests. The programs that tests start find none in the tree, which was swept and
    is written to by nobody; what they import from elsewhere would only be compiled anew in each of them, and a test
    may ask where its bytecode went.
    """
    sys.pycache_prefix = directory
    place = _bootstrap_external.cache_from_source
    installed = tuple({os.path.join(os.path.realpath(prefix), "") for prefix in (sys.prefix, sys.base_prefix)})

    def place_of(path, *arguments, **words):
        whole = os.path.realpath(path)
        if whole.startswith(os.path.join(tree, "")) or not whole.startswith(installed):
            return place(path, *arguments, **words)
        kept, sys.pycache_prefix = sys.pycache_prefix, None
        try:
            return place(path, *arguments, **words)
        finally:
            sys.pycache_prefix = kept

    _bootstrap_external.cache_from_source = place_of


class Compiled:
    """Code by the content of its file, kept from run to run; only what is compiled before a test runs comes in.

    Args:
        directory: Where it is kept.
        tree: The scratch tree: what lies elsewhere has bytecode of its own.
    """

    def __init__(self, directory, tree):
        self._directory = directory
        self._tree = os.path.join(tree, "")
        self.keeps = True

    def install(self, rewrite):
        """Stand before Python's loader of sources, where nobody changed how it reads them, and before pytest's."""
        compiled, rewritten = SourceFileLoader.get_code, getattr(rewrite, _REWRITING, None)
        asserting, reading = rewrite.rewrite_asserts, _reading()

        def get_code(loader, name):
            plain = type(loader) is SourceFileLoader and loader.path.startswith(self._tree) and _reading() == reading
            return self._of(loader.path, lambda: compiled(loader, name)) if plain else compiled(loader, name)

        def rewrite_test(path, config):
            if not sys.dont_write_bytecode or rewrite.rewrite_asserts is not asserting:
                return rewritten(path, config)
            facts = "rewritten", config.getini("enable_assertion_pass_hook")
            return None, self._of(str(path), lambda: rewritten(path, config)[1], *facts)  # no bytecode, no date for it

        SourceFileLoader.get_code = get_code
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
