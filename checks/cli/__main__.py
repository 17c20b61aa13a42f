"""`python -m checks.cli`."""

from checks.cli import main

main()
