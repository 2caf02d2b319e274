"""The world: git, SQLite, child processes, files."""
