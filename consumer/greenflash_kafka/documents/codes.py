"""Every code that a finding can have: the closed table that lint and the reference are made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from greenflash_kafka.model.problem import CODES as PROBLEMS

Severity = Literal["error", "warning", "advice"]
"""error: nothing runs; warning: it runs, `lint --strict` fails; advice: it runs, and may be meant so."""


class Code(msgspec.Struct, frozen=True):
    """What a finding's code stands for, and how to fix it."""

    severity: Severity
    meaning: str
    fix: str


def _error(meaning: str, fix: str) -> Code:
    return Code("error", meaning, fix)


def _warning(meaning: str, fix: str) -> Code:
    return Code("warning", meaning, fix)


def _advice(meaning: str, fix: str) -> Code:
    return Code("advice", meaning, fix)


_FILE: Final = {
    "unreadable-file": _error("The file can't be opened.", "Check its name and who may read it."),
    "misnamed-cases": _error(
        "A file holds cases, and its name isn't that of a cases file: nothing would run them.",
        "Rename it: `x_test.yaml` beside `x.yaml`.",
    ),
    "untested-rule": _error(
        "`test --strict`: a rule is matched by no case and no sample, or refuses none.",
        "Add a case or a sample that it matches, and a case that it doesn't.",
    ),
    "no-mappings": _error("There is no mapping file here.", "Give a mapping file, or a folder that holds some."),
    "too-large": _error("The file is larger than a mapping file may be.", "Split it; big tables belong in CSV files."),
    "too-deep": _error("Maps and lists are nested too deeply.", "Write it flatter."),
    "not-utf-8": _error("The file isn't UTF-8 text.", "Save it as UTF-8."),
    "bad-yaml": _error(
        "This can't be read as YAML. Only the first such place of a file is reported, and nothing else of the file.",
        "Correct it; indent with spaces, not with tabs.",
    ),
    "yaml-quoting": _error(
        "YAML reads a part of this value as its own notation. As with `bad-yaml`, it is the file's only finding.",
        "Quote the whole value, as the finding shows.",
    ),
    "yaml-alias": _error("Anchors and aliases (`&a`, `*a`) are refused.", "Use `defaults`, `let`, or write it out."),
    "yaml-tag": _error("Tags (`!x`) are refused.", "Leave the tag out, or quote the value."),
    "duplicate-key": _error("A key is duplicated in one map, so one of the two would be lost.", "Keep one of them."),
    "bad-number": _error(
        "A number isn't written in its shortest way, so what is sent would differ from what is read here.",
        "Quote it if it is a text, or write it the short way.",
    ),
    "long-number": _warning(
        "A number in a condition isn't written in its shortest way; it is compared as a number.",
        "Write it the short way, or quote it if it is a text.",
    ),
}

