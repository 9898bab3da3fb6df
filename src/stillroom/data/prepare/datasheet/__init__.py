"""What is written beside a corpus: what is in it, where it comes from, and what was left out and why."""
