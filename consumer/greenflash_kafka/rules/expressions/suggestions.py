"""Hints for analysts who know SQL, spreadsheets or Python: their words, and the ones to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from greenflash_kafka.documents.did_you_mean import closest_word

CHOICE: Final = "a if condition else b"
_TIME_OF: Final = "time(x), or kafka.timestamp; there is no clock, so that a replay gives the same event"

CLOCKS: Final = frozenset(("current_timestamp", "current_date", "sysdate", "now", "today"))
"""What stands for the present moment without brackets, elsewhere."""

FUNCTION_WORDS: Final[dict[str, str]] = {
    "money": "money_minor (cents) or money_major (euros): is 14950 cents or euros?",
    **dict.fromkeys(("if", "iif", "iff", "ifs", "when", "ternary"), CHOICE),
    **dict.fromkeys(("case", "switch", "decode", "choose"), f"{CHOICE}, or an inline table: tables.outcome[x].column"),
    **dict.fromkeys(("nvl", "ifnull", "default", "coalece", "ifna", "iferror", "zeroifnull"), "coalesce"),
    **dict.fromkeys(("isblank", "isempty", "empty", "is_empty"), 'not exists(nullif(x, ""))'),
    **dict.fromkeys(("isnull", "is_null", "isna", "isnone", "ismissing", "missing"), "not exists(x)"),
    **dict.fromkeys(("isset", "isnotnull", "notnull", "has", "defined", "present"), "exists"),
    **dict.fromkeys(("vlookup", "hlookup", "xlookup", "lookup", "index"), "tables.name[key].column"),
    **dict.fromkeys(("datediff", "date_diff", "datedif", "days", "timestampdiff"), "days_between or seconds_between"),
    **dict.fromkeys(
        ("now", "today", "sysdate", "getdate", "current_timestamp", "current_date", "utcnow", "rand", "random"),
        _TIME_OF,
    ),
    **dict.fromkeys(
        (
            *("date", "datetime", "timestamp", "todate", "to_date", "to_timestamp", "parse_date", "strptime"),
            *("from_unixtime", "fromtimestamp", "unix_timestamp", "parse_time", "epoch", "to_time", "datevalue"),
        ),
        'time(x), or time(x, "s") for a number',
    ),
    **dict.fromkeys(("dateadd", "date_add", "adddate", "edate"), "time(x, ...) of the message; times aren't added to"),
    **dict.fromkeys(("uuid", "uuid4", "newid", "gen_random_uuid"), 'uuid5("url", x): always the same for the same x'),
    **dict.fromkeys(("strftime", "date_format", "to_char", "format_date", "date_trunc", "dateformat"), "format_time"),
    **dict.fromkeys(("len", "size", "strlen", "char_length"), "length(text) or count(list)"),
    **dict.fromkeys(("str", "string", "to_string", "tostring", "varchar", "format", "to_text"), "text"),
    **dict.fromkeys(("cast", "convert", "try_cast"), "text(x), number(x) or time(x)"),
    **dict.fromkeys(("int", "float", "decimal", "to_number", "tonumber", "parseint", "value", "integer"), "number"),
    **dict.fromkeys(("bool", "boolean"), 'x == "true"'),
    **dict.fromkeys(("gt",), "a > b"),
    **dict.fromkeys(("gte", "ge"), "a >= b"),
    **dict.fromkeys(("lt",), "a < b"),
    **dict.fromkeys(("lte", "le"), "a <= b"),
    **dict.fromkeys(("eq", "equals", "equal"), "a == b"),
    **dict.fromkeys(("ne", "neq"), "a != b"),
    **dict.fromkeys(("and", "all"), "a and b"),
    **dict.fromkeys(("or", "any"), "a or b, or x in [...]"),
    "not": "not a",
    "between": "x >= low and x <= high",
    "about": "x >= low and x <= high",
    **dict.fromkeys(("prefix", "startswith", "begins_with", "startwith"), "starts_with"),
    **dict.fromkeys(("suffix", "endswith"), "ends_with"),
    **dict.fromkeys(("like", "ilike", "rlike", "regex", "regexp", "regexp_like", "regexp_match", "match"), "matches"),
    **dict.fromkeys(("regexp_extract", "regexextract", "regexp_substr", "capture"), "extract"),
    **dict.fromkeys(("includes", "instr", "find", "search", "position", "strpos", "array_contains"), "contains"),
    **dict.fromkeys(("substr", "mid", "slice"), "substring"),
    **dict.fromkeys(("strip", "ltrim", "rtrim", "clean"), "trim"),
    **dict.fromkeys(("ucase", "uppercase", "toupper", "to_upper"), "upper"),
    **dict.fromkeys(("lcase", "lowercase", "tolower", "to_lower"), "lower"),
    **dict.fromkeys(("substitute", "regexp_replace", "translate"), "replace"),
    **dict.fromkeys(
        ("concatenate", "concat_ws", "textjoin", "string_agg", "listagg", "group_concat"), "concat or join"
    ),
    **dict.fromkeys(("average", "mean"), "avg"),
    **dict.fromkeys(("total", "add", "product", "sumproduct"), "sum"),
    **dict.fromkeys(("pow", "power", "sqrt", "exp"), "x * x; there are no powers and roots"),
    **dict.fromkeys(("percent", "pct"), "x / total * 100"),
    **dict.fromkeys(("ceiling", "roundup"), "ceil"),
    **dict.fromkeys(("trunc", "truncate", "rounddown"), "floor"),
    "mod": "a % b",
    **dict.fromkeys(("greatest", "maximum"), "max"),
    **dict.fromkeys(("least", "minimum"), "min"),
    **dict.fromkeys(("unique", "uniq", "dedupe", "set"), "distinct"),
    **dict.fromkeys(("sorted", "order_by", "sort_by", "asort"), "sort"),
    **dict.fromkeys(("head", "first_value", "nth"), "first"),
    **dict.fromkeys(("tail", "last_value"), "last"),
    **dict.fromkeys(
        ("countif", "counta", "countifs", "sumif", "filter", "map"), "[x.price for x in list if x.quantity > 0]"
    ),
    **dict.fromkeys(("unnest", "explode", "flat", "array_concat"), "flatten"),
    **dict.fromkeys(("md5", "sha1", "sha256", "sha2", "hmac", "hashlib"), "hash"),
    **dict.fromkeys(
        ("json", "json_parse", "fromjson", "from_json", "json_extract", "json_value"), "parse_json(x).field"
    ),
    **dict.fromkeys(("parse_url", "url_decode", "querystring", "parse_qs"), "parse_query"),
    **dict.fromkeys(("base64", "base64_decode", "unbase64", "b64decode", "from_base64", "atob"), "decode_base64"),
    **dict.fromkeys(("get", "json_get", "getattr", "field"), 'payload.field, or payload["a field"]'),
}
"""By the word in small letters."""


def function_hint(word: str, known: Iterable[str]) -> str | None:
    """What to call instead of a function that doesn't exist."""
    names = list(known)
    if word.lower() in names:
        return word.lower()
    return FUNCTION_WORDS.get(word.lower()) or closest_word(word, names)


