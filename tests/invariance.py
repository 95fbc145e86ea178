#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same bytes in other segments, reordered or duplicated give the same documents.

    invariance.py BINARY

Every golden capture goes through every lossless rewrite of rewrite.py. What may differ is only what tells of the packets
themselves: times, frame numbers, packet counts, the file's name.
"""
import concurrent.futures
import difflib
import json
import os
import pathlib
import random
import re
import sys
import tempfile
import time

import rewrite
from tap import PCAPS, Row, Tap, brief, json_rows, run

SEEDS = (1, 2, 3)
# A slow machine may leave out seeds after the first, and says so. Every rewrite of every capture happens once in any case.
BUDGET_S = 40

OF_PACKETS = {"start", "end", "time", "ms", "duration_ms", "latency_ms", "handshake_ms",
              "frame", "frames", "first_frame", "last_frame", "clear_frame", "tls_frame", "encrypted_from_frame", "last",
              "packets", "retransmits", "syn_retries", "source"}


# How often a connection was tried is a count of packets too.
TRIES = re.compile(r" \(\d+ tries in [\d.]+ seconds\)")


def without_packets(value: object) -> object:
    if isinstance(value, str):
        return TRIES.sub("", value)
    if isinstance(value, dict):
        return {key: without_packets(inner) for key, inner in value.items() if key not in OF_PACKETS}
    if isinstance(value, list):
        return [without_packets(inner) for inner in value]
    return value


def sessions(out: bytes) -> list:
    """The session documents, in the order of their streams: the order of their ends is a matter of packets."""
    documents = [json.loads(line) for line in out.splitlines()]
    chosen = [without_packets(document) for document in documents if document.get("type") == "session"]
    return sorted(chosen, key=lambda session: session["capture"]["stream"])


def difference(expected: list, got: list) -> str:
    def text(documents: list) -> list:
        return json.dumps(documents, indent=1, sort_keys=True).splitlines()
    return "\n".join(list(difflib.unified_diff(text(expected), text(got), "original", "rewritten", lineterm="", n=4))[:80])


class Case:
    """One rewrite of one capture by one seed."""

    def __init__(self, row: Row, name: str, seed: int):
        self.row, self.rewrite, self.seed = row, name, seed
        self.name = f"{row.name}: {name}, seed {seed}"

    def run(self, binary: str, folder: pathlib.Path, capture: rewrite.Capture, expected: list) -> tuple:
        """Returns whether all is equal, and what is not."""
        apply, _ = rewrite.LOSSLESS[self.rewrite]
        packets = apply(capture.packets, random.Random(self.seed))
        path = folder / f"{self.row.capture}-{self.rewrite}-{self.seed}.pcap"
        rewrite.write(rewrite.Capture(capture.link_type, packets), path)
        result = run(binary, ["-r", path, *self.row.options])
        path.unlink()
        if result.status != 0 or result.err:
            return False, str(result)
        try:
            got = sessions(result.out)
        except (ValueError, KeyError) as error:
            return False, f"{error}: {brief(result.out)}"
        return got == expected, difference(expected, got) if got != expected else ""


def cases(rows: list) -> list:
    """All first seeds before any second one."""
    return [Case(row, name, seed) for seed in SEEDS for row in rows for name, (_, seeded) in rewrite.LOSSLESS.items()
            if seeded or seed == SEEDS[0]]


def readable(tap: Tap, binary: str, rows: list) -> dict:
    """Reads every capture, and what the program says of it unchanged. A truncated one is whole once it is rewritten."""
    known = {}
    for row in rows:
        try:
            capture = rewrite.read(PCAPS / row.capture)
            documents = sessions(row.run(binary).out)
        except (ValueError, KeyError) as error:
            if "zstd" in str(error) or "link types" in str(error):
                tap.skip(row.capture, str(error))
            else:
                tap.ok(False, f"{row.capture} can be read", str(error))
            continue
        has_segments = any(packet.segment for packet in capture.packets)
        tap.ok(has_segments and bool(documents), f"{row.capture}: has sessions of TCP segments")
        known[row.capture] = capture, documents
    return known


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: invariance.py BINARY")
    binary, tap, started = str(pathlib.Path(sys.argv[1]).resolve()), Tap(), time.monotonic()
    rows = json_rows()
    known = readable(tap, binary, rows)

    def check(case: Case) -> tuple:
        if case.seed != SEEDS[0] and time.monotonic() - started > BUDGET_S:
            return None, "out of time"
        return case.run(binary, pathlib.Path(folder), *known[case.row.capture])

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        todo = cases([row for row in rows if row.capture in known])
        for case, (passed, detail) in zip(todo, pool.map(check, todo)):
            if passed is None:
                tap.skip(case.name, detail)
            else:
                tap.ok(passed, case.name, detail)
    tap.finish()


if __name__ == "__main__":
    main()