_SHAPE: Final = {
    "unknown-key": _error("This key isn't part of a mapping file.", "Correct its spelling; the hint has the nearest."),
    "missing-key": _error("A key that must be there isn't.", "Add it."),
    "wrong-type": _error("Something else is expected here.", "Write what the message asks for."),
    "bad-literal": _error("This value isn't allowed here.", "Use one of those that the message names."),
    "bad-name": _error(
        "This can't be a name.", "Use letters, digits and `_`, a letter first, no word of the language."
    ),
    "mixed-each": _error(
        "`first_match` can't compare rules that run over different lists.", "Put them into files of their own."
    ),
    "mixed-source": _error(
        "Two files read one topic in two ways: their `source` differ in the key that the message names.",
        "Write the same in both; `format`, `schema`, `message` and `initial_offset` may be left out of all but one.",
    ),
    "duplicate-name": _error("Two things have one name.", "Give one of them another name."),
    "bad-regex": _error("The regular expression can't be used.", "Correct it; RE2's syntax is understood."),
    "bad-time": _error("This isn't a time, or not one that can be sent.", "Write it as ISO 8601."),
    "bad-duration": _error(
        "This isn't a length of time, or not one that is allowed here.",
        "Write a whole number and s, m, h or d, e.g. 24h, within the limits that the message names.",
    ),
    "no-expression": _error(
        "An expression is needed here: another value would be the same for every message.",
        "Begin an expression with `=`, e.g. `= payload.user_id`.",
    ),
    "bad-env": _error("`${NAME}` isn't allowed here, or not like this.", "Use it as a whole value of a field."),
    "missing-env": _error("An environment variable isn't set.", "Set it where the consumer runs."),
    "unset-env": _warning(
        "An environment variable isn't set here, and no cases file's `env` gives it.",
        "Correct its name, or write it there. It must be set where the consumer runs.",
    ),
    "no-registry": _error(
        "A format needs the schemas that messages name, and no registry is configured.",
        "Set `schema_registry.url`; for bytes without a schema's id add `schema: FILE`.",
    ),
    "unknown-subject": _warning(
        "The schema registry has no subject of this name (`lint --registry`).",
        "Check `schema_registry.url`; write `subject: NAME`, or `format: json` if the messages are plain JSON.",
    ),
    "bad-schema-file": _error(
        "The file of a schema can't be used.",
        "Correct the file, or its name; it is looked for beside the mapping file.",
    ),
    "bad-table": _error("A table can't be read.", "Correct the file or the rows that the message names."),
    "not-allowed": _error("Greenflash's API would refuse this value.", "Write what the message asks for."),
    "missing-field": _error("An event needs this field.", "Write it in `event` or in `defaults`."),
    "dead-letter-topic": _error(
        "The dead-letter topic is read as a source, so each dead letter would become the next.",
        "Give `dead_letter.topic` a name that no source has and no pattern matches, or write a narrower pattern.",
    ),
    "no-condition": _error(
        "The rule would match every message.", "Give the rule or the file a `when`, a `where` or an `each`."
    ),
}

_CONDITIONS: Final = {
    "bad-path": _error("This isn't a path.", 'Write it like data.items[0].price or data["user id"].'),
    "unknown-operator": _error("This isn't an operator of conditions.", "Use the one that the hint names."),
    "expression-in-when": _error("`when` takes data, not expressions.", "Use `where` for an expression."),
    "value-type-needed": _error(
        "The value is of different kinds in different cases, so `value_type` doesn't follow.", "Write `value_type`."
    ),
    "constant-id": _error(
        "An id that is the same for every message, or every item of `each`: all events but one would be lost, or all "
        "conversations would be one.",
        "Use what tells one fact from the next; with `each`, `item` or `index`.",
    ),
}

_CASES: Final = {
    "unknown-path": _warning(
        "A case sets or unsets a path that its message doesn't have.", "Correct its spelling; the hint has the nearest."
    ),
    "file-as-payload": _warning(
        "A case's payload is the name of a file: the name itself would be the message.",
        "Write `message: {file: order.json}`.",
    ),
}

_ADVICE: Final = {
    "missing-influence": _warning(
        "The event doesn't say whether it is good or bad news; the service takes neutral.",
        "Write `influence: positive`, `negative` or `neutral`.",
    ),
    "missing-insert-id": _advice(
        "The rule has no `insert_id`, so a message's place in the topic, the rule's name and its `each` make the id: a "
        "record that is produced twice counts twice, and renaming the rule gives other ids to what is sent again.",
        "Write an `insert_id` that is the fact's own. Without one, stop the consumer and let everything be committed "
        "before such a rule is renamed.",
    ),
    "money-without-insert-id": _warning(
        "Money without an `insert_id`: a record that is produced twice counts twice.",
        "Write an `insert_id` that is the fact's own, e.g. the payment's id.",
    ),
    "money-without-currency": _warning(
        "An amount without its currency: the API has no field for it.", "Add `properties: {currency: ...}`."
    ),
    "divided-by-100": _warning(
        "Dividing by 100 is wrong for currencies without cents.", "Use `money_minor(amount, currency)`."
    ),
    "expired": _warning("The rule's time of validity is over.", "Remove the rule, or extend `valid`."),
    "may-collide": _warning(
        "Two rules can give the same event type and `insert_id` for one message, so one event would be lost.",
        "Add what tells them apart to one `insert_id`, or make their conditions exclude each other.",
    ),
    "newer-preset": _advice(
        "The file came from a preset of which a newer version is shipped. Nothing is wrong, nothing changes by itself.",
        "See `greenflash-kafka presets diff FILE`. Take over what you want, and the number in the first line.",
    ),
    "open-questions": _advice(
        "Comments of the file begin with `# ?`: guesses of `discover` that nobody has confirmed.",
        "Read each, correct its line, and take the mark away; then take `draft: true` out of the rules.",
    ),
    "no-earlier-value": _warning(
        "The message doesn't contain the previous value of this path, so the line always fails.",
        "Name where it is in `source: {before, after}`, or test a path below `data.object`.",
    ),
    "wrapper-in-path": _warning(
        "A path names a part of an envelope that rules don't see: the schema of Kafka Connect's messages is taken off, "
        "and under `envelope: debezium` the payload is the row.",
        "Write the path that the message names.",
    ),
}

