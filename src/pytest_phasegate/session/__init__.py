"""What happens inside a pytest run: one plugin class a feature, registered only when it is on."""
