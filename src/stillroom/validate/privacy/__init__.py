"""Does a model tell whom it learned from? Results of attacks: a baseline of our own, and those of others."""
