"""Runs of bedside tasks: their recipe, and what each stage does."""
