"""What a recipe says of a preparation: a block for each stage."""
