"""`link` of a file and of its rules is merged and compiled; each mistake has a finding that says what to write."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.rules.link import RuleLink
from tests.unit.rules.conftest import PRODUCT
from tests.unit.rules.one_chat import CHAT, LINK, LINKED, chat, linked

Load = Callable[..., Loaded]

HOUR = 3_600_000
ALL_KEYS = chat(
    "keys: {external_user_id: = payload.user_id}",
    "keys: {external_user_id: = payload.u, email: = payload.e, external_organization_id: = payload.o}",
)


def link_of(loaded: Loaded) -> RuleLink | None:
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    rules = loaded.ruleset.rules_for("t")
    assert rules is not None
    return rules.links[0] if rules.links else None


def written(loaded: Loaded) -> list[tuple[dict[str, str | None], int, str, tuple[str, ...]]]:
    """Each way: names with their expressions' text, hours, touch, names of conversations."""
    link = link_of(loaded)
    return [
        (
            {name: expression.text.strip() if expression is not None else None for name, expression in one.by},
            one.lookback // HOUR,
            one.touch,
            one.to,
        )
        for one in (link.tries if link is not None else ())
    ]


def test_a_link_goes_by_the_events_own_user_if_nothing_else_is_said(load_text: Load) -> None:
    loaded = load_text(CHAT, LINKED)
    assert loaded.findings == ()
    assert written(loaded) == [({"external_user_id": None}, 24, "last", ())]
    link = link_of(loaded)
    assert link is not None
    assert link.product == PRODUCT


@pytest.mark.parametrize(
    ("link", "ways"),
    [
        ("{lookback: 2h, by: external_user_id}", [({"external_user_id": None}, 2, "last", ())]),
        ("{lookback: 2h, touch: first}", [({"external_user_id": None}, 2, "first", ())]),
        ("{lookback: 2h, to: support_chat}", [({"external_user_id": None}, 2, "last", ("support_chat",))]),
        ("{lookback: 2h, to: [support_chat]}", [({"external_user_id": None}, 2, "last", ("support_chat",))]),
        (
            "{lookback: 2h, by: {external_user_id: = payload.u, email: = lower(payload.e)}}",
            [({"external_user_id": "payload.u", "email": "lower(payload.e)"}, 2, "last", ())],
        ),
        (
            "[{lookback: 2h}, {lookback: 1d, by: {email: = payload.e}, touch: single}]",
            [({"external_user_id": None}, 2, "last", ()), ({"email": "payload.e"}, 24, "single", ())],
        ),
        ("null", []),
        ("", []),
    ],
)
def test_each_form_of_a_link(load_text: Load, link: str, ways: list[object]) -> None:
    loaded = load_text(ALL_KEYS, linked(LINK, f"link: {link}"))
    assert loaded.findings == ()
    assert written(loaded) == ways


@pytest.mark.parametrize(
    ("file", "rule", "ways"),
    [
        ("{lookback: 1h}", None, [(1, "last", ())]),
        ("{lookback: 1h, touch: first, to: support_chat}", "{lookback: 2h}", [(2, "first", ("support_chat",))]),
        ("{lookback: 1h, touch: first}", "{touch: last}", [(1, "last", ())]),
        ("{lookback: 1h, to: support_chat}", "{to: null}", [(1, "last", ())]),
        ("{touch: first}", "{lookback: 2h}", [(2, "first", ())]),
        ("{lookback: 1h}", "null", []),
        ("{lookback: 1h}", "[{lookback: 2h}, {lookback: 3h}]", [(2, "last", ()), (3, "last", ())]),
        ("[{lookback: 2h}, {lookback: 3h}]", None, [(2, "last", ()), (3, "last", ())]),
        ("[{lookback: 2h}, {lookback: 3h}]", "{lookback: 4h}", [(4, "last", ())]),
    ],
)
def test_a_rules_link_is_merged_into_its_files(
    load_text: Load, file: str, rule: str | None, ways: list[object]
) -> None:
    text = LINKED.replace("rules:", f"link: {file}\nrules:")
    text = text.replace(f"    {LINK}\n", f"    link: {rule}\n" if rule is not None else "")
    assert [way[1:] for way in written(load_text(CHAT, text))] == ways


def test_a_files_expressions_are_those_of_each_rule(load_text: Load) -> None:
    text = LINKED.replace("rules:", "let: {u: = payload.u}\nlink: {lookback: 1h, by: {external_user_id: = u}}\nrules:")
    text = text.replace(f"    {LINK}\n", "")
    assert written(load_text(CHAT, text)) == [({"external_user_id": "u"}, 1, "last", ())]
    each = text.replace("when: {type: x}", "each: = payload.items").replace("let: {u: = payload.u}\n", "")
    each = each.replace("= payload.id", "= item.id").replace("= u}", "= item.u}")
    assert written(load_text(CHAT, each)) == [({"external_user_id": "item.u"}, 1, "last", ())]


