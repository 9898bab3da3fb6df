"""What a suite of tasks says of methods: results, ranks, and plain sentences."""
