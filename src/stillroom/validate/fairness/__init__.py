"""Is anyone worse off? Figures of each subgroup, their gaps to the rest, and whether the student widens them."""