def test_what_a_link_reads_is_decoded_and_known_of_the_rule(load_text: Load) -> None:
    text = LINKED.replace("rules:", "link: {lookback: 1h, by: {external_user_id: = payload.a.b}}\nrules:")
    loaded = load_text(CHAT, text)
    assert loaded.ruleset is not None
    rules = loaded.ruleset.rules_for("t")
    assert rules is not None
    assert (rules.shape or {})["a"] == {"b": None}
    (info,) = loaded.ruleset.infos
    assert [(one.origin.layer, one.origin.text, [str(path) for path in one.reads]) for one in info.link] == [
        ("file", "{lookback: 1h, by: {external_user_id: = payload.a.b}}", ["payload.a.b"]),
        ("rule", "{lookback: 24h}", []),
    ]


def test_ids_do_not_depend_on_links(load_text: Load) -> None:
    one, other = (load_text(CHAT, text).ruleset for text in (LINKED, linked(f"    {LINK}\n", "")))
    assert one is not None
    assert other is not None
    assert one.ids_of("t") == other.ids_of("t")


@pytest.mark.parametrize(
    ("link", "column", "code", "hint"),
    [
        ("24h", 11, "wrong-type", "link: {lookback: 24h}"),
        ("true", 11, "wrong-type", "e.g. link: {lookback: 24h}"),
        ("external_user_id", 11, "wrong-type", "e.g. link: {lookback: 24h}"),
        ("[]", 11, "wrong-type", ""),
        ("[24h]", 12, "wrong-type", "link: {lookback: 24h}"),
        ("{}", 11, "missing-key", "e.g. lookback: 24h for what follows at once, 7d for a decision to buy"),
        ("{by: external_user_id}", 11, "missing-key", None),
        ("[{lookback: 24h}, {touch: first}]", 29, "missing-key", None),
        ("{lookback: 24}", 22, "bad-duration", "say the unit: 24s, 24m, 24h, 24d"),
        ("{lookback: 24 hours}", 22, "bad-duration", "write 24h"),
        ("{lookback: 91d}", 22, "bad-duration", "write 90d"),
        ("{lookback: 0s}", 22, "bad-duration", "write 1s"),
        ("{lookback: null}", 22, "bad-duration", None),
        ("{window: 24h}", 12, "unknown-key", "write lookback"),
        ("{lookbak: 24h}", 12, "unknown-key", "did you mean lookback?"),
        ("{lookback: 24h, touch: Last}", 34, "bad-literal", "did you mean last?"),
        ("{lookback: 24h, touch: latest}", 34, "bad-literal", "did you mean last?"),
        ("{lookback: 24h, by: email}", 31, "unknown-name", "by: {email: = payload....}"),
        ("{lookback: 24h, by: external_userid}", 31, "unknown-name", "did you mean external_user_id?"),
        ("{lookback: 24h, by: = payload.user}", 31, "unknown-name", "by: {external_user_id: = payload.user}"),
        ("{lookback: 24h, by: [external_user_id, email]}", 50, "unknown-name", "by: {email: = payload....}"),
        ("{lookback: 24h, by: 7}", 31, "wrong-type", "e.g. by: external_user_id"),
        ("{lookback: 24h, by: []}", 31, "wrong-type", ""),
        ("{lookback: 24h, by: {}}", 31, "wrong-type", ""),
        (
            "{lookback: 24h, by: [{email: = payload.email}]}",
            32,
            "wrong-type",
            "write a map: {external_user_id: = payload.user_id, ...}",
        ),
        ("{lookback: 24h, by: {external_user_id: payload.user}}", 50, "no-expression", "= payload.user"),
        ("{lookback: 24h, by: {external_user_id: u-5}}", 50, "no-expression", "= u-5"),
        (
            "{lookback: 24h, by: {external_user_id: }}",
            32,
            "no-expression",
            "by: external_user_id alone stands for the event's own",
        ),
        ("{lookback: 24h, by: {email: }}", 38, "no-expression", "e.g. email: = payload...."),
        (
            "{lookback: 24h, by: {email: = payload.a > 1}}",
            39,
            "wrong-type",
            "use the text or number that says whose it is",
        ),
        ('{lookback: 24h, by: {email: = "x"}}', 39, "constant-key", "use whose the event is, or leave it out"),
        ("{lookback: 24h, by: {email: = item.x}}", 41, "unknown-name", "payload.item, if it is a field"),
        ("{lookback: 24h, to: []}", 31, "wrong-type", "leave `to` out for all of them"),
        ("{lookback: 24h, to: = payload.x}", 31, "wrong-type", "e.g. to: support_chat"),
        ("{lookback: 24h, to: 7}", 31, "wrong-type", "e.g. to: support_chat"),
        ("{lookback: 24h, source: support_chat}", 27, "unknown-key", "write to"),
        (
            "{lookback: 24h, external_user_id: = payload.x}",
            27,
            "unknown-key",
            "it belongs under `by`: {external_user_id: = ...}",
        ),
        ("{lookback: 24h, max_delay: 1m}", 27, "unknown-key", None),
        ("{lookback: 31d}", 11, "long-lookback", "a shorter lookback also links fewer events by chance"),
        ("{lookback: 24h, by: {external_organization_id: = payload.o}}", 32, "organization-link", "add touch: single"),
        ("{lookback: 24h, touch: single, by: {external_organization_id: = payload.o}}", 0, "", None),
    ],
)
def test_a_mistake_is_one_finding_that_says_what_to_write(
    load_text: Load, link: str, column: int, code: str, hint: str | None
) -> None:
    found = load_text(ALL_KEYS, linked(LINK, f"link: {link}")).findings
    assert [(one.line, one.column, one.code) for one in found] == ([(6, column, code)] if code else [])
    assert hint is None or found[0].hint == hint


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code"),
    [
        (LINK, "linked: {lookback: 24h}", 6, 5, "unknown-key"),
        (LINK, "lookback: 24h", 6, 5, "unknown-key"),
        ("rules:", "lookback: 24h\nrules:", 3, 1, "unknown-key"),
        ("rules:", "link: null\nrules:", 3, 7, "wrong-type"),
        ("event_type: e", "event_type: e\n      link: {lookback: 24h}", 9, 7, "unknown-key"),
        ("      external_user_id: = payload.user\n", "", 6, 11, "link-without-field"),
        ("= payload.user", "u-5", 13, 25, "constant-key"),
    ],
)
def test_mistakes_beside_the_link(load_text: Load, old: str, new: str, line: int, column: int, code: str) -> None:
    found = load_text(CHAT, linked(old, new)).findings
    assert [(one.line, one.column, one.code) for one in found] == [(line, column, code)]


