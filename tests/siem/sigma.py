# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads Sigma rules and applies them to documents of -o ecs: that part of the specification (2.1.0) that the rules of contrib/sigma/ use.
What it does not know is an error, and never a rule that matches nothing."""
import collections
import datetime
import fnmatch
import ipaddress
import re
import uuid

LEVELS = ("informational", "low", "medium", "high", "critical")
STATUSES = ("stable", "test", "experimental", "deprecated", "unsupported")
NEEDED = {"title", "id", "status", "description", "author", "date", "falsepositives", "level"}
OPTIONAL = {"references", "modified", "tags", "fields"}
TAG = re.compile(r"attack\.(t\d{4}(\.\d{3})?|[a-z]+(-[a-z]+)*)")
SERVICES = ("session", "transaction", "auth", "finding", "diagnosis", "stats")
SPAN = re.compile(r"(\d+)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Rule:
    def __init__(self, source: dict) -> None:
        self.source, self.title, self.name = source, source.get("title", ""), source.get("name")
        self.correlation = source.get("correlation")
        kind = {"correlation"} if self.correlation else {"logsource", "detection"}
        unknown = set(source) - NEEDED - OPTIONAL - kind - {"name"}
        missing = (NEEDED | kind) - set(source)
        self.problems = [f"unknown: {key}" for key in sorted(unknown)] + [f"missing: {key}" for key in sorted(missing)]
        if not missing and not unknown:
            self.problems += self.head_problems()
        if self.problems:
            return
        if self.correlation is None:
            self.service = source["logsource"].get("service")
            self.searches = {key: value for key, value in source["detection"].items() if key != "condition"}
            self.condition = Condition(source["detection"]["condition"], self.searches)

    def head_problems(self) -> list:
        source, problems = self.source, []
        if uuid.UUID(source["id"]).version != 4 or str(uuid.UUID(source["id"])) != source["id"]:
            problems.append("id: not a UUID of version 4")
        if source["status"] not in STATUSES or source["level"] not in LEVELS:
            problems.append("status or level")
        if len(source["title"]) > 256 or not all(isinstance(text, str) and text for text in (source["title"], source["description"])):
            problems.append("title or description")
        if not isinstance(source["date"], (datetime.date, str)) or not re.fullmatch(r"\d{4}-\d\d-\d\d", str(source["date"])):
            problems.append("date")
        if not isinstance(source["falsepositives"], list) or not source["falsepositives"]:
            problems.append("falsepositives")
        problems += [f"tag {tag}" for tag in source.get("tags", []) if not TAG.fullmatch(tag)]
        if self.correlation is None:
            logsource = source["logsource"]
            if set(logsource) != {"product", "service"} or logsource["product"] != "smtpscope" or logsource["service"] not in SERVICES:
                problems.append(f"logsource {logsource}")
        return problems

    def fields(self) -> set:
        """All names of fields in it."""
        if self.correlation is not None:
            field = self.correlation.get("condition", {}).get("field") if isinstance(self.correlation.get("condition"), dict) else None
            return set(self.correlation.get("group-by", [])) | ({field} if field else set())
        return {key.partition("|")[0] for search in self.searches.values()
                for part in (search if isinstance(search, list) else [search]) for key in part}

    def matches(self, document: dict) -> bool:
        return values(document, "data_stream.dataset") == [f"smtpscope.{self.service}"] and self.condition.holds(document)


def values(document: object, name: str) -> list:
    """All values of a field, in lists and in objects in lists, too."""
    if isinstance(document, list):
        return [value for item in document for value in values(item, name)]
    if name == "":
        return [document]
    head, _, rest = name.partition(".")
    return values(document[head], rest) if isinstance(document, dict) and head in document else []


# ---- one value

def as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def pattern(text: str, before: str = "", after: str = "") -> re.Pattern:
    parts = [{"*": ".*", "?": "."}.get(char, re.escape(char)) for char in text]
    return re.compile(before + "".join(parts) + after, re.IGNORECASE | re.DOTALL)


def number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is no number")
    return value


NUMERIC = {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b}
TEXTUAL = {"contains": (".*", ".*"), "startswith": ("", ".*"), "endswith": (".*", "")}


def one_matches(value: object, wanted: object, modifiers: list) -> bool:
    how = modifiers[0] if modifiers else ""
    if how in NUMERIC:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and NUMERIC[how](value, number(wanted))
    if how == "cidr":
        return isinstance(value, str) and ipaddress.ip_address(value) in ipaddress.ip_network(wanted)
    if how == "re":
        return re.search(wanted, as_text(value)) is not None
    if how not in TEXTUAL and how != "":
        raise ValueError(f"a modifier {how}")
    if how == "" and not isinstance(wanted, str):
        return value == wanted and type(value) is type(wanted)
    return pattern(as_text(wanted), *TEXTUAL.get(how, ("", ""))).fullmatch(as_text(value)) is not None


def field_matches(document: dict, key: str, wanted: object) -> bool:
    name, *modifiers = key.split("|")
    found = values(document, name)
    if modifiers == ["exists"]:
        return bool(found) == wanted
    if wanted is None:
        return not found
    every = "all" in modifiers
    modifiers = [modifier for modifier in modifiers if modifier != "all"]
    if len(modifiers) > 1:
        raise ValueError(f"modifiers {modifiers}")
    wanted = wanted if isinstance(wanted, list) else [wanted]
    return (all if every else any)(any(one_matches(value, each, modifiers) for value in found) for each in wanted)


def search_matches(document: dict, search: object) -> bool:
    if isinstance(search, list):
        return any(search_matches(document, part) for part in search)
    if not isinstance(search, dict) or not search:
        raise ValueError(f"a search {search!r}")
    return all([field_matches(document, key, wanted) for key, wanted in search.items()])


# ---- the condition

class Condition:
    """or := and ("or" and)*; and := not ("and" not)*; not := "not" not | "(" or ")" | ("1" | "all") "of" NAME* | NAME"""

    def __init__(self, text: str, searches: dict) -> None:
        self.words, self.searches = re.findall(r"[()]|[^\s()]+", text), searches
        self.tree = self.either()
        if self.words:
            raise ValueError(f"condition: {self.words} left over")
        unused = set(searches) - self.used(self.tree)
        if unused:
            raise ValueError(f"condition: {unused} not used")

    def take(self, word: str) -> bool:
        if self.words and self.words[0] == word:
            self.words.pop(0)
            return True
        return False

    def either(self) -> tuple:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return ("or", *parts)

    def both(self) -> tuple:
        parts = [self.single()]
        while self.take("and"):
            parts.append(self.single())
        return ("and", *parts)

    def single(self) -> tuple:
        if self.take("not"):
            return ("not", self.single())
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise ValueError("condition: no )")
            return inner
        word = self.words.pop(0)
        if word in ("1", "all") and self.take("of"):
            names = sorted(fnmatch.filter(self.searches, "*" if self.words[0] == "them" else self.words[0]))
            self.words.pop(0)
            if not names:
                raise ValueError("condition: of nothing")
            return ("or" if word == "1" else "and", *[("name", name) for name in names])
        if word not in self.searches:
            raise ValueError(f"condition: no search {word}")
        return ("name", word)

    def used(self, tree: tuple) -> set:
        return {tree[1]} if tree[0] == "name" else set().union(*map(self.used, tree[1:]))

    def holds(self, document: dict, tree: tuple = ()) -> bool:
        kind, *parts = tree or self.tree
        if kind == "name":
            return search_matches(document, self.searches[parts[0]])
        found = [self.holds(document, part) for part in parts]
        return not found[0] if kind == "not" else any(found) if kind == "or" else all(found)


# ---- correlations

def seconds(document: dict) -> float:
    return datetime.datetime.fromisoformat(document["@timestamp"].replace("Z", "+00:00")).timestamp()


def correlated(rule: Rule, named: dict, documents: list) -> bool:
    """Whether the correlation is there anywhere. named: the rules that it may refer to."""
    about = rule.correlation
    if set(about) - {"type", "rules", "group-by", "timespan", "condition"}:
        raise ValueError(f"correlation: {set(about)}")
    span, unit = SPAN.fullmatch(about["timespan"]).groups()
    groups = collections.defaultdict(list)
    for document in sorted(documents, key=seconds):
        for name in about["rules"]:
            if named[name].matches(document):
                key = tuple(str(values(document, field)[:1]) for field in about["group-by"])
                groups[key].append((seconds(document), name, document))
    counts = {"event_count": count_events, "value_count": count_values, "temporal_ordered": in_order}[about["type"]]
    return any(counts(about, [event for event in events[first:] if event[0] - events[first][0] <= int(span) * SECONDS[unit]])
               for events in groups.values() for first in range(len(events)))


def compare(about: dict, count: int) -> bool:
    tests = {key: value for key, value in about["condition"].items() if key != "field"}
    return bool(tests) and all(NUMERIC[key](count, value) for key, value in tests.items())


def count_events(about: dict, events: list) -> bool:
    return compare(about, len(events))


def count_values(about: dict, events: list) -> bool:
    return compare(about, len({str(value) for _, _, document in events for value in values(document, about["condition"]["field"])}))


def in_order(about: dict, events: list) -> bool:
    wanted = list(about["rules"])
    for _, name, _ in events:
        if wanted and name == wanted[0]:
            wanted.pop(0)
    return not wanted
