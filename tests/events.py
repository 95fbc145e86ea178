#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of -o events are, put together by session, the timelines, messages and findings of -o json.

    events.py BINARY
"""
import collections
import json
import pathlib
import sys

from golden import Schemas
from tap import Row, Tap, json_rows, run

MESSAGE = ("headers", "attachments", "truncated_attachments", "truncated")
CONTEXT = ("type", "schema", "session", "source", "client", "server")


def documents(row: Row, binary: str, form: str) -> list:
    result = run(binary, ["-r", row.capture, *row.options, "-o", form])
    return [json.loads(line) for line in result.out.splitlines()]


def without(document: dict, names: tuple) -> dict:
    return {name: value for name, value in document.items() if name not in names}


def message(document: dict) -> dict:
    """What a mail or an event says of the message."""
    return {name: document[name] for name in MESSAGE if name in document}


def check(tap: Tap, row: Row, binary: str, schemas: Schemas) -> None:
    told = documents(row, binary, "events")
    whole = documents(row, binary, "json")
    timelines, findings, messages = (collections.defaultdict(list) for _ in range(3))
    problems = []
    for document in told:
        if document["type"] != "event":
            continue
        problems += schemas.problems(json.dumps(document).encode())
        entry = without(document, CONTEXT)
        if document["event"] == "finding":
            findings[document["session"]].append(entry["finding"])
        elif document["event"] == "message":
            messages[document["session"]].append(message(entry))
        else:
            timelines[document["session"]].append(entry)
    sessions = [document for document in whole if document["type"] == "session"]
    for session in sessions:
        expected = session["timeline"]
        got = timelines.pop(session["id"], [])
        # A record keeps the first entries and the last; what is told at once has no limit.
        if session["blind"].get("truncated_timeline"):
            got = got[:len(expected) - 1] + got[-1:]
        if got != expected:
            pair = next(((a, b) for a, b in zip(got, expected) if a != b), (len(got), len(expected)))
            problems.append(f"{session['id']}: {pair[0]}\nexpected {pair[1]}")
        if findings.pop(session["id"], []) != session["findings"]:
            problems.append(f"{session['id']}: other findings")
        if messages.pop(session["id"], []) != [message(mail) for mail in session["mails"] if message(mail)]:
            problems.append(f"{session['id']}: other messages")
    problems += [f"{name}: a session that does not exist" for name in [*timelines, *findings, *messages]]
    others = [document for document in told if document["type"] != "event"]
    if others != [document for document in whole if document["type"] != "session"]:
        problems.append("diagnoses or statistics differ")
    tap.ok(not problems and bool(told), f"{row.name}: {len(sessions)} sessions in {len(told)} documents", "\n".join(problems[:5]))


def main() -> None:
    tap = Tap()
    schemas = Schemas()
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    for row in json_rows():
        check(tap, row, binary, schemas)
    tap.finish()


if __name__ == "__main__":
    main()
