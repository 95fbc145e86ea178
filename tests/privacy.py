#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""With --no-envelope no output has an address of the envelope; with --users, no user name; and a key makes hashes that agree.

    privacy.py BINARY

What must not be there is taken from the documents without these options. It must be found in them, or the search would prove
nothing.
"""
import hashlib
import hmac
import json
import pathlib
import re
import sys
import tempfile

import jsonschema  # noqa: F401 (golden needs it; says so early)

from golden import Schemas
from tap import PCAPS, Tap, json_rows, run

ENVELOPE_WAYS = (("json", "keep"), ("json", "hash"), ("text", "omit"), ("events", "hash"), ("text", "keep"), ("ecs", "keep"), ("ocsf", "hash"),
                 ("zeek", "keep"), ("eve", "omit"), ("cef", "hash"), ("leef", "keep"), ("splunk", "keep"))
USERS_WAYS = (("json", "omit"), ("text", "hash"), ("events", "omit"), ("json", "hash"), ("ecs", "omit"), ("ocsf", "omit"), ("cef", "omit"), ("leef", "hash"),
              ("splunk", "hash"), ("zeek-tsv", "omit"))
KEY = b"a secret of this place\n"


def documents(out: bytes) -> list:
    return [json.loads(line) for line in out.splitlines()]


def strings(value: object) -> list:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [key, *strings(inner)]]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def sessions(told: list) -> list:
    return [document for document in told if document["type"] == "session"]


def addresses(told: list) -> set:
    """Of the envelope, and those that a server repeats."""
    found = set()
    for document in sessions(told):
        for mail in document["mails"]:
            found.update(address for address in [mail["from"], *(to["to"] for to in mail["recipients"])] if address)
            found.update(value for key, value in mail["params"].items() if key in ("AUTH", "ENVID") and value not in ("<>", True))
    return found


def users(told: list) -> set:
    return {attempt["username"] for document in sessions(told) for attempt in document["auth"]["attempts"] if attempt.get("username")}


def holds(out: bytes, name: str) -> bool:
    """As a word of its own: "bob" is not in "bobby"."""
    text = out.decode(errors="replace")
    try:
        text = "\n".join(strings([json.loads(line) for line in text.splitlines()]))
    except ValueError:
        text = " ".join(text.split())  # lines may be broken anywhere
    return re.search(rf"(?<![\w.@-]){re.escape(name)}(?![\w@-]|\.\w)", text, re.IGNORECASE) is not None


def check_envelope(tap: Tap, binary: str, row: object, shown: bytes, turn: int, schemas: Schemas) -> int:
    """Each capture in one way, in turn: there are many of them."""
    whole = documents(shown)
    names = {name for name in addresses(whole) if "@" in name}
    if not names:
        return 0
    problems = [f"{name} is not found without the options" for name in names if not holds(shown, name)]
    for form, how in ENVELOPE_WAYS[turn % len(ENVELOPE_WAYS):][:1]:
        result = run(binary, ["-r", row.capture, *row.options, "-o", form, "--no-envelope", "--users", how])
        kept = users(whole) if how == "keep" else set()
        problems += [f"-o {form} --users {how}: {name}" for name in sorted(names - kept) if holds(result.out + result.err, name)]
        if form in ("json", "events"):
            problems += [problem for line in result.out.splitlines() for problem in schemas.problems(line)]
        if result.status != row.status:
            problems.append(str(result))
    tap.ok(not problems, f"{row.capture}: none of {len(names)} addresses", "\n".join(problems[:6]))
    return len(names)


def check_users(tap: Tap, binary: str, row: object, shown: bytes, turn: int) -> int:
    whole = documents(shown)
    names = users(whole)
    if not names:
        return 0
    problems = []
    for form, how in USERS_WAYS[turn % len(USERS_WAYS):][:1]:
        # Without addresses, for they may have the same names in them.
        result = run(binary, ["-r", row.capture, *row.options, "-o", form, "--no-envelope", "--no-headers", "--users", how])
        problems += [f"-o {form} --users {how}: {name}" for name in sorted(names) if holds(result.out, name)]
    tap.ok(not problems, f"{row.capture}: none of the users {', '.join(sorted(names))}", "\n".join(problems[:6]))
    return len(names)


def check_documents(tap: Tap, binary: str, row: object, folder: pathlib.Path) -> None:
    """Session documents with all names, read with --sessions; and those without, which must give the same diagnoses as the packets."""
    whole = row.run(binary)
    path = folder / "whole.ndjson"
    path.write_bytes(whole.out)
    names = addresses(documents(whole.out)) | users(documents(whole.out))
    (folder / "key").write_bytes(KEY)
    for how in (["--users", "omit"], ["--users", "hash", "--users-key", str(folder / "key")]):
        result = run(binary, ["--sessions", str(path), "-o", "json", "--no-envelope", *how])
        problems = [name for name in sorted(names) if holds(result.out, name)]
        tap.ok(not problems and result.out, f"{row.capture} --sessions {how[1]}: no names", "\n".join(problems[:6]))
        packets = run(binary, ["-r", row.capture, "-o", "json", "--no-envelope", *how])
        hidden = folder / "hidden.ndjson"
        hidden.write_bytes(packets.out)
        again = run(binary, ["--sessions", str(hidden), "-o", "json", "--no-envelope", *how])
        first, second = ([document for document in documents(out) if document["type"] == "diagnosis"] for out in (packets.out, again.out))
        third = [document for document in documents(result.out) if document["type"] == "diagnosis"]
        tap.ok(first == second == third, f"{row.capture} {how[1]}: {len(first)} diagnoses, of packets and of documents with and without names",
               f"{first}\n{second}\n{third}")


def check_key(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    key = folder / "key"
    key.write_bytes(KEY)
    arguments = ["-r", "auth-login-accepted.pcap", "-o", "json", "--users", "hash", "--no-envelope"]

    def told(*more: str) -> tuple:
        document = sessions(documents(run(binary, [*arguments, *more]).out))[0]
        return document["auth"]["attempts"][0]["username"], document["mails"][0]["from"], document["mails"][0]["recipients"][0]["to"]

    def hashed(name: str) -> str:
        return "hash:" + hmac.new(KEY.rstrip(b"\n"), name.encode(), hashlib.sha256).hexdigest()[:16]
    expected = (hashed("alice"), hashed("alice@example.com"), hashed("carol@example.org"))
    tap.ok(told("--users-key", str(key)) == expected, "the hashes are HMAC-SHA-256 with the key", str(told("--users-key", str(key))))
    first, second = told(), told()
    tap.ok(not set(first) & set(second) and not set(first) & set(expected), "without a key each run has its own")
    events = documents(run(binary, [*arguments, "-o", "events", "--users-key", str(key)]).out)
    names = {document.get("username") for document in events if document["type"] == "event"}
    tap.ok(expected[0] in names, "single steps have the same", str(names))
    for content, what in ((b"short", "a short key"), (b"x" * 5000, "a long key")):
        key.write_bytes(content)
        result = run(binary, [*arguments, "--users-key", str(key)])
        tap.ok(result.status == 1 and b"key" in result.err and not result.out, f"{what} is refused", str(result))
    result = run(binary, [*arguments, "--users-key", str(folder / "missing")])
    tap.ok(result.status == 1 and b"missing" in result.err and not result.out, "a key that is not there is refused", str(result))


def main() -> None:
    binary, tap, schemas = str(pathlib.Path(sys.argv[1]).resolve()), Tap(), Schemas()
    rows = json_rows()
    addresses_count = users_count = 0
    for turn, row in enumerate(rows):
        shown = row.run(binary).out
        addresses_count += check_envelope(tap, binary, row, shown, turn, schemas)
        users_count += check_users(tap, binary, row, shown, turn)
    tap.ok(addresses_count > 80, f"{addresses_count} addresses looked for")
    tap.ok(users_count > 20, f"{users_count} users looked for")
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            if row.capture in ("gateway-down.pcap", "auth-login-rejected.pcap", "greylisted.pcap", "relay-refused.pcap"):
                check_documents(tap, binary, row, pathlib.Path(folder))
        check_key(tap, binary, pathlib.Path(folder))
    tap.finish()


if __name__ == "__main__":
    main()
