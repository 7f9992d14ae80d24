"""The search against a brute-force oracle over all activities."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import CROWDED, Activity, Answer, ConversationSource, Question, Touch

MINUTE = 60_000
SOURCES = (
    ConversationSource("chat", ("user", "email"), 60_000),
    ConversationSource("voice", ("user",), 0, greenflash_id=True),
    ConversationSource("other", ("user",), 60_000, product_id="p2"),
)
BY_NAME = {each.name: each for each in SOURCES}
Told = tuple[Activity, int]


def oracle(told: Sequence[Told], question: Question) -> Answer:
    """Definition by definition: what is visible, one activity a minute, the window, the choice."""
    rows: dict[tuple[str, str, str, int, str], tuple[int, int]] = {}
    for activity, logged in told:
        source = BY_NAME[activity.rule]
        if (question.to and source.name not in question.to) or source.product_id not in (None, question.product):
            continue
        for key in activity.keys:
            if (
                key not in question.keys
                or key[0] not in source.keys
                or logged > question.recorded + source.max_delay_ms
            ):
                continue
            place = (source.name, *key, activity.at // MINUTE, activity.conversation)
            rows[place] = min(rows.get(place, (logged, activity.at)), (logged, activity.at))
    late = question.recorded - 86_400_000 > question.at
    low, high = max(question.at, question.recorded - 86_400_000) - question.lookback, question.at + 5_000
    counted = sorted((at, place[4], place[0], place[:3]) for place, (_, at) in rows.items() if low <= at <= high)
    if any(sum(each[3] == key for each in counted) > CROWDED for key in {each[3] for each in counted}):
        return Answer("crowded")
    if not counted:
        return Answer("reported-late" if late else "none")
    if question.touch == "single" and len({each[1] for each in counted}) > 1:
        return Answer("ambiguous")
    if late and question.touch != "last":
        return Answer("reported-late")
    chosen = counted[0] if question.touch == "first" else counted[-1]
    return Answer("linked", chosen[1], chosen[2], chosen[0])


times = st.integers(0, 10).map(lambda n: n * 30_000) | st.integers(-100_000, 400_000)
key = st.sampled_from([("user", "a"), ("user", "b"), ("email", "a"), ("email", "a@b"), ("nothing", "a")])
keys = st.lists(key, max_size=3, unique=True).map(tuple)
activity = st.builds(
    Activity,
    rule=st.sampled_from(sorted(BY_NAME)),
    item=st.none(),
    conversation=st.sampled_from(["c1", "c2", "c10", "ü"]),
    at=times,
    keys=keys,
)
question = st.builds(
    Question,
    to=st.sampled_from([(), (), ("chat",), ("chat", "other")]),
    product=st.sampled_from(["p1", "p2"]),
    keys=keys.filter(bool),
    at=times,
    recorded=times | times.map(lambda ms: ms + 86_400_000),
    lookback=st.sampled_from([0, 60_000, 200_000, 10**9]),
    touch=st.sampled_from(["last", "first", "single"]),
)


def same(one: Answer, other: Answer) -> bool:
    """True if both say the same; of sources that tell of one conversation at one time either may be named."""
    return (one.result, one.conversation, one.at) == (other.result, other.conversation, other.at)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(activity, times), max_size=40), st.lists(question, min_size=1, max_size=5), st.randoms())
def test_the_answer_is_the_oracles_whatever_the_order(
    told: list[Told], questions: list[Question], random: object
) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    conversations = GivenConversations(SOURCES, shuffled)
    for each in questions:
        found = conversations.find(each)
        assert same(found, oracle(told, each))
        if found.result == "linked":
            assert found.greenflash_id == BY_NAME[found.source].greenflash_id
        for row in conversations.candidates(each):
            assert (row.verdict == "chosen") <= ((row.conversation, row.at) == (found.conversation, found.at))
        chosen = [row for row in conversations.candidates(each) if row.verdict == "chosen"]
        assert len(chosen) == (found.result == "linked")
    conversations.close()


def ask(at: int, touch: Touch = "last", lookback: int = 10**9) -> Question:
    return Question((), "p1", (("user", "a"),), at, at, lookback, touch)


def tell(conversation: str, at: int, source: str = "chat") -> Told:
    return Activity(source, None, conversation, at, (("user", "a"),)), at


def test_a_key_with_more_than_500_active_minutes_links_nothing() -> None:
    conversations = GivenConversations(SOURCES, [tell("c", MINUTE * n) for n in range(CROWDED)])
    end = MINUTE * CROWDED
    touches: tuple[Touch, ...] = ("last", "first", "single")
    assert [conversations.find(ask(end, touch)).result for touch in touches] == ["linked"] * 3
    conversations.add([tell("c", end)])
    assert [conversations.find(ask(end, touch)).result for touch in touches] == ["crowded"] * 3
    # A shorter lookback has fewer of them, and what was logged too late isn't counted.
    assert conversations.find(ask(end, lookback=MINUTE * 100)).result == "linked"
    assert conversations.find(Question((), "p1", (("user", "a"),), end, end - 70_000, 10**9)).result == "linked"


def test_without_a_key_nothing_is_searched() -> None:
    conversations = GivenConversations(SOURCES, [tell("c", 0)])
    assert conversations.find(Question((), "p1", (), 0, 0, 0)).result == "no-key"
    assert conversations.find(Question((), "p1", (("device", "a"),), 0, 0, 0)).result == "none"


def test_explanations_say_why_each_is_not_chosen() -> None:
    told = [tell("older", 0), tell("chosen", 100_000), tell("after", 200_000), tell("long-ago", -10 * MINUTE)]
    told.append((Activity("chat", None, "late", 90_000, (("user", "a"),)), 10**6))
    conversations = GivenConversations(SOURCES, told)
    said = {each.conversation: each.verdict for each in conversations.candidates(ask(110_000, lookback=3 * MINUTE))}
    assert said == {
        "older": "earlier",
        "chosen": "chosen",
        "after": "after-event",
        "long-ago": "before-lookback",
        "late": "logged-too-late",
    }


def test_what_happened_a_day_and_the_lookback_before_the_message_counts_for_nothing() -> None:
    told = [tell("older", 0), tell("first", 2 * MINUTE), tell("last", 4 * MINUTE)]
    conversations = GivenConversations(SOURCES, told)

    def asked(late: int, touch: Touch = "last") -> Question:
        return Question((), "p1", (("user", "a"),), 5 * MINUTE, 5 * MINUTE + late, 10 * MINUTE, touch)

    day = 86_400_000
    assert [conversations.find(asked(day, touch)).conversation for touch in ("first", "last")] == ["older", "last"]
    # What may have been the first, or another one, isn't known in every run.
    late = asked(day + 6 * MINUTE)
    assert conversations.find(late).conversation == "last"
    assert conversations.find(asked(day + 6 * MINUTE, "first")).result == "reported-late"
    assert conversations.find(asked(day + 6 * MINUTE, "single")).result == "ambiguous"
    said = {each.conversation: each.verdict for each in conversations.candidates(late)}
    assert said == {"older": "reported-late", "first": "earlier", "last": "chosen"}
    assert conversations.find(asked(day + 10 * MINUTE)).result == "reported-late"


def test_ids_and_keys_may_be_any_text() -> None:
    odd = ["", "\0", "a\0b", "\U0001f600", "x" * 10_000, "\ud800"]
    told = [(Activity("chat", None, "c", 0, (("user", each),)), 0) for each in odd]
    conversations = GivenConversations(SOURCES, told)
    for each in odd:
        assert conversations.find(Question((), "p1", (("user", each),), 0, 0, 0)).conversation == "c"


def test_ids_of_conversations_may_be_any_text_of_a_thousand_characters() -> None:
    for each in ("\0", "a\0b", "\U0001f600", "x" * 1_000):
        assert GivenConversations(SOURCES, [tell(each, -5)]).find(ask(0)).conversation == each
    for each in ("", "\ud800", "x" * 1_001):
        assert GivenConversations(SOURCES, [tell(each, -5)]).find(ask(0)).result == "none"
