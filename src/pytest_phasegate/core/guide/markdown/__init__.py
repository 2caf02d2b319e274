"""Markdown as a guide needs it: lines, headings and fences, read in one linear pass without a parser library."""
