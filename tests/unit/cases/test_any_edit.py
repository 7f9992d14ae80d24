"""Edits that aren't saved give the same findings and outcomes as loading the same files from disk anew."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.cases.suite import run_suite
from greenflash_kafka.mappings.workspace import Workspace

_RULES: Final = """\
version: 1
source: {topics: [orders]}
tables:
  plans: {file: plans.csv}
link: {lookback: 1d}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: ${PRODUCT}
      influence: positive
      value: = tables.plans[payload.plan].price
      external_user_id: = payload.user
      insert_id: = payload.id
"""
_CHATS: Final = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: chat
    id: = payload.conversation
    keys: {external_user_id: = payload.user}
"""
_CASES: Final = """\
version: 1
env: {PRODUCT: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
message: {payload: {type: paid, id: "1", plan: big, user: u-1}}
cases:
  - name: paid
    expect: {value: "10"}
  - name: not paid
    message: {payload: {type: seen}}
    expect: nothing
"""
_VERSIONS: Final[dict[str, list[str | None]]] = {
    "m/a.yaml": [_RULES, _RULES.replace("paid", "bought"), _RULES.replace("when", "wen"), "{", None],
    "m/plans.csv": ["plan,price\nbig,10\n", "plan,price\nbig,11\nbig,12\n", "plan,cost\nbig,1\n", None],
    "m/a_test.yaml": [_CASES, _CASES.replace('"10"', '"12"'), _CASES.replace("env:", "enw:"), None],
    "m/b.yaml": [_RULES.replace("orders", "others"), _RULES, None],
    "m/chats.yaml": [_CHATS, _CHATS.replace("external_user_id", "account"), None],
    "events.yaml": ["version: 1\nevents:\n  upgrade_purchased: {}\n", "version: 1\nevents:\n  other: {}\n", None],
    "m/samples/a.json": ['{"type": "paid", "id": "1", "plan": "big"}', '{"type": 1}', "{", None],
}
_EDITS = st.lists(
    st.sampled_from([(path, version) for path, versions in _VERSIONS.items() for version in versions]), max_size=4
)


@settings(max_examples=8)
@given(steps=st.lists(_EDITS, min_size=2, max_size=3))
def test_edits_are_as_if_they_were_saved(steps: list[list[tuple[str, str | None]]]) -> None:
    files = {path: versions[0] for path, versions in _VERSIONS.items()}
    workspace = Workspace()
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for edits in [[], *steps]:
            files.update(edits)
            here = {root / path: None if text is None else text.encode() for path, text in files.items()}
            edited = _seen(root, workspace.edited(here))
            for path, content in here.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                if content is not None:
                    path.write_bytes(content)
            assert edited == _seen(root, Workspace())


def _seen(root: Path, workspace: Workspace) -> object:
    linted = lint([root / "m"], {}, workspace=workspace)
    version = None if linted.ruleset is None else linted.ruleset.version
    return linted.findings, version, run_suite([root / "m"], strict=True, workspace=workspace)
