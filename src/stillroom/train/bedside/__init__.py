"""Teaching and training bedside networks."""
