"""The sources, a module each."""
