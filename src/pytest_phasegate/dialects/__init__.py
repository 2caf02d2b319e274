"""Readers of Markdown guides: one dialect a file, all giving the same Guide."""
