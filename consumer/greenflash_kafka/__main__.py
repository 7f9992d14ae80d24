"""`greenflash-kafka`, also as `python -m greenflash_kafka`."""

from __future__ import annotations

import sys

from greenflash_kafka.cli.console import open_what_is_closed
from greenflash_kafka.cli.main import run


def main() -> None:
    """Run the command line and exit with its code."""
    open_what_is_closed()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
