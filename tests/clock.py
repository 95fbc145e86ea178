#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the capturing machine is set back in the middle of a capture: all that is not about time is told as before, or is
unknown.

    clock.py BINARY [CAPTURE...]    without names: every fourth capture of pcaps/, and those where it once was not so
"""
import dataclasses
import json
import os
import pathlib
import sys
import tempfile

import rewrite
from tap import PCAPS, Row, Tap, json_rows, run

BACK_S = (3, 3600)
ONCE_WRONG = {"no-greeting.pcap", "gateway-down.pcap"}
# Findings and mailbox are of what came within some time.
TIMED = {"ms", "time", "start", "end", "duration_ms", "latency_ms", "network_ms", "server_ms", "handshake_ms", "timing", "id", "mailbox",
         "findings"}


def untimed(value):
    if isinstance(value, dict):
        return {name: untimed(member) for name, member in value.items() if name not in TIMED}
    return [untimed(member) for member in value] if isinstance(value, list) else value


def told(binary: str, row: Row, path: pathlib.Path) -> list:
    """The exit status and the sessions, in the order of their first packets."""
    result = run(binary, ["-r", str(path), *row.options, "-o", "json"])
    sessions = [untimed(document) for document in map(json.loads, result.out.splitlines()) if document["type"] == "session"]
    return [result.status, *sorted(sessions, key=lambda session: session["capture"]["first_frame"])]


def differences(before, after, path: str = "") -> list:
    """The paths of members that are not the same."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [line for name in {**before, **after} for line in differences(before.get(name), after.get(name), f"{path}.{name}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [line for i, pair in enumerate(zip(before, after)) for line in differences(*pair, f"{path}[{i}]")]
    return [] if after in (before, "unknown") else [f"{path}: {before!r:.300} became {after!r:.300}"]


def set_back(capture: rewrite.Capture, back_s: int) -> rewrite.Capture:
    middle = len(capture.packets) // 2
    later = [dataclasses.replace(packet, time_ns=packet.time_ns - back_s * 10**9) for packet in capture.packets[middle:]]
    return rewrite.Capture(capture.link_type, capture.packets[:middle] + later)


def check(tap: Tap, binary: str, row: Row, path: pathlib.Path) -> None:
    capture = rewrite.read(PCAPS / row.capture)
    rewrite.write(capture, path)
    before = told(binary, row, path)
    for back_s in BACK_S:
        rewrite.write(set_back(capture, back_s), path)
        tap.equal(f"{row.capture}: {back_s} s", differences(before, told(binary, row, path)), [])


def main() -> None:
    binary, wanted, tap = os.path.abspath(sys.argv[1]), set(sys.argv[2:]), Tap()
    rows = json_rows()
    chosen = [row for i, row in enumerate(rows) if row.capture in (wanted or ONCE_WRONG) or (not wanted and i % 4 == 0)]
    with tempfile.TemporaryDirectory() as folder:
        for row in chosen:
            try:
                check(tap, binary, row, pathlib.Path(folder) / "stepped.pcap")
            except ValueError as error:
                tap.say(f"{row.capture}: {error}")  # a form that rewrite.py does not write
    tap.finish()


if __name__ == "__main__":
    main()