_MEANT: Final = {
    "misplaced-key": _error(
        "A key of the rule stands among the lines of its `when`, where it would be a field of the message.",
        "Indent it as far as `when:`.",
    ),
    "operator-in-text": _warning(
        "A text in `when` looks like an operator, a wildcard or a list of another language. It is compared as a text.",
        "Write the operator that the hint shows.",
    ),
    "path-as-text": _warning(
        "A text in `when` looks like a path. It is compared as a text: `when` compares with literals only.",
        "Compare two fields in `where`.",
    ),
    "number-as-text": _warning(
        "A number in quotes, or with separators, is a text. No number of a message equals it or is above or below it.",
        "Write the number alone. Where the message has a text, use `where` and number(...).",
    ),
    "yes-or-no": _warning("`yes`, `no`, `on` and `off` are texts in these files.", "Write true or false."),
    "boolean-as-text": _advice(
        "true or false in quotes is a text, which true or false of a message never equals.",
        "Leave the quotes out, unless the message has a text.",
    ),
    "null-as-text": _warning(
        "A word of another language for a missing value is a text here.",
        "Write null, {exists: false} or {exists: true}.",
    ),
    "not-in-text": _advice(
        "A text in `when` begins with `not`. It is compared as a text.", "Write {not: ...}, unless the text is meant."
    ),
    "not-null": _advice("`not: null` means that there is a value.", "Write {exists: true}, which says so."),
    "invisible-character": _warning(
        "The text has a character that nobody sees, e.g. a no-break space of a web page. It counts in a comparison.",
        "Type the text anew.",
    ),
    "quotes-in-text": _warning(
        "The quotes around the text are a part of it, so a message would need them, too.",
        "Use the quotes \" or ' once, or none.",
    ),
    "sign-at-end": _warning(
        "A text ends with a comma or a semicolon, or holds the dashes of a list that have no space after them.",
        "Take the sign away; write `- a` on a line of its own, or `[a, b]`.",
    ),
    "outer-space": _warning(
        "The text begins or ends with a space or a line break, which counts in a comparison.", "Take it away."
    ),
    "unknown-field": _warning(
        "A path isn't in the newest schema of the topic, so its value is always missing.",
        "Write the path of the hint; or pull the schemas again, if the producer has a newer one.",
    ),
    "unknown-symbol": _warning(
        "A text in `when` is none of the symbols of the schema's enum, so the line is never true (with `not`: always).",
        "Write one of the symbols that the hint names.",
    ),
    "other-type-than-schema": _warning(
        "A literal in `when` is of another type than the schema's field, so it is never equal to it.",
        "Write a literal of the type that the message names.",
    ),
    "misspelled-path": _warning(
        "A path is in none of the samples in `samples/`, and they have one that is nearly the same.",
        "Write the path of the hint. If the field is there in other messages, add a sample that has it.",
    ),
    "not-in-samples": _advice(
        "A path is in none of the samples that the rule is about.",
        "Look for its name in a message; add a sample that has the field.",
    ),
    "json-in-text": _warning(
        "A path leads into a text that holds JSON, as Debezium's Json columns and outbox payloads are.",
        "Read the text by `let: {body: = parse_json(payload.body)}`, and go on from there.",
    ),
    "other-type-than-samples": _warning(
        "A line of `when` compares a number with what is a text in all samples, or the other way round.",
        "Write the literal as the samples have it: quoted for a text.",
    ),
    "misspelled-literal": _warning(
        "No sample has this text, and one has nearly the same: other upper and lower case, a letter more or less.",
        "Write the text as the sample has it.",
    ),
    "fails-on-samples": _warning(
        "A field has no usable value in any of the samples that the rule matches: a wrong unit, a wrong kind.",
        "Do what the message says; `greenflash-kafka try` shows it on one sample.",
    ),
    "zero-before": _advice(
        "A rule on Debezium's deletions reads columns of the deleted row. PostgreSQL sends only the key, unless the "
        "table has REPLICA IDENTITY FULL, and Debezium makes the others up: empty texts, 0, 1970.",
        "Set REPLICA IDENTITY FULL for the table, or read the key alone.",
    ),
    "row-of-deletion": _warning(
        "A rule on Debezium's deletions reads the row after the change, and a deletion has none.",
        "Write `envelope.before.x`, and see `zero-before`.",
    ),
    "operation-in-row": _warning(
        "Under `envelope: debezium` the payload is the row, so `op` is a column of it. The operation is `envelope.op`.",
        "Write `envelope.op`.",
    ),
    "units-without-nanos": _advice(
        "The units of a google.type.Money are its amount without what stands behind the point.",
        "Write `x.amount`, which is units and nanos together.",
    ),
    "unseen-decimal": _advice(
        "An amount of a Debezium topic in JSON, and no sample says whether it is a number. Without a schema a decimal "
        "is bytes in Base64 there, and some of those look like numbers: `1234`.",
        "Add a sample to `samples/`, best with other amounts; if the messages have a schema, nothing is wrong.",
    ),
    "base64-decimal": _warning(
        "An amount is bytes in Base64, as Kafka Connect and Debezium write a decimal in JSON without a schema.",
        "Write `decode_decimal(x, scale)`, or set `decimal.handling.mode: string` in the connector.",
    ),
    "hundredfold-amount": _warning(
        "An amount is a hundred times what another field of the samples says, or a hundredth of it.",
        "`money_minor` reads cents, `money_major` euros.",
    ),
    "personal-data": _warning(
        "A property holds an email address, a telephone or a card number in a sample.",
        "Leave it out, or write `hash(...)`, which can't be reversed.",
    ),
    "near-event-type": _warning(
        "The event type is nearly a known one, or another rule's: reports would count them as two types.",
        "Write the known type; a type of its own needs another name.",
    ),
    "pinned-id": _warning(
        "The rule's conditions allow one value of this `insert_id` only: all events but the first are lost.",
        "Use the fact's own id, e.g. the order's.",
    ),
    "time-as-id": _warning(
        "The `insert_id` is made of a time only: two facts of one moment would be stored as one.",
        "Use the fact's own id, or add whose it is.",
    ),
    "coarse-id": _warning(
        "The `insert_id` has few values only (a type, a status): most events would be lost as repeated.",
        "Use the fact's own id, or add it.",
    ),
    "no-subject": _advice(
        "The event names no user, organization or conversation, so Greenflash can relate it to nobody.",
        "Add `external_user_id`, `external_organization_id` or `external_conversation_id`.",
    ),
    "field-of-a-list": _warning(
        "A list has no fields: a path through it finds nothing.",
        "Take the field of each element: [l.price for l in ...].",
    ),
    "amount-as-text": _warning(
        "A currency, or separators of thousands, are written into the value, so it is a text and no amount.",
        "Write money_major(amount, currency) or money_minor(amount, currency), and the currency in `properties`.",
    ),
    "bare-amount": _advice(
        "The value looks like an amount, and has no unit: what is sent depends on how the message writes it.",
        "Write money_major, money_minor, or number(...) of what is no money.",
    ),
}

