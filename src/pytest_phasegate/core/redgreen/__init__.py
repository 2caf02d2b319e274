"""The rules of red before green, as pure functions: a change and a replay in, a verdict out.

``plan`` says what must be run, and on which trees, ``rules`` judges one commit and
``ranges`` a series of them. The tables stand in ``docs/reference/red-green.md``.
"""
