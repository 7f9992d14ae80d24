"""The frozen outcomes: what the product makes of the fuzz corpus, of all cases, and of 200,000 generated pairs.

`python -m tests.oracle.outcomes` computes them and compares their hashes with `outcomes.json`, which was written by the
code before the compiler and the builder were made one. Where they differ it names the files and the blocks of 1,000
pairs; `--block K --against REV` then shows the first pair of a block whose outcome is another one at that commit.

An outcome is written as lines: events with their bodies, ids and links, problems with code, place, text and shown
value, counts, activities, and for every tenth message what `explain` says. `--write` freezes anew what is
computed: only for a change that is meant, with the reason in the commit, and narrowed by `--only` and `--name`.

The findings of lint are frozen beside them (`--only findings`; `findings.py` says of which files).

All of it takes about 5 minutes of processor time; `--pairs 20000` is a fine sample between two steps.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from greenflash_kafka.cases.case_files import read as read_cases
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.evaluate import activities, evaluate, explain
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded, MappingLoader
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import (
    Activity,
    Answer,
    Candidate,
    ConversationsUnreadable,
    Question,
)
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.snapshot import Snapshot
from tests.oracle import findings
from tests.oracle.generated_messages import NOW, message
from tests.oracle.generated_rules import ENV, OWN_KEYS, PRICES, UUID, RuleMaker

VERSION: Final = 1
"""Of the generator and of the lines: another one means other hashes."""

SEED: Final = "greenflash-kafka"
PAIRS: Final = 200_000
BLOCK: Final = 1_000
MESSAGES: Final = 40
"""Messages for each generated mapping file."""

SAMPLE: Final = 10
"""Blocks that the tests compute."""

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
FROZEN: Final = HERE / "outcomes.json"
CORPUS: Final = ROOT / "tests" / "fuzz" / "corpus"
TODAY: Final = datetime(2026, 12, 1, tzinfo=UTC)
SHIPPED_ENV: Final = {"GREENFLASH_PRODUCT_ID": UUID}

Lines = list[str]

_CODED: Final = ("problem", "count", "link")
_CALL: Final = re.compile(r"\b([a-z0-9_]+)\(")
_KEY: Final = re.compile(r'"([a-z_]+)":')


# What an outcome is, as lines


def outcome_lines(found: Outcome | NotYet) -> Lines:
    """One line an event, problem or count."""
    if isinstance(found, NotYet):
        return [f"not yet {found.want!r}"]
    lines: Lines = [found.status]
    for event in found.events:
        lines.append(f"event {event.rule} {event.item} {event.insert_id!r} {event.sampled} {event.body.decode()}")
        if (link := event.link) is not None:
            how = f"{link.method} {link.conversation!r} {link.source} {link.at} {link.before_ms}"
            lines.append(f"link {link.result} {how}")
    lines += [_problem(problem) for problem in found.problems]
    lines += [f"count {count.code} {count.rule} {count.field}" for count in found.counts]
    return lines


def _problem(problem: Problem) -> str:
    at = f"{problem.rule} {problem.item} {problem.field}"
    return f"problem {problem.code} {at} {problem.message!r} {problem.shown!r}"


def activity_lines(message: Message, snapshot: Snapshot) -> Lines:
    """What the conversation sources find."""
    found = activities(message, snapshot)
    if isinstance(found, NotYet):
        return [f"activities not yet {found.want!r}"]
    told = [f"activity {each.rule} {each.item} {each.conversation!r} {each.at} {each.keys!r}" for each in found.found]
    return told + [_problem(problem) for problem in found.problems]


def explained_lines(message: Message, snapshot: Snapshot) -> Lines:
    """What `explain` says."""
    lines = []
    for each in explain(message, snapshot):
        lines.append(f"explained {each.rule} {each.item} {each.result} {each.condition}")
        lines += [_problem(problem) for problem in each.problems]
    return lines


def all_lines(message: Message, snapshot: Snapshot, explained: bool = False) -> Lines:
    """Everything about one message. An exception, which there must not be, is a line, too."""
    lines = _guarded(lambda: outcome_lines(evaluate(message, snapshot)))
    if snapshot.ruleset.sources:
        lines += _guarded(lambda: activity_lines(message, snapshot))
    if explained:
        lines += _guarded(lambda: explained_lines(message, snapshot))
    return lines


def _guarded(make: Callable[[], Lines]) -> Lines:
    try:
        return make()
    except Exception as error:
        return [f"raised {type(error).__name__} {error}"]


def _hash(lines: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()[:32]


# The corpus


def corpus() -> dict[str, Lines]:
    """Each payload of the corpus under the rules that are kept for it; each mapping file of it under all payloads;
    each expression as a property of an event."""
    made: dict[str, Lines] = {}
    rulesets = [("shipped", _loaded([ROOT / "mappings"])), ("hostile", _hostile())]
    pages = sorted(path for path in (ROOT / "tests/cases/mappings").glob("*.yaml") if not path.stem.endswith("_test"))
    rulesets += [(path.stem, _loaded([path])) for path in pages]
    for path in [*_corpus("decoding"), *_corpus("whole"), *sorted(ROOT.glob("mappings/*/samples/*.json"))]:
        record = _record(path.read_bytes(), path.parent.name == "whole")
        made[_name(path)] = [line for name, loaded in rulesets for line in _everywhere(name, loaded, record)]
    payloads = [
        _record(path.read_bytes(), path.parent.name == "whole") for path in (*_corpus("decoding"), *_corpus("whole"))
    ]
    for path in _corpus("mapping"):
        text, _, value = path.read_bytes().partition(b"\0")
        loaded = _loaded_text(text)
        own = [_record(value, False), _record(b'{"type": "a", "a": [1, "b", null]}', False), *payloads]
        made[_name(path)] = [line for record in own for line in _everywhere("own", loaded, record)]
    for path in _corpus("expression"):
        text, _, value = path.read_bytes().partition(b"\n")
        made[_name(path)] = _expression(text, value)
    return made


def _corpus(name: str) -> list[Path]:
    return sorted((CORPUS / name).iterdir())


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _hostile() -> Loaded:
    from tests.fuzz.targets import HOSTILE

    return _loaded_text(HOSTILE)


def _loaded(paths: Sequence[Path]) -> Loaded:
    return load(paths, SHIPPED_ENV)


def _loaded_text(text: bytes) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.yaml")
        path.write_bytes(text)
        return load([path], SHIPPED_ENV, strict_env=False)


def _record(data: bytes, headed: bool) -> Message:
    """The record of an input of the fuzzing target `whole`; any other input is its value alone."""
    from tests.fuzz.targets import _message

    return _message(data) if headed else Message("", 0, 0, NOW, None, data)


def _everywhere(name: str, loaded: Loaded, record: Message) -> Lines:
    if loaded.ruleset is None:
        return [f"{name}: refused"]
    ruleset = loaded.ruleset
    snapshot = Snapshot(ruleset, EvaluationContext(cluster_id="c", hash_key=b"key"))
    topics = sorted({*ruleset.topics, *ruleset.conversation_topics, *(p.replace(".*", "x") for p in ruleset.patterns)})
    lines = []
    for topic in topics:
        lines.append(f"{name} on {topic}")
        lines += all_lines(_on(record, topic), snapshot, explained=True)
    return lines


def _on(record: Message, topic: str) -> Message:
    return Message(
        topic,
        record.partition,
        record.offset,
        record.timestamp_ms,
        record.key,
        record.value,
        record.headers,
        record.timestamp_type,
    )


def _codes(loaded: Loaded) -> list[str]:
    return sorted(finding.code for finding in loaded.findings if finding.severity == "error")


def _expression(text: bytes, value: bytes) -> Lines:
    event = {
        "event_type": "e",
        "product_id": UUID,
        "value": "1",
        "properties": {"x": "= " + text.decode("utf-8", "replace")},
    }
    file = {
        "version": 1,
        "source": {"topics": ["t"]},
        "tables": {
            "outcome": {"paid": {"event_type": "upgrade_purchased"}, "17": {"event_type": "task_success", "note": ""}}
        },
        "rules": [{"name": "r", "when": {"payload": {"exists": True}}, "event": event}],
    }
    loaded = _loaded_text(json.dumps(file).encode())
    return [
        line for data in (value, b'{"a": 1}', b'"text"') for line in _everywhere("own", loaded, _record(data, False))
    ]


# The cases


def cases() -> dict[str, Lines]:
    """Each case of each cases file, each expression and each condition of `tests/cases`."""
    made: dict[str, Lines] = {}
    for path in sorted((*ROOT.glob("mappings/*/*_test.yaml"), *ROOT.glob("tests/cases/*/*_test.yaml"))):
        made[_name(path)] = list(_cases(path))
    examples = {
        name: _yaml(ROOT / "tests/cases" / f"{name}.yaml")
        for name in ("expressions", "expressions_more", "when", "when_more")
    }
    for name, with_ in (("expressions", "expressions"), ("expressions_more", "expressions")):
        made[f"tests/cases/{name}.yaml"] = list(_expressions(examples[name]["cases"], examples[with_]))
    for name in ("when", "when_more"):
        made[f"tests/cases/{name}.yaml"] = list(_conditions(examples[name]["cases"], examples[name]["payload"]))
    return made


def _cases(path: Path) -> Iterator[str]:
    report = FileReport(str(path))
    file = read_cases(path, report)
    assert file is not None, path
    loader = MappingLoader(file.env, tables=file.tables)
    loader.add([file.mapping, *file.conversations_from])
    loaded = loader.loaded(whole=False, conversations_only=file.conversations_from)
    assert loaded.ruleset is not None, path
    sources = loaded.ruleset.sources
    for case in file.cases:
        yield f"case {case.name}"
        given = GivenConversations(sources, [(each.activity, each.logged) for each in case.conversations])
        for conversations in (None, given):
            context = EvaluationContext("cluster", {}, b"greenflash-kafka", conversations=conversations)
            yield from all_lines(case.message, Snapshot(loaded.ruleset, context), explained=True)
        given.close()


def _yaml(path: Path) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def _rule(number: int, when: Any, properties: Any) -> dict[str, Any]:
    event = {"event_type": "e", "product_id": UUID, "value": "1", "insert_id": f"= concat({number}, payload.id)"}
    return {"name": f"r{number}", "when": when, "event": {**event, "properties": properties}}


def _each(rules: Iterable[dict[str, Any]], file: dict[str, Any], record: Message) -> Iterator[str]:
    """Rules one by one: some are refused, and none may refuse the others."""
    for rule in rules:
        loaded = _loaded_text(
            json.dumps({"version": 1, "source": {"topics": ["t"]}, **file, "rules": [rule]}, default=str).encode()
        )
        yield from (rule["name"], *_everywhere("own", loaded, record))


def _expressions(cases: Iterable[Any], shared: Any) -> Iterator[str]:
    kafka = shared["kafka"]
    stamp = int(datetime.fromisoformat(kafka["timestamp"]).timestamp() * 1000)
    headers = tuple((name, value.encode()) for name, value in kafka["headers"].items())
    value = json.dumps(shared["payload"], default=str).encode()
    record = Message("", kafka["partition"], kafka["offset"], stamp, kafka["key"].encode(), value, headers)
    always = {"payload": {"exists": True}}
    rules = (_rule(number, always, {"x": f"= {case['expr']}"}) for number, case in enumerate(cases))
    yield from _each(rules, {"tables": shared["tables"]}, record)


def _conditions(cases: Iterable[Any], payload: Any) -> Iterator[str]:
    record = Message("", 0, 0, NOW, b"k", json.dumps({"id": "i", **payload}, default=str).encode())
    for number, case in enumerate(cases):
        rule = _rule(number, case["when"], {})
        file = {name: inner for name, inner in case.items() if name in ("source", "let", "tables", "each")}
        own = (
            _on(record, "")
            if "payload" not in case
            else Message("", 0, 0, NOW, b"k", json.dumps(case["payload"], default=str).encode())
        )
        yield from _each([rule], file, own)


# The generated pairs


class ScriptedConversations:
    """The same answer to the same question, and any to the next one; now and then nothing is known, or readable."""

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:
        return _drawn("known", sources, recorded) % 8 != 0

    def find(self, question: Question) -> Answer:
        asked = (
            question.to,
            question.product,
            question.keys,
            question.at,
            question.recorded,
            question.lookback,
            question.touch,
        )
        drawn = _drawn("find", *asked) % 16
        at = min(question.at, NOW) - 1_500 * drawn
        match drawn:
            case 0:
                raise ConversationsUnreadable
            case 1 | 2 | 3 | 4:
                return Answer(("none", "history", "ambiguous", "crowded")[drawn - 1])
            case 5:
                return Answer("not-ready")
            case 6:
                return Answer("linked", UUID, "own", at, True)
            case 7:
                return Answer("linked", "no-uuid", "own", at, True)
            case 8:
                return Answer("linked", "\ud800", "chat", at)
            case 9:
                return Answer("linked", "c\u2603", "chat", question.at + 4_000)
        return Answer("linked", f"c-{drawn}", "chat", at)

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        return ()


def _drawn(*asked: object) -> int:
    return crc32(repr(asked).encode("utf-8", "surrogatepass"))


class Pair:
    """One rule file and one message, with all that came of it."""

    def __init__(self, file: str, message: Message, context: str, lines: Lines) -> None:
        self.file = file
        self.message = message
        self.context = context
        self.lines = lines


def block(number: int) -> Iterator[Pair]:
    """The pairs of one block, in order."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "prices.csv").write_text(PRICES)
        for at in range(BLOCK // MESSAGES):
            yield from _pairs(random.Random(f"{SEED} {VERSION} {number} {at}"), Path(folder))


def _pairs(chance: random.Random, folder: Path) -> Iterator[Pair]:
    """One generated file, and MESSAGES messages for it."""
    text, loaded = "", Loaded(None, ())
    for _ in range(3):
        maker = RuleMaker(chance)
        linked = maker.linked
        made = [json.dumps(maker.mapping())] + ([json.dumps(maker.conversations())] if linked else [])
        text, paths = "\n".join(made), [folder / f"{name}.yaml" for name in ("rules", "chat")[: len(made)]]
        for path, content in zip(paths, made, strict=True):
            path.write_text(content)
        loaded = load(paths, ENV)
        if loaded.ruleset is not None:
            break
    records = [message(chance, "chat" if linked and chance.random() < 0.3 else "t") for _ in range(MESSAGES)]
    if loaded.ruleset is None:
        yield from (Pair(text, record, "", [f"refused {_codes(loaded)}"]) for record in records)
        return
    context = EvaluationContext(
        "cluster",
        chance.choice(({"t": "topic-id"}, {})),
        chance.choice((b"key", b"key", b"key", None)),
        chance.choice((1000, 1000, 3)),
    )
    given = GivenConversations(loaded.ruleset.sources, _given(chance))
    contexts = {"alone": None, "given": given, "scripted": ScriptedConversations()} if linked else {"alone": None}
    snapshots = [
        (name, Snapshot(loaded.ruleset, _with(context, conversations))) for name, conversations in contexts.items()
    ]
    for number, record in enumerate(records):
        name, snapshot = snapshots[number % len(snapshots)]
        yield Pair(text, record, name, all_lines(record, snapshot, explained=number % 10 == 0))
    given.close()


def _with(context: EvaluationContext, conversations: Any) -> EvaluationContext:
    return EvaluationContext(context.cluster_id, context.topic_ids, context.hash_key, context.max_items, conversations)


def _given(chance: random.Random) -> list[tuple[Activity, int]]:
    """Activities by which some events are linked."""
    found = []
    for _ in range(chance.randint(0, 6)):
        source = chance.choice(("chat", "own"))
        at = NOW - chance.choice((0, 500, 60_000, 3_600_000, 8 * 86_400_000)) + chance.choice((0, 3_000))
        keys = tuple((name, chance.choice(("u-5", "u-6", "u-7", "some text", "5"))) for name in (*OWN_KEYS, "k"))
        conversation = UUID if source == "own" else f"c-{chance.randint(1, 4)}"
        found.append((Activity(source, None, conversation, at, keys), at + chance.choice((0, 0, 30_000))))
    return found


def block_hash(number: int) -> tuple[str, Counter[str]]:
    """The hash of a block, and how often what came of it, or stands in its files."""
    seen: Counter[str] = Counter()
    lines: Lines = []
    file = ""
    for pair in block(number):
        lines += ["pair", *pair.lines]
        seen[f"outcome {pair.lines[0].split(' ')[0]}"] += 1
        seen.update({line.split(" ")[0] for line in pair.lines if line.startswith(("event", "activity", "raised"))})
        seen.update({" ".join(line.split(" ")[:2]) for line in pair.lines if line.startswith(_CODED)})
        if pair.file != file and not pair.lines[0].startswith("refused"):
            file = pair.file
            seen["files"] += 1
            seen.update({f"call {name}" for name in _CALL.findall(file)})
            seen.update({f"key {name}" for name in _KEY.findall(file)})
    return _hash(lines), seen


# The command


def finding_hashes(pattern: str | None, few: bool) -> dict[str, str]:
    """The hash of the findings of each kept file, of a few broken copies of each kind, and (unless `few`) of all."""
    found = {name: _hash(lines) for name, lines in findings.kept() if pattern is None or fnmatchcase(name, pattern)}
    for name in findings.names(pattern):
        lines: Lines = []
        for number, (text, some) in enumerate(findings.broken(name, range(findings.COPIES)), 1):
            lines += [text, *some]
            if number == findings.SAMPLE:
                found[f"{name}: a few"] = _hash(lines)
                if few:
                    break
        else:
            found[name] = _hash(lines)
    return found


def computed(
    only: str | None, blocks: Sequence[int], processes: int, pattern: str | None = None, few: bool = False
) -> tuple[dict[str, Any], Counter[str]]:
    """All hashes, by section; and how often what came of the generated pairs."""
    found: dict[str, Any] = {}
    seen: Counter[str] = Counter()
    if only in (None, "corpus"):
        found["corpus"] = {name: _hash(lines) for name, lines in corpus().items()}
    if only in (None, "cases"):
        found["cases"] = {name: _hash(lines) for name, lines in cases().items()}
    if only in (None, "generated"):
        with ProcessPoolExecutor(processes) as pool:
            made = list(pool.map(block_hash, blocks))
        found["generated"] = {str(number): each for number, (each, _) in zip(blocks, made, strict=True)}
        for _, some in made:
            seen += some
    if only in (None, "findings"):
        found["findings"] = finding_hashes(pattern, few)
    return found, seen


def frozen() -> dict[str, Any]:
    """What was frozen."""
    found: dict[str, Any] = json.loads(FROZEN.read_text())
    return found


def differences(found: dict[str, Any], kept: dict[str, Any]) -> list[str]:
    """The files and blocks whose hash isn't the frozen one, as `section name`."""
    wrong = []
    for section, hashes in found.items():
        known = kept.get(section, {})
        wrong += [f"{section} {name}" for name, each in hashes.items() if known.get(name) != each]
    return wrong


def show_difference(number: int, revision: str) -> int:
    """The first pair of a block whose outcome is another one at that commit; 0 if there is none."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base")
        subprocess.run(
            ["git", "worktree", "add", "--detach", str(base), revision], cwd=ROOT, check=True, capture_output=True
        )
        try:
            own = base if (base / "tests/oracle/outcomes.py").exists() else ROOT
            env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(base / "consumer"), str(own)))}
            dump = [sys.executable, "-m", "tests.oracle.outcomes", "--dump", str(number)]
            before = subprocess.run(dump, cwd=own, env=env, check=True, capture_output=True, text=True).stdout
        finally:
            subprocess.run(
                ["git", "worktree", "remove", "--force", str(base)], cwd=ROOT, check=True, capture_output=True
            )
    earlier = [json.loads(line) for line in before.splitlines()]
    for at, (pair, then) in enumerate(zip(block(number), earlier, strict=True)):
        if pair.lines != then:
            print(f"block {number}, pair {at}, conversations: {pair.context or 'none'}")
            print(pair.file)
            print(pair.message)
            print(f"--- at {revision}", *then, sep="\n")
            print("--- now", *pair.lines, sep="\n")
            return 1
    print(f"block {number} is the same as at {revision}")
    return 0


def main() -> int:
    """Exit code 1 if anything isn't as it was frozen."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.outcomes", description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="freeze what is computed")
    parser.add_argument("--only", choices=("corpus", "cases", "generated", "findings"))
    parser.add_argument("--name", metavar="PATTERN", help="with --only findings: these files and kinds of changes")
    parser.add_argument(
        "--pairs", type=int, default=PAIRS, help="so many of the generated pairs, from the first block on"
    )
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--block", type=int, help="this block alone")
    parser.add_argument("--against", metavar="REV", help="with --block: show the first difference from this commit")
    parser.add_argument("--dump", type=int, metavar="BLOCK", help="print a block's outcomes, one JSON list a pair")
    given = parser.parse_args()
    if given.dump is not None:
        for pair in block(given.dump):
            print(json.dumps(pair.lines))
        return 0
    if given.against:
        return show_difference(given.block or 0, given.against)
    blocks = range(given.pairs // BLOCK) if given.block is None else [given.block]
    only = given.only if given.block is None else "generated"
    found, seen = computed(only, blocks, given.processes, given.name)
    for name, count in sorted(seen.items()):
        if not name.startswith(("call", "key")):
            print(f"{count:9,}  {name}")
    kept = frozen() if FROZEN.exists() else {}
    wrong = differences(found, kept)
    if given.write:
        sections = {name: {**kept.get(name, {}), **found[name]} for name in found}
        kept = {**kept, "version": VERSION, "seed": SEED, **sections}
        if len(found.get("generated", ())) * BLOCK == PAIRS:
            kept["coverage"] = dict(sorted(seen.items()))
        FROZEN.write_text(json.dumps(kept, indent=0, sort_keys=False) + "\n")
        print(f"frozen: {len(wrong)} hashes are new")
        return 0
    compared = sum(map(len, found.values()))
    print("\n".join(f"differs: {each}" for each in wrong) or f"all {compared} hashes are as they were frozen")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
