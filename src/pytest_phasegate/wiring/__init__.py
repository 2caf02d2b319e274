"""The one place that picks adapters and loads plugins, by topic; adapters are imported late, to start fast."""
