"""The ledger in SQLite: append-only rows in hash chains, one file a repository.

``file`` opens the file and says what is in it, ``rows`` links, checks and appends rows,
``run_rows`` makes rows of a run, in one short transaction, and values of rows, ``store`` answers in time that does not
grow with the file, ``health`` looks at all of it.
"""
