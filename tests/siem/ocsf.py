# SPDX-License-Identifier: GPL-3.0-or-later
"""What an event of -o ocsf may be, by the classes and objects of ocsf.json."""
import ipaddress
import json
import pathlib
import re

EMAIL = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*")
HOSTNAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?")


class Ocsf:
    def __init__(self, version: str) -> None:
        schema = json.loads((pathlib.Path(__file__).parent / "ocsf.json").read_text())
        self.version, self.classes, self.objects = version, schema["classes"], schema["objects"]

    def is_there(self, attribute: dict) -> bool:
        """Is the attribute in this version, and not deprecated in it?"""
        return number(attribute.get("since", "1.0")) <= number(self.version) < number(attribute.get("until", "9.0"))

    def attributes(self, part: dict) -> dict:
        return {name: attribute for name, attribute in part["attributes"].items() if self.is_there(attribute)}

    def of_object(self, part: dict, value: object, path: str) -> list:
        if not isinstance(value, dict):
            return [f"{path}: no object"]
        known, problems = self.attributes(part), []
        for name, inner in value.items():
            if name not in known:
                problems.append(f"{path}.{name}: no such attribute in {self.version}")
                continue
            problems += self.of_attribute(known[name], inner, f"{path}.{name}")
            problems += sibling_problems(known, value, name, path)
        problems += [f"{path}.{name}: missing" for name, attribute in known.items() if attribute.get("required") and name not in value]
        alternatives = part.get("at_least_one", [])
        if alternatives and not set(alternatives) & set(value):
            problems.append(f"{path}: none of {alternatives}")
        return problems

    def of_attribute(self, attribute: dict, value: object, path: str) -> list:
        if attribute.get("array", False) != isinstance(value, list):
            return [f"{path}: {'no array' if attribute.get('array') else 'an array'}"]
        return [problem for item in (value if isinstance(value, list) else [value]) for problem in self.of_value(attribute, item, path)]

    def of_value(self, attribute: dict, value: object, path: str) -> list:
        kind = attribute["type"]
        if kind == "json":
            return []
        if kind in self.objects:
            return self.of_object(self.objects[kind], value, path)
        if not CHECKS[kind](value):
            return [f"{path}: {value!r} is no {kind}"]
        if "enum" in attribute and str(value) not in attribute["enum"]:
            return [f"{path}: {value!r} is not one of its numbers"]
        return []

    def problems(self, event: dict) -> list:
        of_class = self.classes.get(str(event.get("class_uid")))
        if of_class is None:
            return [f"class_uid {event.get('class_uid')!r}: no such class"]
        problems = self.of_object(of_class, event, "")
        if event.get("metadata", {}).get("version") != self.version + ".0":
            problems.append("metadata.version")
        if event.get("type_uid") != event["class_uid"] * 100 + event.get("activity_id", -1):
            problems.append("type_uid is not class and activity")
        if event.get("type_name") != f"{of_class['caption']}: {event.get('activity_name')}":
            problems.append("type_name is not class and activity")
        if (event.get("class_name"), event.get("category_name"), event.get("category_uid")) != (
                of_class["caption"], of_class["category"], event["class_uid"] // 1000):
            problems.append("captions of class and category")
        if ("action_id" in event) != ("security_control" in event.get("metadata", {}).get("profiles", [])):
            problems.append("attributes of a profile that is not named, or the other way round")
        problems += [f"observable {item['name']}: the event has no such value" for item in event.get("observables", [])
                     if item["value"] not in values_at(event, item["name"])]
        return problems


def number(version: str) -> tuple:
    return tuple(int(part) for part in version.split("."))


def sibling_problems(known: dict, value: dict, name: str, path: str) -> list:
    """A number and its caption say the same; 99 has a caption of its own."""
    sibling, captions = known[name].get("sibling"), known[name].get("enum", {})
    if sibling is None:
        return []
    if value[name] == 99:
        return [] if value.get(sibling) else [f"{path}.{sibling}: missing although {name} is 99"]
    caption = captions.get(str(value[name]))
    return [] if sibling not in value or value[sibling] == caption else [f"{path}.{sibling}: {value[sibling]!r} is not {caption!r}"]


def values_at(event: object, name: str) -> list:
    for key in re.findall(r"[a-z_]+|\d+", name):
        try:
            event = event[int(key)] if key.isdigit() else event[key]
        except (KeyError, IndexError, TypeError):
            return []
    return event if isinstance(event, list) else [event]


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_address(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def matches(pattern: re.Pattern):
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


CHECKS = {
    "string": lambda value: isinstance(value, str) and value != "",
    "integer": is_integer,
    "long": is_integer,
    "boolean": lambda value: isinstance(value, bool),
    # Milliseconds: seconds or nanoseconds would be far away.
    "timestamp": lambda value: is_integer(value) and 10**11 < value < 10**14,
    "port": lambda value: is_integer(value) and 0 <= value <= 65535,
    "ip": is_address,
    "hostname": matches(HOSTNAME),
    "email_address": matches(EMAIL),
}