QUOTES: Final = "\"'"
_TYPOGRAPHIC: Final = "“”„‘’«»`´"
_KEYWORDS: Final = frozenset({"if", "else", "or", "and", "not", "in", "for"})

_SYMBOLS: Final[tuple[tuple[str, str, str], ...]] = (
    ("===", "there is no ===", "=="),
    ("!==", "there is no !==", "!="),
    ("<>", "there is no <>", "!="),
    ("||", "there is no ||", "concat(a, b) joins texts; a or b takes one of two conditions"),
    ("&&", "there is no &&", "a and b"),
    ("&", "there is no &", "concat(a, b) joins texts; a and b takes both of two conditions"),
    ("|", "there is no |", "upper(trim(x)): functions are called with what they work on"),
    ("**", "there is no power", "x * x"),
    ("//", "there is no //", "floor(a / b)"),
    ("??", "there is no ??", "coalesce(a, b)"),
    ("?.", "there is no ?.", "a.b: what is missing stays missing"),
    ("?", "there is no ?:", CHOICE),
    ("!", "there is no !", "not a"),
    ("=>", "there is no =>", ">="),
    ("=<", "there is no =<", "<="),
    ("=~", "there is no =~", "matches(text, pattern)"),
    ("=", "there is no = here", "== compares"),
    ("->", "there is no ->", "a.b or a[0]"),
    ("{", "objects can't be written in an expression", "properties and tables are written in YAML"),
    ("$", "$ is no part of a name", 'payload["$set"]'),
    ("#", "there are no comments in an expression", "YAML's comments follow a blank"),
    (";", "an expression is one value", "let gives names to values"),
    ("::", "there is no ::", "text(x), number(x) or time(x)"),
    (":=", "there is no :=", "let gives names to values"),
    (":", "there is no : in an expression", CHOICE),
    ("@", "there is no @", "payload.field"),
    ("^", "there is no ^", "x * x"),
    ("~", "there is no ~", "matches(text, pattern)"),
)

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "and": ("and is written small", "and"),
    "or": ("or is written small", "or"),
    "not": ("not is written small", "not"),
    "in": ("in is written small", 'x in ["a", "b"]'),
    "is": ("there is no IS", "exists(x), or not exists(x)"),
    "like": ("there is no LIKE", 'starts_with(x, "a"), contains(x, "a"), or matches(x, "^a.*z$")'),
    "ilike": ("there is no ILIKE", 'contains(lower(x), "a")'),
    "rlike": ("there is no RLIKE", 'matches(x, "^a")'),
    "regexp": ("there is no REGEXP", 'matches(x, "^a")'),
    "between": ("there is no BETWEEN", "x >= low and x <= high"),
    "when": ("there is no CASE WHEN", CHOICE),
    "then": ("there is no THEN", CHOICE),
    "elif": ("there is no elif", "a if x else b if y else c"),
    "elseif": ("there is no elseif", "a if x else b if y else c"),
    "else": ("else is written small, after an if", CHOICE),
    "mod": ("there is no MOD", "a % b"),
    "div": ("there is no DIV", "floor(a / b)"),
    "as": ("there is no AS", "text(x), number(x) or time(x)"),
    "lambda": ("there are no functions of one's own", "let gives names to values"),
    "eq": ("there is no eq", "a == b"),
    "ne": ("there is no ne", "a != b"),
    "gt": ("there is no gt", "a > b"),
    "lt": ("there is no lt", "a < b"),
    "contains": ("contains is a function", 'contains(x, "a")'),
    "matches": ("matches is a function", 'matches(x, "^a")'),
    "starts_with": ("starts_with is a function", 'starts_with(x, "a")'),
    "ends_with": ("ends_with is a function", 'ends_with(x, "a")'),
    "exists": ("exists is a function", "exists(x)"),
    "select": ("there is no SELECT", "[x.price for x in list if x.quantity > 0]"),
    "distinct": ("distinct is a function", "distinct(list)"),
}

