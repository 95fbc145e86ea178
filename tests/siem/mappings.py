# SPDX-License-Identifier: GPL-3.0-or-later
"""Index templates for the documents of -o ecs, made of the program's own list of fields; and what an index with such a template would
say to a document."""
import fnmatch
import ipaddress
import json
import pathlib
import re

VERSION = 1
NAME = "smtpscope-mappings"
TEXT_MAX = 1024
# Of our own fields, which ECS has no type for.
OWN_TYPES = {"text": "keyword", "number": "long", "duration": "long", "time": "date", "bool": "boolean", "ip": "ip", "list": "keyword"}
NUMBERS_IN_LISTS = {"smtp.frames"}
# Texts that people search for words.
PROSE = {"email.subject", "error.message", "event.reason", "smtp.banner", "smtp.explanation", "smtp.last_reply.text"}
# OpenSearch has these types late, or not at all.
OPENSEARCH_TYPES = {"constant_keyword": "keyword", "wildcard": "keyword", "match_only_text": "text", "flattened": "flat_object"}
KINDS = ("logs", "metrics")


def listed_fields(listing: str) -> dict:
    """Of --list-fields=ecs: name to type."""
    rows = [line.split("\t") for line in listing.split("\n")[1:-1]]
    return {name: row[1] for row in rows for name in row[0].split(" ")}


def field_types(listing: str, ecs_fields: dict) -> dict:
    """Name to type of Elasticsearch, of all that a document may have."""
    types = {}
    for name, kind in listed_fields(listing).items():
        if name in ecs_fields:
            types[name] = ecs_fields[name]["type"]
        else:
            types[name] = "long" if name in NUMBERS_IN_LISTS else OWN_TYPES[kind]
    inner = {name: field["type"] for name, field in ecs_fields.items()
             if any(name.startswith(outer + ".") and kind == "nested" for outer, kind in types.items())}
    return {**types, **inner}


def mapping(name: str, kind: str, product: str) -> dict:
    known = OPENSEARCH_TYPES if product == "opensearch" else {}
    row = {"type": known.get(kind, kind)}
    if row["type"] == "keyword" and not kind == "constant_keyword":
        row["ignore_above"] = TEXT_MAX
    if name in PROSE and row["type"] == "keyword":
        row["fields"] = {"text": {"type": known.get("match_only_text", "match_only_text")}}
    return row


def properties(types: dict, product: str) -> dict:
    root = {}
    for name, kind in sorted(types.items()):
        at, parts = root, name.split(".")
        for part in parts[:-1]:
            at = at.setdefault(part, {}).setdefault("properties", {})
        at.setdefault(parts[-1], {}).update(mapping(name, kind, product))
    return root


def templates(listing: str, ecs_fields: dict, product: str) -> dict:
    """File name to what is in it."""
    types = field_types(listing, ecs_fields)
    about = {"description": "Fields of smtpscope -o ecs, and of nothing else", "made_by": "tests/contrib.py --update"}
    rest = [{"strings": {"match_mapping_type": "string", "mapping": {"type": "keyword", "ignore_above": TEXT_MAX}}}]
    files = {f"{NAME}.json": {"version": VERSION, "_meta": about, "template": {
        "mappings": {"dynamic_templates": rest, "properties": properties(types, product)}}}}
    for kind in KINDS:
        files[f"smtpscope-{kind}.json"] = {"version": VERSION, "_meta": {"description": f"Data streams {kind}-smtpscope.*"},
                                           "index_patterns": [f"{kind}-smtpscope.*-*"], "data_stream": {}, "priority": 200,
                                           "composed_of": [NAME]}
    return {name: json.dumps(content, indent=1) + "\n" for name, content in files.items()}


# ---- an index with such a template

COMPONENT_KEYS, INDEX_KEYS = {"version", "_meta", "template"}, {"version", "_meta", "index_patterns", "data_stream", "priority", "composed_of"}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


class Index:
    """What is read from the files as they are; knows nothing of how they were made."""

    def __init__(self, folder: pathlib.Path) -> None:
        files = {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
        self.components = {name.removesuffix(".json"): content for name, content in files.items() if "index_patterns" not in content}
        self.templates = {name: content for name, content in files.items() if "index_patterns" in content}
        self.problems_of_files = [f"{name}: {key}" for name, content in files.items()
                                  for key in set(content) ^ (INDEX_KEYS if "index_patterns" in content else COMPONENT_KEYS)]
        self.seen = set()

    def properties_for(self, stream: str) -> dict:
        """Of the only template that is for this data stream."""
        found = [one for one in self.templates.values() if any(fnmatch.fnmatchcase(stream, pattern) for pattern in one["index_patterns"])]
        if len(found) != 1:
            raise ValueError(f"{len(found)} templates for {stream}")
        merged = {}
        for name in found[0]["composed_of"]:
            merged.update(self.components[name]["template"]["mappings"]["properties"])
        return merged

    def problems(self, document: dict) -> list:
        """Fields without a type of their own, and values that do not fit it: such a document would be refused."""
        stream = document["data_stream"]
        known = self.properties_for("-".join((stream["type"], stream["dataset"], stream["namespace"])))
        return self.walk(document, known, "")

    def walk(self, value: object, known: dict, path: str) -> list:
        if isinstance(value, dict):
            return [problem for key, inner in value.items() for problem in self.field(inner, known.get(key), f"{path}.{key}".lstrip("."))]
        return [f"{path}: {value!r} is no object"]

    def field(self, value: object, row: dict, path: str) -> list:
        if row is None:
            return [f"{path}: has no type"]
        if isinstance(value, list):
            return [problem for item in value for problem in self.field(item, row, path)]
        if "properties" in row:
            return self.walk(value, row["properties"], path)
        self.seen.add(path)
        return [] if fits(value, row["type"]) else [f"{path}: {value!r} is no {row['type']}"]


def fits(value: object, kind: str) -> bool:
    if kind in ("keyword", "constant_keyword", "wildcard", "match_only_text", "text"):
        return isinstance(value, str)
    if kind == "long":
        return isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63
    if kind == "float":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, str) and DATE.fullmatch(value) is not None
    if kind == "ip":
        try:
            return bool(ipaddress.ip_address(value))
        except ValueError:
            return False
    return False
