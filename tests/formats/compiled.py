"""Classes of Protobuf messages, compiled from a text by protoc."""

from __future__ import annotations

import importlib
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

_CONFLUENT: Final = {
    "confluent/type/decimal.proto": """\
syntax = "proto3";
package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
""",
    "confluent/types/decimal.proto": """\
syntax = "proto3";
import public "confluent/type/decimal.proto";
""",
}


@cache
def compiled(name: str, text: str, *imported: tuple[str, str]) -> dict[str, Any]:
    """The classes of a file's messages, by their full names; `name` is the file's, as others import it. It may import
    Google's types, Confluent's decimal, and the `imported`, which are names and texts."""
    for each in imported:
        compiled(*each)
    with tempfile.TemporaryDirectory(prefix="greenflash-kafka-proto-") as folder:
        for path, content in {**_CONFLUENT, **dict(imported), name: text}.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        made = Path(folder) / "made"
        google = files("grpc_tools") / "_proto"
        assert protoc.main(["", f"-I{folder}", f"-I{google}", f"--descriptor_set_out={made}", name]) == 0
        (file_descriptor,) = descriptor_pb2.FileDescriptorSet.FromString(made.read_bytes()).file
    for each in set(file_descriptor.dependency) - dict(imported).keys():
        # Whoever imports the module puts it into the pool; Confluent's own modules serialize by what stands there.
        importlib.import_module(_module(each))
    found = descriptor_pool.Default().AddSerializedFile(file_descriptor.SerializeToString())
    return {each.full_name: message_factory.GetMessageClass(each) for each in found.message_types_by_name.values()}


def _module(path: str) -> str:
    name = path.removesuffix(".proto").replace("/", ".") + "_pb2"
    return f"confluent_kafka.schema_registry.{name}" if name.startswith("confluent.") else name
