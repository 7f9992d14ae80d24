"""The .proto files that Confluent's registry knows without a reference, beside Google's.

Their facts (names, numbers and types of the fields) are those of the descriptors in confluent-kafka-python 2.16
(`schema_registry/confluent/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_META: Final = """\
syntax = "proto3";
package confluent;
import "google/protobuf/descriptor.proto";
message Meta {
  string doc = 1;
  map<string, string> params = 2;
  repeated string tags = 3;
  repeated Rule rules = 4;
}
message Rule {
  string name = 1;
  string doc = 2;
  string expr = 3;
  string sql = 4;
}
extend google.protobuf.FileOptions { Meta file_meta = 1088; }
extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }
"""

_DECIMAL: Final = """\
syntax = "proto3";
package confluent.type;
message Decimal {
  bytes value = 1;
  uint32 precision = 2;
  int32 scale = 3;
}
"""

_VARIANT: Final = """\
syntax = "proto3";
package confluent.type;
message Variant {
  bytes metadata = 1;
  bytes value = 2;
}
"""

_LEGACY_DECIMAL: Final = """\
syntax = "proto3";
package confluent.types;
import public "confluent/type/decimal.proto";
"""

CONFLUENT_PROTOS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "confluent/meta.proto": _META,
        "confluent/type/decimal.proto": _DECIMAL,
        "confluent/type/variant.proto": _VARIANT,
        "confluent/types/decimal.proto": _LEGACY_DECIMAL,
    }
)
"""By the names under which they are imported; each text imports others of them alone, and Google's."""
