"""Reading raw files row by row: whatever is wrong with a row is told of the row, and reading goes on."""
