"""``python -m steinlab`` is the ``steinlab`` command."""

from steinlab.checks.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
