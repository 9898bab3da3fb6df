"""What a recipe will need, told before it runs: memory, time and disk of every stage, and what to change."""
