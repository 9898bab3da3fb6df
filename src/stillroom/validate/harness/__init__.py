"""Multiple choice as others score it: lm-evaluation-harness over any predictor, with our own task files, offline."""
