"""Where a project is and what it asked for."""
