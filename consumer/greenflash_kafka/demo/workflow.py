"""Workflow messages of the demo: facts that a product and its agents publish on their own topic."""

from __future__ import annotations

from greenflash_kafka.demo.made import WORKFLOW, Fact, Made, Maker, Moment, Payload, to_json

_TASKS = ("summarise_contract", "answer_ticket", "draft_offer", "check_invoice")
_STEPS = ("read", "compare", "ask", "write", "review")
_FEATURES = ("side-by-side", "history", "sharing", "export", "agents")
_ERRORS = ("timeout", "bad_tool_output", "crash", "out_of_memory")


def noise(moment: Moment) -> Made:
    """Heartbeats, beginnings, queues: most of what a product tells."""
    kind = moment.one_of(("run.heartbeat", "run.started", "run.queued", "user.seen", "trial.ended"))
    return _made(moment, kind, {"run_id": f"run-{moment.n}", "queue": moment.below(9)})


def other_page(moment: Moment) -> Made:
    """A page that is no feature's."""
    return _made(moment, "page.viewed", {"path": moment.one_of(("/settings", "/", "/features/")), "visible_ms": 900})


def staging(moment: Moment) -> Made:
    """A success outside production."""
    return _made(moment, "run.succeeded", {"run_id": f"run-{moment.n}", "task": "answer_ticket"}, env="staging")


def dry_run(moment: Moment) -> Made:
    """A success that was only a rehearsal."""
    return _made(moment, "run.succeeded", {"run_id": f"run-{moment.n}", "task": "answer_ticket", "dry_run": True})


def retried(moment: Moment) -> Made:
    """A failure that will be tried again."""
    error = {"code": "timeout", "retryable": True}
    return _made(moment, "tool.failed", {"run_id": f"run-{moment.n}", "tool": "search", "error": error})


def tombstone(moment: Moment) -> Made:
    """A delete marker."""
    return Made(WORKFLOW, moment.user, None)


def signup(moment: Moment) -> Made:
    """Somebody signed up."""
    method = moment.one_of(("google", "sso", ""))
    data: Payload = {
        "email": f"user{moment.n}@acme.example",
        "email_verified": True,
        "method": method,
        "plan": "free",
        "landing": "?utm_source=newsletter",
    }
    user = f"u-new-{moment.n}"
    return _made(moment, "user.signed_up", data, Fact("signup_completed", user, method or "password"), user=user)


def trial(moment: Moment) -> Made:
    """A trial that Stripe doesn't know of, since no card was asked for."""
    data = {"days": 14, "subscription_id": f"trial-{moment.n}", "plan": "Team"}
    return _made(moment, "trial.started", data, Fact("trial_started", f"trial-{moment.n}", "14"))


def feature(moment: Moment) -> Made:
    """A feature's page was seen."""
    name = moment.one_of(_FEATURES)
    data = {"path": f"/features/{name}?tab={moment.below(3)}", "visible_ms": 100 + moment.below(60000)}
    return _made(moment, "page.viewed", data, Fact("feature_viewed", f"s-{moment.n}/{name}", name))


def usage(moment: Moment) -> Made:
    """Tokens of one call to a model."""
    read, written = 1 + moment.below(8000), moment.below(900)
    data = {"model": "large-2", "usage": {"input_tokens": read, "output_tokens": written, "cached_tokens": read // 3}}
    return _made(moment, "model.called", data, Fact("usage_logged", f"wf-{moment.n}", str(read + written)))


def success(moment: Moment) -> Made:
    """A run that did its task."""
    task = moment.one_of(_TASKS)
    data: Payload = {"run_id": f"run-{moment.n}", "task": task, "steps_done": 4, "steps_total": 4}
    if moment.below(3) == 0:
        data["rating"] = 1 + moment.below(5)
    return _made(moment, "run.succeeded", data, Fact("task_success", f"run-{moment.n}", task))


def progress(moment: Moment) -> Made:
    """One to five steps are done, the next one runs; the next message repeats them."""
    run = f"run-{moment.n}"
    done = _STEPS[: 1 + moment.below(5)]
    facts = tuple(Fact("step_completed", f"{run}/{name}", name) for name in done)
    steps = [{"name": name, "status": "done"} for name in done]

    def repeated() -> Made:
        last = {"name": "send", "status": "done"}
        data = {"run_id": run, "steps": [*steps, last]}
        return _made(moment, "run.progressed", data, *facts, Fact("step_completed", f"{run}/send", "send"))

    data = {"run_id": run, "steps": [*steps, {"name": "send", "status": "running"}]}
    return _made(moment, "run.progressed", data, *facts)._replace(again=repeated)


def failure(moment: Moment) -> Made:
    """A run or a tool failed for good."""
    code = moment.one_of(_ERRORS)
    data = {"run_id": f"run-{moment.n}", "tool": "search", "attempt": 3, "error": {"code": code, "retryable": False}}
    kind = moment.one_of(("run.failed", "tool.failed"))
    return _made(moment, kind, data, Fact("error_encountered", f"wf-{moment.n}", code))


def abandoned(moment: Moment) -> Made:
    """The user left, before the first step or after some."""
    done = _STEPS[: moment.below(4)]
    data: Payload = {
        "run_id": f"run-{moment.n}",
        "reason": "idle_24h",
        "steps_done": len(done),
        "steps_total": len(_STEPS),
        "steps": [{"name": name, "status": "done"} for name in done],
    }
    value = done[-1] if done else "before_the_first_step"
    kind = moment.one_of(("run.abandoned", "run.ended"))
    return _made(moment, kind, data, Fact("workflow_abandoned", f"run-{moment.n}", value))


def nobody_signed_up(moment: Moment) -> Made:
    """A sign-up of nobody: a dead letter, since nothing tells it apart from another one."""
    made = signup(moment)
    value = (made.value or b"").replace(f'"u-new-{moment.n}"'.encode(), b'""')
    return made._replace(value=value, facts=(), broken=True)


def broken_json(moment: Moment) -> Made:
    """The first half of a message: a dead letter."""
    whole = noise(moment)
    value = whole.value or b""
    return whole._replace(value=value[: len(value) // 2], broken=True)


KINDS: tuple[tuple[int, Maker], ...] = (
    (165, noise),
    (55, other_page),
    (25, staging),
    (7, dry_run),
    (5, retried),
    (5, tombstone),
    (8, signup),
    (6, trial),
    (30, feature),
    (36, usage),
    (20, success),
    (20, progress),
    (9, failure),
    (6, abandoned),
    (2, nobody_signed_up),
    (1, broken_json),
)
"""The kinds of workflow messages, with how many of 1,000 messages are of each."""


def _made(
    moment: Moment, event: str, data: Payload, *facts: Fact, user: str | None = None, env: str = "production"
) -> Made:
    user = user or moment.user
    body: Payload = {
        "id": f"wf-{moment.n}",
        "event": event,
        "env": env,
        "app": "assistant",
        "ts": moment.ms,
        "user_id": user,
        "org_id": f"org-{moment.n % 211}",
        "thread_id": f"t-{moment.n}",
        "session_id": f"s-{moment.n}",
        "data": data,
    }
    return Made(WORKFLOW, user, to_json(body), facts)
