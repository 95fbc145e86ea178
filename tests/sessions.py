#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--sessions: documents say together what the packets said, in whatever order and from how many files they come; and what is
no document of ours is skipped and counted.

    sessions.py BINARY
"""
import gzip
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from tap import TIMEOUT_S, PCAPS, Result, Tap, json_rows, run

SEED = 20261125


def of_type(out: bytes, kind: str) -> list:
    return [line for line in out.splitlines() if json.loads(line)["type"] == kind]


def statistics(result: Result) -> dict:
    lines = of_type(result.out, "statistics")
    return json.loads(lines[0]) if len(lines) == 1 else {}


class Suite:
    def __init__(self, binary: str, tap: Tap, folder: pathlib.Path):
        self.binary, self.tap, self.folder = binary, tap, folder
        self.sessions = []  # of all captures

    def run(self, *arguments: object, stdin: bytes = b"", env: dict = {}) -> Result:
        return run(self.binary, list(arguments), stdin, env)

    def file(self, name: str, lines: list, pack: bool = False) -> pathlib.Path:
        path = self.folder / name
        data = b"".join(line + b"\n" for line in lines)
        path.write_bytes(gzip.compress(data) if pack else data)
        return path


def test_captures(suite: Suite) -> None:
    """Each capture's own documents give its own diagnoses."""
    diagnosed = 0
    for row in json_rows():
        if row.status != 0:
            continue
        packets = row.run(suite.binary)
        sessions, expected = of_type(packets.out, "session"), of_type(packets.out, "diagnosis")
        diagnosed += bool(expected)
        suite.sessions += sessions
        result = suite.run("--sessions", "-", "-o", "json", stdin=packets.out)
        suite.tap.ok(of_type(result.out, "diagnosis") == expected and result.status == 0 and not result.err,
                     f"{row.capture}: the same diagnoses from documents as from packets", str(result))
        counts = statistics(result)
        suite.tap.ok(counts.get("sessions") == len(sessions) and counts.get("documents") == len(packets.out.splitlines()),
                     f"{row.capture}: every document is counted", str(counts))
    suite.tap.ok(diagnosed > 0, f"{diagnosed} captures have a diagnosis")


def test_order(suite: Suite) -> None:
    """All captures together, as one site."""
    source, all_sessions = random.Random(SEED), list(suite.sessions)
    expected = of_type(suite.run("--sessions", suite.file("all", all_sessions), "-o", "json").out, "diagnosis")
    suite.tap.ok(bool(expected), "all captures together have a diagnosis")
    for name, shuffle in (("backwards", lambda lines: lines.reverse()), ("shuffled", source.shuffle),
                          ("shuffled again", source.shuffle)):
        shuffle(all_sessions)
        half = len(all_sessions) // 2
        one = suite.run("--sessions", suite.file("all", all_sessions), "-o", "json")
        two = suite.run("--sessions", suite.file("first.gz", all_sessions[:half], True), "--sessions",
                        suite.file("second", all_sessions[half:]), "-o", "json")
        twice = suite.run("--sessions", suite.folder / "all", "--sessions", suite.folder / "first.gz", "-o", "json")
        suite.tap.equal(f"{name}: the same diagnoses", of_type(one.out, "diagnosis"), expected)
        suite.tap.equal(f"{name}, in two files: the same diagnoses", of_type(two.out, "diagnosis"), expected)
        suite.tap.equal(f"{name}, half of them twice: the same diagnoses", of_type(twice.out, "diagnosis"), expected)
        suite.tap.ok(statistics(twice).get("duplicates", 0) >= half, f"{name}: duplicates are counted",
                     str(statistics(twice)))


def test_skipped(suite: Suite) -> None:
    sessions = suite.sessions[:20]
    expected = of_type(suite.run("--sessions", suite.file("good", sessions), "-o", "json").out, "diagnosis")
    newer = sessions[0].replace(b'"schema":1', b'"schema":2', 1)
    rows = (
        ("another type", b'{"type":"statistics","schema":1}', "document of another type", 0),
        ("any JSON", b'[1,{"x":null}]', "document of another type", 0),
        ("a newer schema", newer, "document of another schema", 1),
        ("a document that is cut", sessions[0][:-10], "not JSON", 1),
        ("no JSON at all", b"Nov 25 06:41:20 host postfix/smtpd[7]: connect", "not JSON", 1),
        ("NUL bytes", bytes(100), "not JSON", 1),
        ("a session of which only the type is left", b'{"type":"session","schema":1}', "incomplete document", 1),
        ("a line over the limit", b"x" * (65 << 20), "document too large", 1),
        ("a line of far too many values", b"[" + b"0," * (2 << 20) + b"0]", "document too large", 1),
    )
    for name, line, reason, status in rows:
        result = suite.run("--sessions", suite.file("bad", sessions[:10] + [line] + sessions[10:]), "-o", "json")
        suite.tap.ok(result.status == status and of_type(result.out, "diagnosis") == expected,
                     f"{name}: skipped, status {status}", str(result))
        suite.tap.equal(f"{name}: counted", statistics(result).get("reasons"), {reason: 1})
        said = result.err.decode()
        suite.tap.ok(not said if status == 0 else said.count("\n") == 1 and reason in said and "line 11" in said,
                     f"{name}: {'nothing' if status == 0 else 'one line'} on stderr", said)
    blank = suite.run("--sessions", suite.file("blank", [b"", *sessions, b"  ", b"\r"]), "-o", "json")
    suite.tap.ok(blank.status == 0 and statistics(blank).get("documents") == len(sessions), "empty lines are nothing",
                 str(blank))
    data = b"\n".join(sessions)
    unended = suite.run("--sessions", "-", "-o", "json", stdin=data)
    suite.tap.ok(unended.status == 0 and statistics(unended).get("sessions") == len(sessions),
                 "the last line may have no end", str(unended))
    empty = suite.run("--sessions", suite.file("empty", []), "-o", "json")
    suite.tap.ok(empty.status == 0 and statistics(empty).get("documents") == 0, "an empty file has no documents", str(empty))


