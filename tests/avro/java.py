"""Random values of Avro schemas, as Java's Avro writes them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests import maven

VERSION: Final = "1.12.0"
_AVRO: Final = (f"org.apache.avro:avro:{VERSION}", "org.slf4j:slf4j-nop:2.0.16")
_SOURCE: Final = Path(__file__).parent / "RandomBodies.java"


def random_bodies(schemas: Sequence[object], count: int) -> list[tuple[object, bytes, Any]]:
    """So many values of each schema: the schema, the body, and what it is: texts are "text:...", floats and doubles
    "single:" and "double:" with their bits as a number. Raises maven.Unavailable."""
    paths = os.pathsep.join((str(maven.classes(_SOURCE, _jars())), f"{_jars()}/*"))
    command = ["java", "-Xmx128m", *maven.QUICKLY, "-cp", paths]
    run = subprocess.run(
        [*command, "RandomBodies", str(count)],
        input="".join(json.dumps(each) + "\n" for each in schemas),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    return [
        (schemas[number // count], base64.b64decode(body), json.loads(value))
        for number, (body, value) in enumerate(lines)
    ]


def prepare() -> None:
    """Fetch and make all that `random_bodies` needs."""
    maven.classes(_SOURCE, _jars())


def _jars() -> Path:
    return maven.fetched(f"avro-{VERSION}", _AVRO)
