"""``python -m layout.cli``: the command line where the package is not installed."""

from layout.cli import main

main()
