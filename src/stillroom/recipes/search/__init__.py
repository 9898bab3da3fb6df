"""Searching a bedside student under budgets of time and memory, on validation data."""