_LINKS: Final = {
    "no-conversations": _warning(
        "A rule links its events, and no file that is loaded describes conversations, so none is ever found.",
        "Load the file with `conversations`, too, or take `link` away.",
    ),
    "link-without-rules": _warning(
        "A `link` stands in a file without rules: conversations aren't linked, events are.",
        "Write it in the files whose rules are to be linked.",
    ),
    "defaults-without-rules": _warning(
        "`defaults` stand in a file without rules: they are fields of events, conversations take nothing from them.",
        "Write them in the files with the rules; give the conversation a `product_id` of its own, if it needs one.",
    ),
    "ignored-without-rules": _warning(
        "`ignored` stands in a file without rules: `coverage` asks only about messages that rules read.",
        "Write it in a file with rules that reads the topic.",
    ),
    "initial-offset-without-rules": _warning(
        "`initial_offset` stands in a file without rules: conversations are read as far back as links look.",
        "Write it in a file with rules that reads the topic, or leave it out.",
    ),
    "link-without-field": _warning(
        "A link goes by a field that the rule's event hasn't, so nothing is ever found by it.",
        "Write the field in `event` or `defaults`, or write an expression: `by: {external_user_id: = payload.user}`.",
    ),
    "link-without-user": _advice(
        "A linked event has no `external_user_id`: where no conversation is found, Greenflash can't relate it to "
        "anybody.",
        "Add `external_user_id`.",
    ),
    "link-to-other-product": _warning(
        "A link goes to a conversation of another product than the event's, so it is never found.",
        "Give both the same `product_id`, or leave it out of the conversation.",
    ),
    "constant-key": _warning(
        "A key that is the same for every message: everybody's conversations and events would be linked by it.",
        "Use whose it is, e.g. `= payload.user_id`, or leave the key out.",
    ),
    "long-lookback": _advice(
        "A lookback of more than 30 days: every process keeps all conversations of that time on its disk (about 80 "
        "bytes an active minute), and more events are linked by chance.",
        "Write a shorter one, unless people really decide so late.",
    ),
    "organization-link": _advice(
        "A link by organization takes any colleague's conversation for the user's own.",
        "Add `touch: single`, which links only if the organization had one conversation, and a short lookback.",
    ),
    "no-activity-time": _advice(
        "A conversation without `at`: the record's timestamp stands for the time of the interaction, which is wrong "
        "if messages are written later, e.g. when a call has ended.",
        "Add `at`; write `= kafka.timestamp` if it is meant.",
    ),
    "short-max-delay": _advice(
        "A `max_delay` under 5 seconds: clocks differ by as much, so conversations may be missed.",
        "Write 5s or more, unless only what was recorded before the event shall count.",
    ),
    "arrived-before-at": _warning(
        "A conversation of a case `arrived` more than a minute before its `at`: nothing is logged before it happens.",
        "Write a time after `at`, or leave `arrived` out. If `try --case` wrote it: correct zone and unit of `at`.",
    ),
    "conversation-without-link": _warning(
        "A property reads `conversation`, and the rule has no `link`, so there is nothing to read.",
        "Add `link: {lookback: 24h}`, or leave the property out.",
    ),
}

