#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares ocsf.json, what the test of -o ocsf needs to know of the Open Cybersecurity Schema Framework, with a checkout of it, and can
write it anew from there.

    generate_ocsf.py CHECKOUT            says what differs
    generate_ocsf.py --write CHECKOUT    writes the attributes of its classes and objects as the checkout has them

    git clone --branch v1.8.0 https://github.com/ocsf/ocsf-schema    (Apache License 2.0)

Which classes and objects there are stays as it is; of the attributes, names, types, numbers with their captions, and what is required.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
TYPES = {"string_t": "string", "integer_t": "integer", "long_t": "long", "boolean_t": "boolean", "timestamp_t": "timestamp", "port_t": "port",
         "ip_t": "ip", "hostname_t": "hostname", "email_t": "email_address", "json_t": "json"}
CLASSES = {"2004": "detection_finding", "3002": "authentication", "4001": "network_activity", "4009": "email_activity"}
OBJECTS = {"named": "technique"}


class Checkout:
    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.parts = {}
        for path in [*root.glob("events/**/*.json"), *root.glob("objects/*.json"), *root.glob("profiles/*.json")]:
            part = json.loads(path.read_text())
            self.parts[part.get("name", path.stem), path.relative_to(root).parts[0]] = part
        self.dictionary = json.loads((root / "dictionary.json").read_text())

    def attributes(self, name: str, folder: str) -> dict:
        """Its own, and those of what it extends and includes."""
        part = self.parts[name, folder]
        found = self.attributes(part["extends"], folder) if (part.get("extends"), folder) in self.parts else {}
        for key, attribute in part.get("attributes", {}).items():
            if key == "$include":
                for path in [attribute] if isinstance(attribute, str) else attribute:
                    found = {**found, **json.loads((self.root / path).read_text()).get("attributes", {})}
            else:
                found[key] = {**found.get(key, {}), **(attribute or {})}
        return found

    def row(self, name: str, attribute: dict) -> dict:
        known = self.dictionary["attributes"].get(name, {})
        kind = attribute.get("type", known.get("type", "string_t"))
        of = self.dictionary["types"]["attributes"].get(kind, {}).get("type", kind)
        row = {"type": known.get("object_type") or TYPES.get(kind) or TYPES.get(of, "string")}
        if known.get("is_array"):
            row["array"] = True
        captions = {**known.get("enum", {}), **attribute.get("enum", {})}
        if captions:
            row["enum"] = {number: value["caption"] for number, value in captions.items()}
            row["sibling"] = attribute.get("sibling", known.get("sibling", name.replace("_id", "")))
        if attribute.get("requirement") == "required":
            row["required"] = True
        if "@deprecated" in attribute:
            row["until"] = ".".join(attribute["@deprecated"]["since"].split(".")[:2])
        return row


def compare(kept: dict, checkout: Checkout, name: str, folder: str, write: bool) -> int:
    """Returns how many attributes differ."""
    found, differences = checkout.attributes(name, folder), 0
    for key, row in kept["attributes"].items():
        if key not in found:
            differences += "until" not in row
            print(f"{name}.{key}: not in the checkout")
            continue
        new = checkout.row(key, found[key])
        for part in ("type", "array", "required", "until"):
            if row.get(part) != new.get(part) and not (part == "type" and new["type"] not in ("string", "integer", "long")):
                differences += 1
                print(f"{name}.{key}: {part} is {new.get(part)}, not {row.get(part)}")
        wrong = {number: caption for number, caption in row.get("enum", {}).items() if new.get("enum", {}).get(number) != caption}
        if wrong:
            differences += 1
            print(f"{name}.{key}: other captions than {wrong}")
        if write:
            kept["attributes"][key] = {**new, **({"since": row["since"]} if "since" in row else {})}
    return differences


def main() -> None:
    write, arguments = "--write" in sys.argv[1:], [word for word in sys.argv[1:] if word != "--write"]
    if len(arguments) != 1:
        sys.exit("usage: generate_ocsf.py [--write] CHECKOUT")
    checkout, schema, differences = Checkout(pathlib.Path(arguments[0])), json.loads((HERE / "ocsf.json").read_text()), 0
    for number, kept in schema["classes"].items():
        differences += compare(kept, checkout, CLASSES[number], "events", write)
    for name, kept in schema["objects"].items():
        differences += compare(kept, checkout, OBJECTS.get(name, name), "objects", write)
    if write:
        (HERE / "ocsf.json").write_text(json.dumps(schema, indent=1) + "\n")
    print(f"{differences} differences")
    sys.exit(1 if differences and not write else 0)


if __name__ == "__main__":
    main()
