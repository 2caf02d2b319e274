"""Read a change at function level: what its tests and its production code became.

Pure: contents of files in, a ``ChangeSet`` out. The entry point is ``changeset.read_change``.
"""
