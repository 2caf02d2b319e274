"""Gates, verdicts and findings."""
