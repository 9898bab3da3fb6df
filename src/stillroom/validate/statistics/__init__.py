"""How sure a figure is: intervals, paired comparisons, tests and corrections, and how many cases they need."""