_METHOD: Final = re.compile(r"([\w.\]\[\"']*)\.([^\W\d]\w*)\s*$")


def syntax_hint(text: str, start: int, word: str, functions: Iterable[str]) -> tuple[str, str | None]:
    """What is wrong where reading ended, before `word` at `start` ("" at the end of the text), and what to write."""
    before = text[:start].rstrip()
    if not word:
        return _at_the_end(text)
    return (
        _by_word(text, start, word, before, list(functions))
        or _by_sign(text, start, word, before, list(functions))
        or _symbol(text, start)
        or _chained(text, start, word)
        or (f"{'a text' if word[0] in QUOTES else word} is not expected here", None)
    )


Said = tuple[str, str | None]


def _by_word(text: str, start: int, word: str, before: str, functions: list[str]) -> Said | None:
    """Words of other languages: at the place itself, or just before it."""
    small = word.lower()
    lead = re.split(r"[\s(\[,]", before)[-1]
    if "case" in (small, lead.lower()):
        return _WORDS["when"]
    if small == "is" or lead.lower() == "is":
        operand = _operand(before[:-2].rstrip() if small != "is" else before)
        negated = re.match(r"(?:is\s+)?not\b", text[start:], re.IGNORECASE)
        return "there is no IS", f"exists({operand})" if negated else f"not exists({operand})"
    if small == "not" and re.match(r"not\s+(in|like)\b", text[start:], re.IGNORECASE):
        return "it is written small", f'{_operand(before)} not in ["a", "b"], or not contains({_operand(before)}, "a")'
    if small in _WORDS and word not in _KEYWORDS:
        return _WORDS[small]
    if lead in functions and word[0] not in "=+-*/%,)]":
        return "a function's arguments stand in brackets", f"{lead}(...)"
    if lead and lead not in _KEYWORDS and lead.lower() in _WORDS and (word[0].isalnum() or word[0] in "_(\"'"):
        return _WORDS[lead.lower()]
    return None


