"""Networks for bedside tasks, and trees that teach them."""