_PLAN: Final = {
    "unplanned-event-type": _error(
        "The tracking plan is closed, and it hasn't this event type.",
        "Correct the spelling, or add the type to `events.yaml`.",
    ),
    "event-type-not-in-plan": _warning(
        "The tracking plan hasn't this event type.", "Correct the spelling, or add the type to `events.yaml`."
    ),
    "computed-event-type": _warning(
        "The event type comes from the message, so it can't be compared with the tracking plan.",
        "Write it out, hold its field to some by `when: {type: [a, b]}`, or take it from the cells of a table.",
    ),
    "deprecated-event-type": _warning(
        "The tracking plan says that this event type isn't to be used any more.", "Use the one that the hint names."
    ),
    "other-influence-than-planned": _warning(
        "The influence isn't the one of the tracking plan.", "Correct the rule, the table or the plan."
    ),
    "other-value-than-planned": _warning(
        "The value is of another kind, or in another currency, than the tracking plan says.",
        "Correct the rule or the plan.",
    ),
    "unplanned-property": _error(
        "The tracking plan doesn't name this property for the event type, so it may not leave the house.",
        "Take it out, or name it in `events.yaml` with its meaning.",
    ),
    "unnamed-properties": _error(
        "`properties` is one expression, and there is a tracking plan: what goes out can't be compared with it.",
        "Name each property: `properties: {plan: = payload.plan}`.",
    ),
    "missing-planned-property": _warning(
        "The tracking plan wants a property for this event type, and the rule hasn't it.", "Add it under `properties`."
    ),
    "other-property-than-planned": _warning(
        "A property is of another type than the tracking plan says.", "Convert it, or correct the plan."
    ),
}

