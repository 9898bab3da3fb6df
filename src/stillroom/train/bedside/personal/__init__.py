"""Adapting a locked student to one patient: a few labels, a bounded change, and a guard."""
