"""Protobuf schemas in each form in which registries and files have them."""

from __future__ import annotations

import base64

import pytest
from google.protobuf import descriptor_pb2

from greenflash_kafka.decoding.proto_schema import MAX_FIELDS, MAX_REFERENCES, compile_schema
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.schema import Schema

MONEY = """\
syntax = "proto3";
package shop;
import "google/type/money.proto";
import "google/protobuf/timestamp.proto";
import "confluent/meta.proto";
import "confluent/type/decimal.proto";
import "customers/customer.proto";
message Order {
  google.type.Money price = 1;
  google.protobuf.Timestamp at = 2;
  confluent.type.Decimal tax = 3 [(confluent.field_meta) = {doc: "exact"}];
  customers.Customer customer = 4;
}
message Refund { string id = 1; }
"""
CUSTOMER = 'syntax = "proto3"; package customers; message Customer { string id = 1; }'

NESTED = """\
syntax = "proto3";
message A {
  map<string, string> labels = 1;
  message B {}
  message C {}
  message D { message E {} }
}
message F { message G {} map<string, string> labels = 1; }
"""


def schema(text: str, *references: tuple[str, str]) -> Schema:
    return Schema("protobuf", text, references)


def base64_of(message: descriptor_pb2.FileDescriptorProto | descriptor_pb2.FileDescriptorSet) -> str:
    return base64.b64encode(message.SerializeToString()).decode()


def file_of(text: str, *references: tuple[str, str]) -> descriptor_pb2.FileDescriptorProto:
    compiled = compile_schema(schema(text, *references))
    return descriptor_pb2.FileDescriptorProto.FromString(compiled.main.serialized_pb)


def test_text_with_a_reference_and_the_files_that_everybody_has() -> None:
    order = compile_schema(schema(MONEY, ("customers/customer.proto", CUSTOMER))).find("shop.Order")
    assert [field.message_type.full_name for field in order.fields] == [
        "google.type.Money",
        "google.protobuf.Timestamp",
        "confluent.type.Decimal",
        "customers.Customer",
    ]


def test_base64_of_a_registry_needs_no_compiler_for_googles_files(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        'syntax = "proto3"; import "google/type/money.proto"; import "c.proto"; '
        "message M { google.type.Money m = 1; C c = 2; }"
    )
    inner = 'syntax = "proto3"; message C {}'
    serialized = base64_of(file_of(text, ("c.proto", inner))), base64_of(file_of(inner))
    monkeypatch.setattr("greenflash_kafka.decoding.proto_schema.compile_texts", None)
    compile_schema.cache_clear()
    found = compile_schema(schema(serialized[0], ("c.proto", serialized[1]))).find([0])
    assert [field.message_type.full_name for field in found.fields] == ["google.type.Money", "C"]


def test_base64_with_confluents_files_and_a_mixture_of_both_forms() -> None:
    order = file_of(MONEY, ("customers/customer.proto", CUSTOMER))
    for customer in (CUSTOMER, base64_of(file_of(CUSTOMER))):
        found = compile_schema(schema(base64_of(order), ("customers/customer.proto", customer)))
        assert found.find("Refund").full_name == "shop.Refund"
        found = compile_schema(schema(MONEY, ("customers/customer.proto", customer)))
        assert found.find([1]).full_name == "shop.Refund"


def test_a_descriptor_sets_last_file_is_the_schema() -> None:
    files = [file_of(CUSTOMER), file_of(NESTED)]
    for name, file in zip(("customers.proto", "nested.proto"), files, strict=True):
        file.name = name
    compiled = compile_schema(schema(base64_of(descriptor_pb2.FileDescriptorSet(file=files))))
    assert compiled.find([0]).full_name == "A"
    assert compiled.find("customers.Customer").full_name == "customers.Customer"


def test_an_import_of_options_alone_may_be_missing_in_base64() -> None:
    file = file_of('syntax = "proto3"; message M { string id = 1; }')
    file.dependency.extend(["buf/validate/validate.proto", "google/protobuf/any.proto"])
    file.public_dependency.append(1)
    assert compile_schema(schema(base64_of(file))).find([0]).full_name == "M"


