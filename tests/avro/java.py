"""Random values of Avro schemas, as Java's Avro writes them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests import maven

VERSION: Final = "1.12.0"
_AVRO: Final = (f"org.apache.avro:avro:{VERSION}", "org.slf4j:slf4j-nop:2.0.16")
_COMPILER: Final = "org.eclipse.jdt:ecj:3.33.0"
_SOURCE: Final = Path(__file__).parent / "RandomBodies.java"


def random_bodies(schemas: Sequence[object], count: int) -> list[tuple[object, bytes, Any]]:
    """So many values of each schema: the schema, the body, and what it is: texts are "text:...", floats and doubles
    "single:" and "double:" with their bits as a number. Raises maven.Unavailable."""
    jars = maven.fetched(f"avro-{VERSION}", _AVRO)
    command = ["java", "-Xmx128m", *maven.QUICKLY, "-cp", os.pathsep.join((str(_compiled(jars)), f"{jars}/*"))]
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


def _compiled(jars: Path) -> Path:
    compiler = next(maven.fetched("java-compiler", [_COMPILER]).glob("ecj-*.jar"))
    version = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]

    def compile(folder: Path) -> None:
        paths = os.pathsep.join(map(str, jars.glob("*.jar")))
        command = ["java", "-jar", str(compiler), "-17", "-nowarn", "-cp", paths, "-d", str(folder), str(_SOURCE)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise maven.Unavailable(f"{_SOURCE.name} couldn't be compiled:\n{run.stdout}{run.stderr}")

    return maven.once(jars / f"random-bodies-{version}", compile)
