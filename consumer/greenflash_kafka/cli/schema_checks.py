"""The checks of `doctor` that ask the schema registry, and look into the folder of pulled schemas."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from greenflash_kafka.app.schema_sources import registry_settings, schema_folder
from greenflash_kafka.cases.schema_linting import NO_SUBJECT
from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.schema_pulling import subjects_of, topics_of
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.decoding.body_reader import body_reader
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.errors import RegistryUnusable
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.schema import SchemaRefused
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.schemas.folder import SchemaFolder
from greenflash_kafka.schemas.registry_questions import RegistryQuestions

_TODO = "check schema_registry.url (its path, too), schema_registry.properties, the network and the user's rights"


def schema_checks(
    config: Config, environ: Mapping[str, str], ruleset: Ruleset | None, topics: Collection[str]
) -> Iterator[Check]:
    """Whether the registry can be asked, and has schemas of these topics; nothing where none is configured."""
    folder = schema_folder(config)
    if folder is not None:
        yield _folder(folder)
    settings = registry_settings(config, environ)
    if settings is None:
        return
    questions = RegistryQuestions(settings, SystemClock())
    try:
        count = len(questions.subjects())
        said = f"{', '.join(settings.urls)}, {counted(count, 'subject')}"
        todo = "" if count else "check schema_registry.url (its path, too), and that this user may see subjects"
        yield Check("schema registry", "ok" if count else "warning", said, todo)
        for subject, expected in _subjects(ruleset, topics).items():
            yield from _subject(questions, subject, expected=expected)
    except RegistryUnusable as error:
        yield Check("schema registry", "failed", str(error), _TODO)
    finally:
        questions.close()


def _subjects(ruleset: Ruleset | None, topics: Collection[str]) -> dict[str, bool]:
    """The subjects of topics, and whether they have to be there."""
    found: dict[str, bool] = {}
    for topic in sorted(topics) or topics_of(ruleset):
        expected = ruleset is not None and ruleset.format_of(topic).may_name_schemas
        for subject in subjects_of([topic], ruleset):
            if not subject.endswith("-key"):
                found[subject] = expected or found.get(subject, False)
    return found


def _subject(questions: RegistryQuestions, subject: str, *, expected: bool) -> Iterator[Check]:
    """The newest schema of a subject; of one that isn't there nothing unless it is expected."""
    found = questions.by_version(subject, "latest")
    name = f"schema {subject}"
    if found is None:
        if expected:
            yield Check(name, "warning", "the registry has no such subject", NO_SUBJECT)
        return
    if isinstance(found, SchemaRefused):
        yield Check(name, "failed", found.text, "its producer has to register another version")
        return
    schema = found.whole()
    version = "" if schema.version is None else f"v{schema.version}, "
    try:
        body_reader(schema, None)
    except SchemaError as error:
        yield Check(name, "failed", f"{version}{error}", "its messages would be dead letters (bad-schema)")
    except ImportError as error:
        todo = f"pip install 'greenflash-kafka[{schema.kind}]'"
        yield Check(name, "failed", f"{version}{schema.kind} needs {error.name}, which can't be imported", todo)
    else:
        yield Check(name, "ok", f"{version}{schema.kind}")


def _folder(folder: SchemaFolder) -> Check:
    name, path = "folder of schemas", str(folder.path)
    if folder.findings:
        first = folder.findings[0]
        return Check(name, "failed", f"{first.where}: {first.message}", "run `greenflash-kafka schemas pull`")
    unreadable = [each.file for each in folder.entries if folder.schema(each) is None]
    if unreadable:
        said = f"{path}: {unreadable[0]}, or what it refers to, can't be read"
        return Check(name, "failed", said, "run `greenflash-kafka schemas pull`")
    return Check(name, "ok", f"{path}, {counted(len(folder.entries), 'schema')}")
