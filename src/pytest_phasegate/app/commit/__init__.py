"""Commit messages, commits and pushes."""
