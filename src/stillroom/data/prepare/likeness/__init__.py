"""How alike two rows are: words, shingles, MinHash and Jaccard, over whole tables at a time."""