_EXPRESSIONS: Final = {
    "no-equals": _warning(
        "The text looks like an expression, and is sent as it stands.", "Begin an expression with `=`."
    ),
    "never-works": _warning("The types that are known can't work together.", "The message says which."),
    "pattern-as-text": _warning(
        "`replace` looks for exactly this text, which seems to be a regular expression.",
        "Use `regex_replace`, or leave it so if the text is meant.",
    ),
    "sampled-revenue": _warning(
        "The rule's value is money, and `sample` leaves a part of its events out.",
        "Leave `sample` out, or write `revenue: true` in it.",
    ),
    "unknown-currency": _warning("No currency has this code.", "Write the ISO 4217 code, e.g. EUR."),
    "mixed-currencies": _warning("Amounts of different currencies meet.", "Keep them apart."),
    "syntax": _error("This isn't an expression of the language.", "The hint has the right word or form."),
    "unknown-name": _error("Nothing has this name here.", "Correct its spelling; the hint has the nearest."),
    "unknown-function": _error("There is no such function.", "The hint has the one that does this."),
    "arguments": _error("The function doesn't take these arguments.", "The message has what it takes."),
    "too-long": _error("The expression is too long.", "Name parts of it by `let`."),
}

_CONSTANTS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ('A required value is always missing, e.g. `nullif("a", "a")`.', "Write a value, or a path."),
    "type-mismatch": (
        'Two constants are of kinds that don\'t work together: `"15" + 4`, `"a" < 3`.',
        "Convert one of them: `number(...)` or `text(...)`.",
    ),
    "division-by-zero": ("A constant is divided by 0.", "Correct the divisor."),
    "bad-money": (
        "A constant amount isn't one of its currency: unknown currency, or more digits than it has.",
        "Correct the currency, or choose between `money_minor` (cents) and `money_major`.",
    ),
    "bad-time": ("A constant isn't a time, or not one that can be sent.", "Write it as ISO 8601."),
    "bad-number": ('A constant text isn\'t a number: `number("abc")`.', 'Write it as in `number("12.5")`.'),
    "bad-json": ('A constant text isn\'t JSON: `parse_json("{")`.', "Correct the text, or write a path."),
    "bad-payload": (
        "A message isn't JSON, or its bytes don't fit its schema.",
        "Ask the owner of the topic; no rule can read it.",
    ),
    "bad-schema": (
        "The schema that a message names can't be used.",
        "The text says why. Ask the owner of the topic; no message of this schema can be read.",
    ),
    "unknown-schema": (
        "The schema registry doesn't know the schema that a message names.",
        "Look whether this is the registry that the producer uses, and whether messages carry a schema's id at all.",
    ),
    "bad-envelope": (
        "A message isn't wrapped as `source: {envelope}` of its mapping file says.",
        "Correct `envelope`, or leave it out if rows or events come as they are.",
    ),
    "limit": ("A constant is larger than a value may be.", "Write less, or move it into a table."),
    "not-a-list": ("`each` is a constant that isn't a list.", "Write the path of a list, e.g. `payload.items`."),
    "no-insert-id": ("An `insert_id` is always missing or empty.", "Write the path of the fact's own id."),
    "insert-id-repeated": (
        "Two events of one message always have one `insert_id`.",
        "Add `index`, or a word of the rule's own.",
    ),
    "not-allowed": ("Greenflash's API would refuse this value.", "Write what the message asks for."),
}
"""Codes of expressions whose value is the same for every message; of others it is known only when one comes."""

CODES: Final[Mapping[str, Code]] = {
    **{code: _error(*_CONSTANTS[code]) for code in PROBLEMS},
    **_FILE,
    **_SHAPE,
    **_CONDITIONS,
    **_CASES,
    **_ADVICE,
    **_MEANT,
    **_LINKS,
    **_PLAN,
    **_EXPRESSIONS,
}
"""Code to severity, meaning and remedy. Expressions' refusals keep their own codes; an evaluation code stands for
an expression of literals only that can't work."""