def test_a_type_that_is_missing_is_named_with_the_import() -> None:
    file = file_of('syntax = "proto3"; import "c.proto"; message M { C c = 1; }', ("c.proto", "message C {}"))
    with pytest.raises(SchemaError, match=r"couldn't resolve name '\.C'; not among its references: c\.proto"):
        compile_schema(schema(base64_of(file)))
    with pytest.raises(SchemaError, match=r'Import "c\.proto" was not found'):
        compile_schema(schema('syntax = "proto3"; import "c.proto"; message M { C c = 1; }'))


def test_files_that_import_each_other() -> None:
    a, b = (descriptor_pb2.FileDescriptorProto(name=name, dependency=[other]) for name, other in ("ab", "ba"))
    with pytest.raises(SchemaError, match="imports itself"):
        compile_schema(schema(base64_of(descriptor_pb2.FileDescriptorSet(file=[a, b]))))


@pytest.mark.parametrize(
    ("indexes", "name"),
    [
        ([0], "A"),
        ([1], "F"),
        ([0, 0], "A.B"),
        ([0, 3], "A.D"),
        ([0, 2, 0], "A.D.E"),
        ([0, 3, 0], "A.D.E"),
        ([1, 0], "F.G"),
    ],
)
def test_indexes_of_confluents_framing(indexes: list[int], name: str) -> None:
    """Java counts the messages that are written, others the map's entry as well: where only one way finds one, it is
    that."""
    assert compile_schema(schema(NESTED)).find(indexes).full_name == name


@pytest.mark.parametrize("indexes", [[0, 1], [0, 2]])
def test_indexes_that_mean_two_messages_are_refused(indexes: list[int]) -> None:
    with pytest.raises(SchemaError, match=r"if a Java program wrote them, and A\.[BC] if a Python or Go program did"):
        compile_schema(schema(NESTED)).find(indexes)


@pytest.mark.parametrize("indexes", [[2], [0, 9], [-1], [], [5, 3, 101, 45]])
def test_indexes_of_no_message_name_kafkajs(indexes: list[int]) -> None:
    with pytest.raises(SchemaError, match=r"its messages: A, F, .*kafkajs"):
        compile_schema(schema(NESTED)).find(indexes)


def test_a_messages_name_may_be_the_last_part_if_it_is_the_only_one() -> None:
    text = 'syntax = "proto3"; package a; message M { message X {} } message N { message X {} message Y {} }'
    compiled = compile_schema(schema(text))
    assert compiled.find("Y").full_name == "a.N.Y"
    assert compiled.find("N.X").full_name == "a.N.X"
    assert compiled.find(".a.M").full_name == "a.M"
    with pytest.raises(SchemaError, match=r"has no message `X`"):
        compiled.find("X")
    with pytest.raises(SchemaError, match=r"has no message `a\.n\.x`: did you mean a\.N\.X\?"):
        compiled.find("a.n.x")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (schema(""), "is empty"),
        (schema("QUFB"), "of no FileDescriptorProto"),
        (schema("message M {" + "int32 a = 1;" * 100_000), "1,048,576 are the most"),
        (schema("message M {}", *((f"{at}.proto", "") for at in range(MAX_REFERENCES + 1))), "101 references"),
        (schema("message M {}", ("../a.proto", "message A {}")), "no path of a .proto file"),
        (schema("message M {}", ("/etc/a.proto", "message A {}")), "no path of a .proto file"),
        (schema("message M {}", ("a=b:c.proto", "message A {}")), "no path of a .proto file"),
    ],
)
def test_what_is_no_schema_is_refused(given: Schema, why: str) -> None:
    with pytest.raises(SchemaError, match=why):
        compile_schema(given)


@pytest.mark.parametrize("what", ["fields", "symbols", "messages"])
def test_limits_of_what_a_schema_has(what: str) -> None:
    file = descriptor_pb2.FileDescriptorProto(name="m.proto")
    outer = file.message_type.add(name="M")
    for number in range(1, MAX_FIELDS + 2):
        if what == "fields":
            outer.field.add(name=f"f{number}", number=number, type=5, label=1)
        elif what == "symbols":
            (outer.enum_type or [outer.enum_type.add(name="E")])[0].value.add(name=f"E{number}", number=number)
        else:
            outer.nested_type.add(name=f"M{number}")
    with pytest.raises(SchemaError, match=f"has more than 5,000 {what}"):
        compile_schema(schema(base64_of(file)))
