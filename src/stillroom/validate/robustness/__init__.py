"""Does it hold when the input does not? Typing errors, abbreviations, missing parts, meaning turned round, attacks."""
