"""sbom.py CYCLONEDX_PY FILE: a CycloneDX list of what requirements.lock installs, and of the C libraries inside.

Names, versions and hashes are the lock's; licences are those of the installed packages; the C libraries say their
versions themselves, at run time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

import confluent_kafka
import pycurl


def main(tool: str, file: str) -> None:
    """Write the list, and say how long it is."""
    command = [tool, "requirements", "--output-reproducible", "--of", "JSON", "requirements.lock"]
    made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for component in made["components"]:
        component["licenses"] = licences(component["name"])
    made["components"] += [native(*each) for each in libraries()]
    Path(file).write_text(json.dumps(made, indent=2) + "\n")
    print(f"{file}: {len(made['components'])} components")


def licences(name: str) -> list[dict[str, Any]]:
    """What the installed package says of its licence; nothing for one that this system doesn't install."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return []
    text = said.get("License-Expression")
    if text:
        return [{"expression": text}]
    kinds = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier", []) if each.startswith("License ::")]
    return [{"license": {"name": kind}} for kind in kinds or [(said.get("License") or "").partition("\n")[0]] if kind]


def libraries() -> list[tuple[str, str, str]]:
    """(name, version, carried by) of the C libraries in the wheels."""
    found = [("librdkafka", confluent_kafka.libversion()[0], "confluent-kafka")]
    words = re.findall(r"(\w+)/([\w.]+)", pycurl.version)
    found += [(name, version, "pycurl") for name, version in words if name != "PycURL"]
    inside = next(Path(confluent_kafka.__file__).parents[1].glob("confluent_kafka.libs/librdkafka*"), None)
    for name in (b"OpenSSL ", b"libcurl/"):
        said = re.search(name + rb"(\d+\.\d+\.\d+)", inside.read_bytes()) if inside else None
        if said:
            found.append((name.decode().strip(" /"), said[1].decode(), "librdkafka"))
    return found


def native(name: str, version: str, carrier: str) -> dict[str, Any]:
    """A component for a C library."""
    return {
        "type": "library",
        "bom-ref": f"native:{carrier}/{name}@{version}",
        "name": name,
        "version": version,
        "description": f"C library, inside {carrier}",
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
