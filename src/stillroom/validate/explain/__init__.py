"""What do teacher and student look at? Attributions, how faithful they are, and how far the two agree."""