def test_unreadable(suite: Suite) -> None:
    good = suite.file("good", suite.sessions[:20])
    for name, path in (("missing", "no-such-file"), ("a folder", suite.folder)):
        result = suite.run("--sessions", path, "-o", "json")
        one_line = result.err.count(b"\n") == 1 and str(path).encode() in result.err
        suite.tap.ok(result.status == 1 and not result.out and one_line, f"{name}: status 1, one line, no output",
                     str(result))
        result = suite.run("--sessions", path, "--sessions", good, "-o", "json")
        suite.tap.ok(result.status == 1 and statistics(result).get("sessions") == 20, f"{name}: the other file is read",
                     str(result))
    packed = suite.file("cut.gz", suite.sessions, True)
    packed.write_bytes(packed.read_bytes()[:-3000])
    result = suite.run("--sessions", packed, "-o", "json")
    suite.tap.ok(result.status == 1 and b"cut off" in result.err and statistics(result).get("sessions", 0) > 0,
                 "a cut .gz: what could be read is used", str(result))


def test_usage(suite: Suite) -> None:
    good = suite.file("good", suite.sessions[:2])
    for arguments in (["-r", "x.pcap"], ["port", "25"], ["--local-net", "192.0.2.0/33"], ["--local-net", "mail.example.org"],
                      ["--local-net", "2001:db8::/x"], ["--local-domain", ""], ["--local-domain", "a b"], ["--lang", "tlh"]):
        result = suite.run("--sessions", good, *arguments)
        suite.tap.ok(result.status == 2 and not result.out and result.err.count(b"\n") == 1,
                     f"--sessions with {' '.join(arguments)!r}: status 2, one line", str(result))
    for arguments in (["--local-net", "192.0.2.0/24", "--local-net", "2001:db8::/32", "--local-net", "10.0.0.1"],
                      ["--local-domain", "example.org", "--local-domain", ".example.net"], ["--lang", "en"],
                      ["--lang", "ja"], ["--lang", "ja_JP.UTF-8"], ["-o", "text"]):
        result = suite.run("--sessions", good, *arguments)
        suite.tap.ok(result.status == 0 and bool(result.out) and not result.err, f"--sessions with {' '.join(arguments)}",
                     str(result))


def test_users(suite: Suite) -> None:
    """User names of AUTH appear nowhere in diagnoses when they are not to be shown. Hashed, they can still be told apart."""
    names = {attempt["username"] for line in suite.sessions for attempt in json.loads(line)["auth"]["attempts"]
             if len(attempt.get("username", "")) > 3}
    path = suite.file("all", suite.sessions)

    def diagnoses(users: str) -> list:
        result = suite.run("--sessions", path, "-o", "json", "--users", users)
        return [json.loads(line) for line in of_type(result.out, "diagnosis")]

    def listed(documents: list) -> set:
        return {user for document in documents for user in document.get("users", []) + document.get("unaffected_users", [])}

    def counts(documents: list) -> list:
        return sorted((document["id"], document.get("user_count", 0)) for document in documents)

    kept, hashed, omitted = diagnoses("keep"), diagnoses("hash"), diagnoses("omit")
    suite.tap.ok(bool(listed(kept) & names), "a diagnosis names users")
    suite.tap.equal("--users hash: the same diagnoses of as many users", counts(hashed), counts(kept))
    hashes = {user for user in listed(hashed) if user.startswith("hash:")}
    suite.tap.ok(bool(hashes) and not listed(hashed) & names, "--users hash: hashes in the lists", str(listed(hashed)))
    suite.tap.ok(bool(omitted) and not listed(omitted), "--users omit: no lists", str(listed(omitted)))


def test_spill(suite: Suite) -> None:
    """Where temporary files cannot be made, all is done in memory; there is no trace of any in $TMPDIR."""
    result = suite.run("--sessions", suite.file("all", suite.sessions), "-o", "json", env={"TMPDIR": str(suite.folder)})
    suite.tap.ok(result.status == 0, "a TMPDIR of its own", str(result))
    left = [path.name for path in suite.folder.iterdir() if path.name.startswith("smtpscope")]
    suite.tap.ok(not left, "nothing is left in TMPDIR", str(left))


def test_stopped(suite: Suite) -> None:
    """SIGTERM while more is awaited: what came is diagnosed."""
    process = subprocess.Popen([suite.binary, "--sessions", "-", "-o", "json"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=PCAPS,
                               env={**os.environ, "LC_ALL": "C.UTF-8"})
    process.stdin.write(b"".join(line + b"\n" for line in suite.sessions[:20]))
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=TIMEOUT_S)
    result = Result(process.returncode, out, err)
    suite.tap.ok(result.status == 0 and statistics(result).get("documents") == 20, "SIGTERM: what was read is diagnosed",
                 str(result))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: sessions.py BINARY")
    tap = Tap()
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(str(pathlib.Path(sys.argv[1]).resolve()), tap, pathlib.Path(folder))
        for test in (test_captures, test_order, test_skipped, test_unreadable, test_usage, test_users, test_spill,
                     test_stopped):
            test(suite)
    tap.finish()


if __name__ == "__main__":
    main()
