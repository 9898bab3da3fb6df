"""Classifiers of any kind: what they find, miss and rank, how sure they are, and at which threshold."""
