"""Cohorts of bedside tasks: a module for each, and what they share."""
