"""The project's ``addopts`` without what would narrow, judge, spread or break the run."""

import os

import pytest


class Addopts:
    """Takes out of the project's ``addopts`` what would narrow, judge, spread or break the run."""

    _ALONE = frozenset({
        "-x", "--exitfirst", "--lf", "--last-failed", "--ff", "--failed-first", "--nf", "--new-first", "--sw",
        "--stepwise",
        "--sw-skip", "--stepwise-skip", "--sw-reset", "--no-cov-on-fail", "--strict-config", "--pdb", "--trace", "--co",
        "--collect-only", "--looponfail", "-f",
    })  # fmt: skip
    _VALUED = frozenset({
        "-n", "--numprocesses", "--dist", "--tx", "--maxprocesses", "--maxfail", "--junitxml", "--junit-xml", "--html",
        "--cov", "--cov-report", "--cov-fail-under", "--cov-config", "--cov-context", "--cov-precision", "--report-log",
        "--splits", "--group",
    })  # fmt: skip

    def __init__(self, argv):
        self._argv = argv
        self.taken = []

    def clean(self, words):
        """Return the words without the options that are known to disturb a replay."""
        kept, rest = [], self._of_project(words)
        while rest:
            word = rest.pop(0)
            name = word.partition("=")[0]
            short = word[:2] == "-n" and word[2:].isalnum()
            if word in self._ALONE or name in self._VALUED or name.startswith("--cov-") or short:
                valued = name in self._VALUED and "=" not in word
                self.taken.append(" ".join([word] + ([rest.pop(0)] if valued and _is_value(rest) else [])))
            else:
                kept.append(word)
        return kept + self._argv

    def without(self, words, unknown):
        """Return the words without the options that no plugin of this environment knows, and their values."""
        kept, rest = [], self._of_project(words)
        while rest:
            word = rest.pop(0)
            if word not in unknown or not word.startswith("-"):
                kept.append(word)
                continue
            follows = "=" not in word and _is_value(rest) and not os.path.exists(rest[0])
            self.taken.append(" ".join([word] + ([rest.pop(0)] if follows else [])))
        return kept + self._argv

    def _of_project(self, words):
        own = len(self._argv)
        if words[len(words) - own :] != self._argv:
            raise pytest.UsageError("phasegate: the project changes the arguments it was started with")
        return words[: len(words) - own]


def _is_value(rest):
    return bool(rest) and not rest[0].startswith("-")
