"""``python -m stillroom``: the same as ``stillroom``, in the form that launchers want."""

from stillroom.cli import main

main()
