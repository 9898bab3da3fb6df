"""What a classifier may be trusted with: sets that hold the truth, and cases that are better left to people."""
