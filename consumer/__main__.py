"""`greenflash-kafka`, also as `python -m consumer`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from consumer.cli.main import run
    from consumer.cli.output import open_what_is_closed

    open_what_is_closed()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