def _by_sign(text: str, start: int, word: str, before: str, functions: list[str]) -> Said | None:
    """Signs at places where the language doesn't have them."""
    if word in QUOTES:
        return "this text isn't closed", f"close it with {word}"
    if word[0] in QUOTES and before.endswith(word[0]):
        return "two texts side by side aren't one", f"concat(a, b), or \\{word[0]} for a quote inside a text"
    if word[0] in QUOTES and re.search(r"\bf$", before):
        return "a text holds no expressions", 'concat("a", payload.b)'
    if word in _TYPOGRAPHIC:
        return "typographic quotes don't make a text", '"text"'
    if word == "(":
        method = _METHOD.search(before)
        if method is None:
            lead = re.split(r"[\s(\[,]", before)[-1]
            return "a bracket is not expected here", "null is written without brackets" if lead == "null" else None
        known = method[2].lower() in functions
        called = f"{method[2].lower()}({method[1]})" if known else function_hint(method[2], functions)
        return "values have no methods", called
    if word == "*" and re.search(r"\bcount\s*\($", before, re.IGNORECASE):
        return "there is no *", "count(list)"
    if word == "[" and before.endswith("."):
        return "a step in brackets has no dot before it", 'a["user id"]'
    if before.endswith("[") and word in "*]" and before[:-1].rstrip()[-1:].isalnum():
        return "a position in a list is a number", f"[x.price for x in {_operand(before[:-1])}]"
    if word == ":" and before.rfind("[") > before.rfind("]"):
        return "lists can't be cut", "first(list), last(list), or [x for x in list if ...]"
    if word == ",":
        return "a comma is not expected here", 'x in ["a", "b"]' if re.search(r"\bin\s*\(", before) else None
    if word == "if":
        return "if stands between two values", CHOICE
    if word[0].isdigit():
        if before.endswith("."):
            return "a position in a list stands in brackets", f"[{word}]"
        return ("this is no number", None) if len(word) == 1 else None
    if word[0] == ".":
        digits = re.match(r"\.[0-9]+", text[start:])
        return "a number starts with a digit, a path with a name", f"0{digits[0]}" if digits else None
    return None


def _operand(before: str) -> str:
    """The path that ends a text, for a hint that can be copied."""
    found = re.search(r"[\w.\[\]\"']+$", before)
    return found[0] if found else "x"


def _chained(text: str, start: int, word: str) -> Said | None:
    if word in ("<", ">", "<=", ">=", "==", "!=", "in") or re.match(r"not\s+in\b", text[start:]):
        return "comparisons can't be chained", "a < b and b < c"
    return None


def _at_the_end(text: str) -> Said:
    for opening, closing in ("()", "[]"):
        if text.count(opening) > text.count(closing):
            return "the expression ends before it is complete", f"a {closing} is missing"
    if re.search(r"\bif\b", text) and not re.search(r"\belse\b", text):
        return "there is no if without else", CHOICE
    return "the expression ends before it is complete", None


def _symbol(text: str, start: int) -> Said | None:
    # Reading may have ended at any character of what was meant as one sign.
    for symbol, message, hint in _SYMBOLS:
        for back in range(len(symbol)):
            if start >= back and text.startswith(symbol, start - back):
                if symbol == "=" and text.startswith("==", start):
                    continue
                return message, hint
    return None
