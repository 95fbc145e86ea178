#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same bytes in other segments, reordered or duplicated, in tunnels, fragments and copies give the same documents.

    invariance.py BINARY [--all]

Every golden capture goes through every lossless rewrite of rewrite.py, and through some of those of encapsulate.py: a few for each
capture and, for each of them, a few captures, chosen by a hash of both names. What may differ is only what tells of the packets
themselves: frame numbers, packet counts, the file's name; and times, where the rewrite brings bytes at another time.
"""
import concurrent.futures
import difflib
import hashlib
import ipaddress
import json
import os
import pathlib
import random
import re
import sys
import tempfile
import time

import encapsulate
import rewrite
from tap import PCAPS, Row, Tap, brief, json_rows, run

SEEDS = (1, 2, 3)
# So many encapsulations of each capture are tested; --all tests them all.
ENCAPSULATIONS_EACH = 5
# Which of two contents there is depends on how the segments are cut.
CONTRADICTORY = {"retransmission-conflict.pcap"}
# A slow machine may leave out seeds after the first, and says so. Every rewrite of every capture happens once in any case.
BUDGET_S = 90

OF_PACKETS = {"frame", "frames", "first_frame", "last_frame", "clear_frame", "tls_frame", "after_login_frame", "encrypted_from_frame",
              "packets", "retransmits", "syn_retries", "source"}
OF_TIMES = {"start", "end", "time", "ms", "duration_ms", "latency_ms", "handshake_ms", "timing", "server_ms", "last"}
# After these a byte may be seen when another one was before.
MOVING = {"merge", "cross", "duplicate", "resegment+reorder", "resegment+reorder+duplicate"}


# How often a connection was tried is a count of packets too.
TRIES = re.compile(r" \(\d+ tries in [\d.]+ seconds\)")


def without(value: object, keys: set) -> object:
    if isinstance(value, dict):
        return {key: without(inner, keys) for key, inner in value.items() if key not in keys}
    if isinstance(value, list):
        return [without(inner, keys) for inner in value]
    return TRIES.sub("", value) if isinstance(value, str) else value


def without_vlans(value: object) -> object:
    """And without what is made of them and of addresses."""
    return without(value, {"vlan", "id"})


ADDRESS = re.compile(r"\[?(2001:db8:4:[0-9a-f:]+)\]?")


def with_ipv4(value: object) -> object:
    """Undoes encapsulate.to_ipv6() in documents."""
    if isinstance(value, str):
        return ADDRESS.sub(lambda found: str(ipaddress.IPv4Address(ipaddress.IPv6Address(found[1]).packed[12:])), value)
    if isinstance(value, dict):
        return {key: with_ipv4(inner) for key, inner in value.items() if key != "community_id"}
    return [with_ipv4(inner) for inner in value] if isinstance(value, list) else value


def sessions_of(documents: list) -> list:
    """The session documents, in the order of their streams: the order of their ends is a matter of packets."""
    chosen = [without(document, OF_PACKETS) for document in documents if document.get("type") == "session"]
    return sorted(chosen, key=lambda session: session["capture"]["stream"])


def difference(expected: list, got: list) -> str:
    def text(documents: list) -> list:
        return json.dumps(documents, indent=1, sort_keys=True).splitlines()
    return "\n".join(list(difflib.unified_diff(text(expected), text(got), "original", "rewritten", lineterm="", n=4))[:80])


def chosen(row: Row) -> list:
    """Some encapsulations for the row, always the same ones; over all rows each of them comes up."""
    def place(name: str) -> bytes:
        return hashlib.sha256(f"{row.name} {name}".encode()).digest()
    names = list(encapsulate.ENCAPSULATIONS)
    return names if "--all" in sys.argv else sorted(names, key=place)[:ENCAPSULATIONS_EACH]


class Case:
    """One rewrite of one capture by one seed."""

    def __init__(self, row: Row, name: str, seed: int):
        self.row, self.rewrite, self.seed = row, name, seed
        self.name = f"{row.name}: {name}, seed {seed}"
        self.file = f"{self.row.capture}-{name}-{seed}.pcap"

    def write(self, folder: pathlib.Path, capture: rewrite.Capture) -> pathlib.Path:
        rng = random.Random(self.seed)
        if self.rewrite in rewrite.LOSSLESS:
            capture = rewrite.Capture(capture.link_type, rewrite.LOSSLESS[self.rewrite][0](capture.packets, rng))
        else:
            capture = encapsulate.ENCAPSULATIONS[self.rewrite].apply(capture, rng)
        rewrite.write(capture, folder / self.file)
        return folder / self.file

    def compare(self, expected: list, got: list) -> str:
        """Returns what differs, or nothing."""
        how = encapsulate.ENCAPSULATIONS.get(self.rewrite)
        if self.rewrite in MOVING:
            got, expected = without(got, OF_TIMES), without(expected, OF_TIMES)
        if how and not how.keeps_vlans:
            got, expected = without_vlans(got), without_vlans(expected)
        if how and not how.keeps_addresses:
            got, expected = with_ipv4(got), with_ipv4(expected)
        return "" if got == expected else difference(expected, got)


def run_cases(binary: str, row: Row, folder: pathlib.Path, capture: rewrite.Capture, expected: list, chosen_cases: list) -> list:
    """All of them in one process: files have nothing to do with each other. Returns of each what was wrong."""
    paths = [case.write(folder, capture) for case in chosen_cases]
    result = run(binary, [word for path in paths for word in ("-r", path)] + row.options)
    for path in paths:
        path.unlink()
    if result.status != 0 or result.err:
        return [str(result)] * len(chosen_cases)
    try:
        documents = [json.loads(line) for line in result.out.splitlines()]
        told = {str(path): [] for path in paths}
        for document in documents:
            if document.get("type") == "session":
                told[document["capture"]["source"]].append(document)
        return [case.compare(expected, sessions_of(told[str(path)])) for case, path in zip(chosen_cases, paths)]
    except (ValueError, KeyError) as error:
        return [f"{error}: {brief(result.out)}"] * len(chosen_cases)


def batches(rows: list, known: dict) -> list:
    """What is read by one process. All first seeds come before any second one."""
    found = []
    for seed in SEEDS:
        for row in rows:
            names = chosen(row) if seed == SEEDS[0] else []
            names = names + [name for name, (_, seeded) in rewrite.LOSSLESS.items() if seeded or seed == SEEDS[0]]
            cases = [Case(row, name, seed) for name in names]
            # What is known of a client's mailbox is known from other connections, whichever file they are in.
            alone = any("mailbox" in document["client"] for document in known[row.capture][1])
            found += [[case] for case in cases] if alone else [cases]
    return found


def readable(tap: Tap, binary: str, rows: list) -> dict:
    """Reads every capture, and what the program says of it unchanged. A truncated one is whole once it is rewritten."""
    known = {}
    for row in rows:
        try:
            capture = rewrite.read(PCAPS / row.capture)
            documents = sessions_of([json.loads(line) for line in row.run(binary).out.splitlines()])
        except (ValueError, KeyError) as error:
            if any(reason in str(error) for reason in ("zstd", "link types", "secrets")):
                tap.skip(row.capture, str(error))
            else:
                tap.ok(False, f"{row.capture} can be read", str(error))
            continue
        has_segments = any(packet.segment for packet in capture.packets)
        tap.ok(has_segments and bool(documents), f"{row.capture}: has sessions of TCP segments")
        known[row.capture] = capture, documents
    return known


def main() -> None:
    if len(sys.argv) != 2 and sys.argv[2:] != ["--all"]:
        sys.exit("usage: invariance.py BINARY [--all]")
    binary, tap, started = str(pathlib.Path(sys.argv[1]).resolve()), Tap(), time.monotonic()
    rows = [row for row in json_rows() if row.capture not in CONTRADICTORY]
    known = readable(tap, binary, rows)

    missed = set(encapsulate.ENCAPSULATIONS).difference(*({name for name in chosen(row)} for row in rows))
    tap.ok(not missed, "every encapsulation is tested with some capture", " ".join(missed))

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        def check(batch: list) -> list:
            if batch[0].seed != SEEDS[0] and time.monotonic() - started > BUDGET_S:
                return [None] * len(batch)
            row = batch[0].row
            return run_cases(binary, row, pathlib.Path(folder), *known[row.capture], batch)

        todo = batches([row for row in rows if row.capture in known], known)
        for batch, results in zip(todo, pool.map(check, todo)):
            for case, wrong in zip(batch, results):
                if wrong is None:
                    tap.skip(case.name, "out of time")
                else:
                    tap.ok(not wrong, case.name, wrong)
    tap.finish()


if __name__ == "__main__":
    main()
