"""Answers before experts: a blinded form, what came back, how far raters agree, and how many answers do harm."""