def test_a_link_by_another_key_still_wants_the_user(load_text: Load) -> None:
    text = linked("      external_user_id: = payload.user\n", "").replace(
        LINK, "link: {lookback: 24h, by: {email: = payload.e}}"
    )
    assert [finding.code for finding in load_text(ALL_KEYS, text).findings] == ["link-without-user"]


def test_a_rules_map_says_that_it_replaces_its_files_list(load_text: Load) -> None:
    text = LINKED.replace("rules:", "link: [{lookback: 1h}]\nrules:").replace(LINK, "link: {touch: first}")
    (finding,) = load_text(CHAT, text).findings
    assert (finding.code, finding.line) == ("missing-key", 7)
    assert "replaces the list of its file" in finding.message


def test_properties_of_a_rule_that_links_may_use_the_conversation(load_text: Load) -> None:
    text = LINKED + "      properties: {how: = conversation.method}\n"
    assert load_text(CHAT, text).findings == ()
    without = text.replace(f"    {LINK}\n", "")
    assert [(one.line, one.column, one.code) for one in load_text(CHAT, without).findings] == [(13, 27, "unknown-name")]
    for wrong in ("where: conversation.id == 1", "let: {c: = conversation.id}"):
        loaded = load_text(CHAT, linked("when: {type: x}", f"when: {{type: x}}\n    {wrong}"))
        assert [one.code for one in loaded.findings] == ["unknown-name"]


def test_defaults_that_use_the_conversation_are_left_out_of_a_rule_that_takes_its_files_link_away(
    load_text: Load,
) -> None:
    link = "link: {lookback: 24h}\n"
    head, rule = linked("rules:", f"{link}defaults: {{properties: {{how: = conversation.method}}}}\nrules:").split(
        "  - name: paid"
    )
    other = rule.replace("type: x", "type: y").replace(LINK, "link: null")
    text = f"{head}  - name: paid{rule}  - name: used{other}"
    assert load_text(CHAT, text).findings == ()
    without = load_text(CHAT, text.replace(link, "", 1).replace("link: null", "description: none"))
    assert "unknown-name" in [one.code for one in without.findings], "no link to be taken away: a mistake"


def test_conversation_is_an_ordinary_field_in_conditions(load_text: Load) -> None:
    assert load_text(CHAT, linked("when: {type: x}", "when: {conversation.id: x}")).findings == ()
