"""The ledger in SQLite: append-only rows in hash chains, one file a repository.

``location`` finds the file, ``schema`` says what is in it, ``rows`` links, checks and appends rows,
``writing`` appends a run in one short transaction, ``reading`` answers what a commit asks in time that does not grow
with the file, ``health`` looks at all of it.
"""
