"""A bundle at one patient's bedside: what may change, who it was changed for, and how it answers then."""
