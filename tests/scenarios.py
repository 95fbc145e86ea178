#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays the scenes of scenes/table.py, and compares what the program says of them with what a careful analyst would say.

    scenarios.py BINARY [--scene NAME ...] [--keep FOLDER] [--list]

Of each scene is checked that the program saw what was played; that it says what must be said and nothing false; that each
diagnosis is sound (sessions, frames and times that exist); and that the session documents alone, shuffled and in two files, give
the very same diagnoses. The captures of the re-enacted incident are checked in the same way, fact by fact (scenes/recorded.py).
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import sys
import tempfile

from scenes import expect, recorded
from scenes.expect import SEVERITIES, TOLERANCE_NS, time_ns
from scenes.scene import START, Call, Scene
from scenes.table import ROWS, Row
from tap import PCAPS, Tap, run

SCENES_MIN, BENIGN_MIN = 30, 6


class Output:
    """What the program wrote about a capture, or why that is of no use."""

    def __init__(self, binary: str, arguments: list):
        self.result = run(binary, [*arguments, "-o", "json"])
        self.lines = {"session": [], "diagnosis": []}
        self.trouble = "" if self.result.status == 0 else str(self.result)
        try:
            for line in self.result.out.decode().splitlines():
                self.lines.setdefault(json.loads(line).get("type"), []).append(line)
        except (ValueError, AttributeError) as error:
            self.trouble = f"{error}\n{self.result}"
        self.sessions = [json.loads(line) for line in self.lines["session"]]
        self.diagnoses = [json.loads(line) for line in self.lines["diagnosis"]]


class Checks:
    """The results of one scene, collected by a thread and printed by the main one."""

    def __init__(self, name: str):
        self.name, self.results = name, []

    def ok(self, passed: bool, what: str, detail: str = "") -> bool:
        self.results.append((passed, f"{self.name}: {what}", detail))
        return passed

    def report(self, tap: Tap) -> None:
        for passed, what, detail in self.results:
            tap.ok(passed, what, detail)


# ---- what was played is what was seen

