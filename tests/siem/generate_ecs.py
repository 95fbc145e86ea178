#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes ecs.json, what the test of -o ecs needs to know of the Elastic Common Schema.

    generate_ecs.py FIELDS VERSION

FIELDS is one of these, of the version that the program writes:

- generated/ecs/ecs_flat.yml of https://github.com/elastic/ecs (Apache License 2.0); needs Debian's python3-yaml;
- the same as JSON. The package @elastic/ecs of npm has it (Apache License 2.0), as JavaScript:
      npm pack @elastic/ecs@9.4.0 && tar xzf elastic-ecs-9.4.0.tgz
      node -p 'JSON.stringify(require("./package/generated/ecs_flat.js").EcsFlat)' > ecs_flat.json

Only names, types and allowed values are kept, of the field sets that the program uses.
"""
import json
import pathlib
import sys

SETS = {"client", "data_stream", "destination", "ecs", "email", "error", "event", "network", "observer", "related", "rule", "server", "source",
        "threat", "tls", "user"}


def kept(field: dict) -> dict:
    row = {"type": field["type"]}
    if "array" in (field.get("normalize") or []):
        row["array"] = True
    if field.get("allowed_values"):
        row["allowed"] = {value["name"]: value.get("expected_event_types") for value in field["allowed_values"]}
    if field.get("expected_values"):
        row["expected"] = field["expected_values"]
    if field.get("pattern"):
        row["pattern"] = field["pattern"]
    return row


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: generate_ecs.py FIELDS VERSION")
    path = pathlib.Path(sys.argv[1])
    if path.suffix == ".json":
        fields = json.loads(path.read_text())
    else:
        import yaml
        fields = yaml.safe_load(path.read_text())
    rows = {name: kept(field) for name, field in sorted(fields.items()) if "." not in name or name.split(".")[0] in SETS}
    lines = [f"  {json.dumps(name)}: {json.dumps(row, sort_keys=True)}" for name, row in rows.items()]
    head = {"source": "https://github.com/elastic/ecs, generated/ecs/ecs_flat.yml, as in the npm package @elastic/ecs",
            "licence": "Apache-2.0, Copyright Elasticsearch B.V.", "version": sys.argv[2]}
    text = "{\n" + "".join(f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    text += ' "fields": {\n' + ",\n".join(lines) + "\n }\n}\n"
    (pathlib.Path(__file__).parent / "ecs.json").write_text(text)


if __name__ == "__main__":
    main()
