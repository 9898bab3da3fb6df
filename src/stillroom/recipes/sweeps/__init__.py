"""Sweeps: one recipe at every point of a grid, compared on validation data."""
