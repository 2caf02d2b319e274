"""Success criteria: what each asks, and how it was answered."""
