# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document of -o ecs may be, by the field list of ecs.json."""
import ipaddress
import json
import pathlib
import re

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
OWN = "smtp"
OBJECTS = {"object", "nested", "flattened"}
TEXTS = {"keyword", "constant_keyword", "wildcard", "match_only_text", "text"}
NEEDED = ("@timestamp", "ecs.version", "event.id", "event.kind", "event.type", "event.action", "event.dataset", "event.module",
          "data_stream.type", "data_stream.dataset", "data_stream.namespace", "observer.product")
KINDS = {"session": "event", "transaction": "event", "auth": "event", "finding": "alert", "diagnosis": "alert", "stats": "metric"}


class Ecs:
    def __init__(self) -> None:
        schema = json.loads((pathlib.Path(__file__).parent / "ecs.json").read_text())
        self.version, self.fields = schema["version"], schema["fields"]
        self.objects = {".".join(name.split(".")[:depth]) for name in self.fields for depth in range(1, name.count(".") + 1)}

    def value_problems(self, name: str, field: dict, value: object) -> list:
        kind = field["type"]
        if kind in TEXTS:
            good = isinstance(value, str) and value != ""
        elif kind in ("long", "integer", "short"):
            good = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
        elif kind in ("float", "scaled_float", "double"):
            good = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif kind == "boolean":
            good = isinstance(value, bool)
        elif kind == "date":
            good = isinstance(value, str) and DATE.fullmatch(value) is not None
        elif kind == "ip":
            good = is_address(value)
        else:
            return [f"{name}: a value for the type {kind}"]
        problems = [] if good else [f"{name}: {value!r} is no {kind}"]
        if "allowed" in field and value not in field["allowed"]:
            problems.append(f"{name}: {value!r} is not allowed")
        if "expected" in field and value not in field["expected"]:
            problems.append(f"{name}: {value!r} is not expected")
        if "pattern" in field and not (isinstance(value, str) and re.search(field["pattern"], value)):
            problems.append(f"{name}: {value!r} is not as the pattern says")
        return problems

    def walk(self, value: object, name: str) -> list:
        """The problems of what stands at a name."""
        if name == OWN:
            return own_problems(value, name)
        field = self.fields.get(name)
        if isinstance(value, dict):
            if field is not None and field["type"] not in OBJECTS:
                return [f"{name}: an object"]
            if field is None and name and name not in self.objects:
                return [f"{name}: no such field"]
            if not value:
                return [f"{name}: empty"]
            return [problem for key, inner in value.items() for problem in self.walk(inner, f"{name}.{key}" if name else key)]
        if field is None:
            return [f"{name}: no such field"]
        if field["type"] == "nested":
            if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
                return [f"{name}: no array of objects"]
            return [problem for item in value for problem in self.walk(item, name)]
        if field.get("array", False) != isinstance(value, list):
            return [f"{name}: {'no array' if field.get('array') else 'an array'}"]
        items = value if isinstance(value, list) else [value]
        return (["%s: empty" % name] if not items else []) + [
            problem for item in items for problem in self.value_problems(name, field, item)]

    def problems(self, document: dict) -> list:
        if next(iter(document), "") != "@timestamp":
            return ["@timestamp does not come first"]
        problems = self.walk(document, "")
        problems += [f"{name}: missing" for name in NEEDED if get(document, name) is None]
        event = document.get("event", {})
        kind = event.get("dataset", "").rpartition(".")[2]
        if document.get("ecs", {}).get("version") != self.version:
            problems.append("ecs.version is not that of the field list")
        if KINDS.get(kind) != event.get("kind"):
            problems.append(f"event.kind {event.get('kind')!r} of {kind!r}")
        categories = event.get("category", [])
        expected = {known for category in categories for known in self.fields["event.category"]["allowed"].get(category) or []}
        problems += [f"event.type: {found!r} is not one of {categories}" for found in event.get("type", []) if categories and found not in expected]
        if bool(categories) == (kind == "stats"):
            problems.append(f"event.category {categories!r} of {kind!r}")
        for one, other in (("source", "client"), ("destination", "server")):
            if document.get(one) != document.get(other):
                problems.append(f"{one} and {other} differ")
        return problems


def is_address(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def own_problems(value: object, name: str) -> list:
    """Below `smtp`: nothing that is empty, and nothing that an index would take for an object here and a value there."""
    if isinstance(value, dict):
        if not value:
            return [f"{name}: empty"]
        return [problem for key, inner in value.items() for problem in own_problems(inner, f"{name}.{key}")]
    if isinstance(value, list):
        kinds = {type(item) for item in value}
        return [] if len(kinds) == 1 and kinds <= {str, int} else [f"{name}: a list of {kinds}"]
    return [f"{name}: nothing"] if value is None or value == "" else []


def get(document: dict, name: str) -> object:
    for key in name.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document
