"""Hook entry points: one ``main(argv) -> int`` a hook id."""
