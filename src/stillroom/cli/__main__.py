"""``python -m stillroom.cli``: the same as ``stillroom``."""

from stillroom.cli import main

main()
