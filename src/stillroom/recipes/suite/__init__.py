"""MedDistillBench: fixed tasks, one file for each method, and the rules by which they are told."""
