"""Several processes of one command, as a service manager starts them: `several.py COUNT COMMAND...`.

SIGTERM goes to each. The exit code is the highest of theirs.
"""

from __future__ import annotations

import signal
import subprocess
import sys


def main(count: int, command: list[str]) -> int:
    """Start them, and wait until all have ended."""
    processes = [subprocess.Popen(command) for _ in range(count)]

    def stop(*_: object) -> None:
        for each in processes:
            each.terminate()

    signal.signal(signal.SIGTERM, stop)
    return max(abs(each.wait()) for each in processes)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
