"""From raw sources to one corpus: a chain of stages over Arrow tables."""
