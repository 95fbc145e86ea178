#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same bytes in other segments, reordered or duplicated, in tunnels, fragments and copies give the same documents.

    invariance.py BINARY [--all]

Every golden capture goes through every lossless rewrite of rewrite.py, and through some of those of encapsulate.py: a few for each
capture and, for each of them, a few captures, chosen by a hash of both names. What may differ is only what tells of the packets
themselves: times, frame numbers, packet counts, the file's name.
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
# A slow machine may leave out seeds after the first, and says so. Every rewrite of every capture happens once in any case.
# Which of two contents there is depends on how the segments are cut.
CONTRADICTORY = {"retransmission-conflict.pcap"}
# These are about when packets come, and these rewrites bring some at the time of others.
ABOUT_TIME, MOVING = ("slow-", "tarpit"), ("cross", "merge")

BUDGET_S = 90

OF_PACKETS = {"start", "end", "time", "ms", "duration_ms", "latency_ms", "handshake_ms",
              "frame", "frames", "first_frame", "last_frame", "clear_frame", "tls_frame", "after_login_frame", "encrypted_from_frame", "last",
              "packets", "retransmits", "syn_retries", "source", "timing", "server_ms"}


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


def without_vlans(value: object) -> object:
    """And without what is made of them and of addresses."""
    if isinstance(value, dict):
        return {key: without_vlans(inner) for key, inner in value.items() if key not in ("vlan", "id")}
    return [without_vlans(inner) for inner in value] if isinstance(value, list) else value


ADDRESS = re.compile(r"\[?(2001:db8:4:[0-9a-f:]+)\]?")


def with_ipv4(value: object) -> object:
    """Undoes encapsulate.to_ipv6() in documents."""
    if isinstance(value, str):
        return ADDRESS.sub(lambda found: str(ipaddress.IPv4Address(ipaddress.IPv6Address(found[1]).packed[12:])), value)
    if isinstance(value, dict):
        return {key: with_ipv4(inner) for key, inner in value.items() if key != "community_id"}
    return [with_ipv4(inner) for inner in value] if isinstance(value, list) else value


def sessions(out: bytes) -> list:
    """The session documents, in the order of their streams: the order of their ends is a matter of packets."""
    documents = [json.loads(line) for line in out.splitlines()]
    chosen = [without_packets(document) for document in documents if document.get("type") == "session"]
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

    def run(self, binary: str, folder: pathlib.Path, capture: rewrite.Capture, expected: list) -> tuple:
        """Returns whether all is equal, and what is not."""
        rng = random.Random(self.seed)
        if self.rewrite in rewrite.LOSSLESS:
            capture = rewrite.Capture(capture.link_type, rewrite.LOSSLESS[self.rewrite][0](capture.packets, rng))
        else:
            capture = encapsulate.ENCAPSULATIONS[self.rewrite].apply(capture, rng)
        path = folder / f"{self.row.capture}-{self.rewrite}-{self.seed}.pcap"
        rewrite.write(capture, path)
        result = run(binary, ["-r", path, *self.row.options])
        path.unlink()
        if result.status != 0 or result.err:
            return False, str(result)
        try:
            got = sessions(result.out)
        except (ValueError, KeyError) as error:
            return False, f"{error}: {brief(result.out)}"
        how = encapsulate.ENCAPSULATIONS.get(self.rewrite)
        if how and not how.keeps_vlans:
            got, expected = without_vlans(got), without_vlans(expected)
        if how and not how.keeps_addresses:
            got, expected = with_ipv4(got), with_ipv4(expected)
        return got == expected, difference(expected, got) if got != expected else ""


def cases(rows: list) -> list:
    """All first seeds before any second one."""
    encapsulated = [Case(row, name, SEEDS[0]) for row in rows for name in chosen(row)]
    return encapsulated + [Case(row, name, seed) for seed in SEEDS for row in rows for name, (_, seeded) in rewrite.LOSSLESS.items()
            if (seeded or seed == SEEDS[0]) and not (row.capture.startswith(ABOUT_TIME) and name in MOVING)]


def readable(tap: Tap, binary: str, rows: list) -> dict:
    """Reads every capture, and what the program says of it unchanged. A truncated one is whole once it is rewritten."""
    known = {}
    for row in rows:
        try:
            capture = rewrite.read(PCAPS / row.capture)
            documents = sessions(row.run(binary).out)
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

    def check(case: Case) -> tuple:
        if case.seed != SEEDS[0] and time.monotonic() - started > BUDGET_S:
            return None, "out of time"
        return case.run(binary, pathlib.Path(folder), *known[case.row.capture])

    missed = set(encapsulate.ENCAPSULATIONS).difference(*({name for name in chosen(row)} for row in rows))
    tap.ok(not missed, "every encapsulation is tested with some capture", " ".join(missed))

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