def session_of(call: Call, scene: Scene, sessions: list) -> dict:
    """Microseconds are what the capture file keeps."""
    start = expect.seen_start(call, scene) // 1000
    found = [session for session in sessions if session["client"]["ip"] == call.client.address
             and session["client"]["port"] == call.client_port and time_ns(session["start"]) // 1000 == start]
    return found[0] if len(found) == 1 else {}


def as_played(call: Call) -> tuple:
    mails = [(mail.sender, mail.accepted, mail.refused, mail.taken) for mail in call.mails]
    return call.close, call.logins, mails


def recipients(mail: dict, accepted: bool) -> list:
    return [recipient["to"] for recipient in mail["recipients"] if recipient["accepted"] is accepted]


def as_seen(session: dict) -> tuple:
    if not session:
        return ("no such session",)
    logins = [(attempt["mechanism"], attempt.get("username"), attempt["result"] == "accepted")
              for attempt in session["auth"]["attempts"]]
    mails = [(mail["from"], recipients(mail, True), recipients(mail, False), mail["result"] == "accepted")
             for mail in session["mails"]]
    return session["tcp"]["close"], logins, mails


def check_seen(checks: Checks, scene: Scene, sessions: list) -> None:
    wrong = []
    for call in scene.calls:
        if call.whole and not call.mailbox:
            played, seen = as_played(call), as_seen(session_of(call, scene, sessions))
            if played != seen:
                wrong.append(f"{call.client.nick}:{call.client_port} to {call.server.text}\n  played {played}\n  seen   {seen}")
    checks.ok(not wrong, "the program saw what was played", "\n".join(wrong[:5]))


# ---- each diagnosis is sound

def soundness(document: dict, output: Output) -> list:
    """What cannot be right about a diagnosis, whatever it says."""
    sessions = {session["id"]: session for session in output.sessions}
    problems = [f"no {field}" for field in ("id", "severity", "title", "explanation", "first", "last") if not document.get(field)]
    if problems:
        return problems
    if document.get("schema") != 1 or document["severity"] not in SEVERITIES:
        problems.append(f"schema {document.get('schema')}, severity {document['severity']}")
    named = [sessions[id] for id in document.get("sessions", []) if id in sessions]
    if not named or len(named) != len(document["sessions"]):
        problems.append(f"sessions {document.get('sessions')} are not all there")
    return problems + time_problems(document, output) + frame_problems(document, output) + client_problems(document, output)


def time_problems(document: dict, output: Output) -> list:
    first, last = time_ns(document["first"]), time_ns(document["last"])
    begin = min(time_ns(session["start"]) for session in output.sessions)
    end = max(time_ns(session["end"]) for session in output.sessions)
    if begin - TOLERANCE_NS <= first <= last <= end + TOLERANCE_NS:
        return []
    return [f"from {document['first']} to {document['last']} is not within the capture"]


def frame_problems(document: dict, output: Output) -> list:
    problems = [] if document.get("frames") else ["no frames"]
    for frame in document.get("frames", []):
        captures = [session["capture"] for session in output.sessions if session["capture"]["source"] == frame.get("source")]
        if not any(capture["first_frame"] <= frame["frame"] <= capture["last_frame"] for capture in captures):
            problems.append(f"frame {frame} is of no session")
    return problems


def client_problems(document: dict, output: Output) -> list:
    known = {session["client"]["ip"] for session in output.sessions}
    users = {attempt.get("username") for session in output.sessions for attempt in session["auth"]["attempts"]}
    problems = [f"no client {client}" for client in expect.listed(document, "clients") if client not in known]
    named = (document.get("users") or []) + (document.get("unaffected_users") or [])
    return problems + [f"no user {user}" for user in named if user not in users]


def check_sound(checks: Checks, output: Output) -> None:
    wrong = [f"{problem}\n  in {expect.brief(document)}"
             for document in output.diagnoses for problem in soundness(document, output)]
    checks.ok(not wrong, "each diagnosis is sound", "\n".join(wrong))
    about = [(each["id"], expect.server_text(each), str(each.get("clients")), str(each.get("users"))) for each in output.diagnoses]
    checks.ok(len(set(about)) == len(about), "nothing is said twice", all_said(output.diagnoses))
    order = [expect.severity(document) for document in output.diagnoses]
    checks.ok(order == sorted(order, reverse=True), "the worst comes first", all_said(output.diagnoses))


# ---- what is said

def all_said(documents: list) -> str:
    return "\n".join(["said:", *[f"  {expect.brief(document)}" for document in documents]]) if documents else "nothing was said"


def check_expected(checks: Checks, row: Row, scene: Scene, documents: list) -> None:
    for expected in row.expected:
        tries = {document["id"] + " " + expect.server_text(document): expect.problems(document, expected, scene)
                 for document in documents if document["id"] == expected.id}
        detail = "\n".join(f"{name}: {'; '.join(problems)}" for name, problems in tries.items())
        checks.ok(not all(tries.values()) if tries else False, f"{expected.id} is said", detail or all_said(documents))


def check_nothing_else(checks: Checks, row: Row, scene: Scene, documents: list) -> None:
    """Whatever is above info is among what is expected or allowed, and right."""
    wrong = []
    for document in filter(expect.above_info, documents):
        problems = [expect.problems(document, diagnosis, scene) for diagnosis in row.expected + row.allowed]
        if all(problems):
            same = ["; ".join(each) for each in problems if each != ["another id"]]
            wrong.append(f"{expect.brief(document)}\n  {' / '.join(same) or 'not expected'}")
    checks.ok(not wrong, "nothing false is said above info", "\n".join(wrong))
    bad = [expect.brief(document) for document in documents if document["id"] in row.forbidden]
    for limit in row.only:
        said = [document for document in documents if document["id"] == limit.id]
        wrong = {expect.brief(document): expect.problems(document, limit, scene) for document in said}
        bad += [f"{brief}\n  {'; '.join(problems)}" for brief, problems in wrong.items() if problems]
    bad += [f"{word} is in {line}" for word in row.secrets for line in map(json.dumps, documents) if word in line]
    checks.ok(not bad, "nothing is said that must not be", "\n".join(bad))


# ---- from session documents alone

def split_shuffled(lines: list, folder: pathlib.Path, name: str) -> list:
    """As two sensors may deliver them."""
    rng = random.Random(f"documents of {name}")
    lines = rng.sample(lines, len(lines))
    middle = rng.randint(0, len(lines))
    paths = [folder / f"{name}-{letter}.ndjson" for letter in "ab"]
    for path, part in zip(paths, (lines[:middle], lines[middle:])):
        path.write_text("".join(line + "\n" for line in part))
    return paths


def check_same(checks: Checks, output: Output, again: Output, what: str) -> None:
    if not checks.ok(not again.trouble, f"{what} can be diagnosed", again.trouble):
        return
    got, expected = again.lines["diagnosis"], output.lines["diagnosis"]
    differ = [f"from packets   {a}\nfrom documents {b}" for a, b in zip(expected, got) if a != b]
    checks.ok(got == expected, f"{what} give the same diagnoses",
              f"{len(expected)} from packets, {len(got)} from documents\n" + "\n".join(differ[:2]))


def check_documents(checks: Checks, binary: str, output: Output, folder: pathlib.Path, name: str, options: tuple = ()) -> None:
    paths = split_shuffled(output.lines["session"], folder, name)
    again = Output(binary, [*[word for path in paths for word in ("--sessions", path)], *options])
    check_same(checks, output, again, "session documents, shuffled,")


STRANGE = [
    '{"type":"session","schema":2,"id":"ffffffffffffffffffff","start":"2040-01-01T00:00:00Z"}',
    '{"type":"session","schema":1}', '{"type":"weather","schema":1}', '{"type":"session","schema":1,"id":7,"mails":"none"}',
    "[]", "null", "{", '"', "", "\\u0000", "{" * 5000, '{"type":"diagnosis","schema":1,"id":"open-relay","severity":"critical"}',
]


def check_strange_documents(checks: Checks, binary: str, output: Output, folder: pathlib.Path, name: str) -> None:
    """Documents twice, and among others that are none of ours: they are left out, the rest counts."""
    twice, strange = folder / f"{name}-twice.ndjson", folder / f"{name}-strange.ndjson"
    twice.write_text("".join(line + "\n" for line in output.lines["session"] + output.lines["session"][::3]))
    check_same(checks, output, Output(binary, ["--sessions", twice]), "documents, some of them twice,")
    lines = output.lines["session"] + STRANGE
    random.Random(name).shuffle(lines)
    strange.write_text("".join(line + "\n" for line in lines))
    again = Output(binary, ["--sessions", strange])
    checks.ok(again.result.status in (0, 1), "strange documents are no disaster", str(again.result))
    again.trouble = ""
    check_same(checks, output, again, "documents among strange ones")


# ---- the scenes, one by one

def check_row(row: Row, binary: str, folder: pathlib.Path) -> Checks:
    checks, scene = Checks(row.name), Scene(row.name, row.ipv6, row.start or START)
    row.build(scene, **row.arguments)
    arguments = [word for name in scene.write(folder) for word in ("-r", folder / name)]
    output = Output(binary, [*arguments, *row.options, *row.packet_options])
    if not checks.ok(not output.trouble, "the program reads the scene", output.trouble):
        return checks
    if not row.secrets:
        check_seen(checks, scene, output.sessions)
    check_sound(checks, output)
    check_expected(checks, row, scene, output.diagnoses)
    check_nothing_else(checks, row, scene, output.diagnoses)
    check_documents(checks, binary, output, folder, row.name, row.options)
    return checks


def check_recorded(name: str, binary: str, folder: pathlib.Path) -> Checks:
    checks, output = Checks(name), Output(binary, ["-r", name])
    if not checks.ok(not output.trouble, "the program reads the capture", output.trouble):
        return checks
    check_sound(checks, output)
    for what, problem in recorded.check(name, output.sessions, output.diagnoses):
        checks.ok(not problem, what, f"{problem}\n{all_said(output.diagnoses)}")
    check_documents(checks, binary, output, folder, name)
    check_strange_documents(checks, binary, output, folder, name)
    return checks


def check_table(tap: Tap) -> None:
    names = [row.name for row in ROWS]
    tap.equal("each scene has a name of its own", len(set(names)), len(names))
    tap.ok(len(ROWS) >= SCENES_MIN and sum(row.benign for row in ROWS) >= BENIGN_MIN, "there are enough scenes", f"{len(ROWS)}")
    ids = {expected.id for row in ROWS for expected in row.expected}
    misses = {id for row in ROWS for id in row.forbidden}
    for id in expect.ALL_IDS:
        tap.ok(id in ids and id in misses, f"{id} has a scene that has it, and one that only nearly has it")


def chosen(names: list) -> tuple:
    rows = [row for row in ROWS if not names or row.name in names]
    captures = [name for name in recorded.CAPTURES if (PCAPS / name).exists() and (not names or name in names)]
    unknown = set(names) - {row.name for row in rows} - set(captures)
    if unknown:
        sys.exit(f"scenarios.py: no scene {', '.join(sorted(unknown))} (see --list)")
    return rows, captures


def check_all(tap: Tap, binary: str, names: list, folder: pathlib.Path) -> None:
    rows, captures = chosen(names)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = [pool.submit(check_row, row, binary, folder) for row in rows]
        waiting += [pool.submit(check_recorded, name, binary, folder) for name in captures]
        for future in waiting:
            future.result().report(tap)


def main() -> None:
    parser = argparse.ArgumentParser(description="Plays scenes and checks what the program says of them.")
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--scene", action="append", default=[], help="only this one; may be given several times")
    parser.add_argument("--keep", type=pathlib.Path, help="write the captures and session documents here, and leave them")
    parser.add_argument("--list", action="store_true", help="only print the table")
    arguments = parser.parse_args()
    if arguments.list or not arguments.binary:
        print("\n".join(f"{row.name}: {', '.join(each.id for each in row.expected) or '-'}" for row in ROWS))
        return
    tap, binary = Tap(), str(pathlib.Path(arguments.binary).resolve())
    check_table(tap)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.keep or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        check_all(tap, binary, arguments.scene, folder)
    tap.finish()


if __name__ == "__main__":
    main()
