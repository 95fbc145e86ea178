#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets that are kept as evidence say what the session was, and no secret.

    evidence.py BINARY DRIVER

DRIVER (evidence_driver.c) keeps the packets of every session of a capture. For every golden capture, what it kept is searched
for secrets as no_secrets.py does it, read again by BINARY and compared with the session's document, and read by tshark. The
rewrites of rewrite.py, which shuffle, cut and repeat packets, must not bring a secret back.
"""
import dataclasses
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import typing

import invariance
import no_secrets
import rewrite
from invariance import without
from tap import PCAPS, Row, Tap, json_rows, run

FLOOD_CONNECTIONS = 3000
MEMORY = 256 * 1024

# What differs between a session and its evidence: the packets' numbers, and what is known from other connections.
OF_EVIDENCE = {"stream", "evidence", "mailbox"}


class Kept(typing.NamedTuple):
    result: object
    sessions: list  # session documents
    counters: dict
    files: dict     # by name: path


def keep(driver: str, capture: object, folder: pathlib.Path, *options: object) -> Kept:
    """Runs the driver into the folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    result = run(driver, [*options, capture, folder])
    documents = [json.loads(line) for line in result.out.splitlines()]
    return Kept(result, [document for document in documents if document["type"] == "session"],
                next((document for document in documents if document["type"] == "counters"), {}),
                {path.name: path for path in sorted(folder.iterdir())})


def streams(packets: list) -> bytes:
    """The bytes of each direction in order, twice: of bytes that came several times the first and the last. So a secret is
    found that is cut over packets."""
    directions = {}
    for packet in packets:
        if packet.segment:
            directions.setdefault((packet.segment.source, packet.segment.target), []).append(packet.segment)
    out = []
    for segments in directions.values():
        for order in (segments, segments[::-1]):
            place = {}
            for segment in order:
                for i, byte in enumerate(segment.payload):
                    place.setdefault((segment.seq - segments[0].seq + 2**31 + i) % 2**32, byte)
            out.append(bytes(place[at] for at in sorted(place)))
    return b"\n".join(out)


def content(path: pathlib.Path) -> bytes:
    data = path.read_bytes()
    try:
        return data + b"\n" + streams(rewrite.read(path).packets)
    except ValueError:
        return data


def wanted_of(packets: list, known: list) -> tuple:
    sent, parts, _ = no_secrets.secrets_of(packets)
    wanted = {text: "sent" for text in sent}
    for secret in [*known, *parts]:
        wanted.update(no_secrets.forms(secret))
    return wanted, sent


def check_secrets(tap: Tap, name: str, kept: Kept, wanted: dict) -> None:
    found = [f"{file}: {what}" for file, path in kept.files.items() for what in no_secrets.found_in(content(path), wanted)]
    tap.ok(not found, f"{name}: no secret", "\n".join(found))


# Read in what client and server say to each other in a login, which is hidden as a whole: nothing is said of it then, and never anything
# else. What is told of a session has the names in its sentences.
OF_LOGINS = {"username", "realm", "service", "channel_binding", "domain", "workstation", "target", "error", "error_scope"}
SENTENCES = {"explanation", "causes", "checks"}
# What makes no sense is hidden, as it may be a secret, and with it what it was like.
SENSELESS = {"not-smtp-random.pcap"}


def is_hidden_step(entry: dict) -> bool:
    """Entries that only say how a line looked that is hidden now."""
    return entry.get("event") == "anomaly" and entry.get("id") in ("not-a-command", "not-a-reply")


def comparable(document: dict) -> dict:
    document = without(document, invariance.OF_PACKETS | OF_EVIDENCE)
    document["timeline"] = [entry for entry in document["timeline"] if not is_hidden_step(entry)]
    return document


def hidden_of(expected: object, got: object) -> object:
    """What is expected, without those facts of logins that are missing in what was got."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return {key: hidden_of(value, got.get(key)) for key, value in expected.items() if key not in OF_LOGINS or key in got}
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [hidden_of(*pair) for pair in zip(expected, got)]
    return expected


def names_logins(document: dict) -> bool:
    return any(key in attempt for attempt in document["auth"]["attempts"] for key in OF_LOGINS)


def after_hiding(name: str, session: dict, again: dict) -> tuple:
    """The document that is expected of what is kept of the session, and the one that it gives."""
    expected, got = comparable(session), comparable(again)
    if name in SENSELESS:
        expected["findings"] = [finding for finding in expected["findings"] if finding["id"] != "not-smtp"]
        expected["timeline"] = [entry for entry in expected["timeline"] if entry.get("id") != "not-smtp"]
    if names_logins(session):
        expected, got = without(expected, SENTENCES), without(got, SENTENCES)
    return hidden_of(expected, got), got


def check_documents(tap: Tap, binary: str, name: str, kept: Kept) -> None:
    result = run(binary, [word for path in kept.files.values() for word in ("-r", path)] + ["-o", "json", "--no-headers"])  # as the driver
    again = [json.loads(line) for line in result.out.splitlines()]
    again = [document for document in again if document["type"] == "session"]
    for session in kept.sessions:
        evidence = session.get("evidence")
        if not tap.ok(evidence is not None and evidence["file"] in kept.files, f"{name} {session['id']}: has evidence",
                      str(evidence)):
            continue
        tap.equal(f"{name} {session['id']}: nothing was dropped", evidence["dropped_packets"], 0)
        same = [document for document in again if document["capture"]["source"] == str(kept.files[evidence["file"]])]
        if not tap.equal(f"{name} {session['id']}: evidence is one session", len(same), 1):
            continue
        expected, got = after_hiding(name, session, same[0])
        tap.ok(expected == got, f"{name} {session['id']}: evidence says the same", invariance.difference([expected], [got]))


def check_tshark(tap: Tap, name: str, kept: Kept) -> None:
    """All files in one, whose headers are alike, for a tshark each would take most of the time."""
    files = [path.read_bytes() for path in kept.files.values()]
    tap.equal(f"{name}: evidence has one kind of header", len({data[:24] for data in files}), 1)
    done = subprocess.run(["tshark", "-r", "-", "-T", "fields", "-e", "frame.number", "-e", "_ws.malformed"],
                          input=files[0] + b"".join(data[24:] for data in files[1:]), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    malformed = [line for line in done.stdout.decode().splitlines() if line.split("\t")[1]]
    tap.ok(done.returncode == 0 and done.stdout and not malformed, f"{name}: tshark finds nothing malformed",
           done.stderr.decode() + "\n".join(malformed))


def check_identical(tap: Tap, name: str, capture: rewrite.Capture, kept: Kept) -> None:
    """With secrets the packets are those of the capture."""
    original = {(packet.time_ns, packet.data) for packet in capture.packets}
    for file, path in kept.files.items():
        different = sum((packet.time_ns, packet.data) not in original for packet in rewrite.read(path).packets)
        tap.equal(f"{name} {file}: packets that are not the capture's", different, 0)


def check_capture(tap: Tap, binary: str, driver: str, row: Row, known: list, folder: pathlib.Path) -> bool:
    """Returns whether the capture had secrets to hide."""
    try:
        capture = rewrite.read(PCAPS / row.capture)
    except ValueError:
        capture = None
    kept = keep(driver, row.capture, folder)
    tap.ok(kept.result.status == row.status and kept.sessions, f"{row.capture}: sessions are kept", str(kept.result))
    tap.equal(f"{row.capture}: no packets are left behind", kept.counters.get("flows"), 0)
    wanted, sent = wanted_of(capture.packets if capture else [], known)
    check_secrets(tap, row.capture, kept, wanted)
    check_documents(tap, binary, row.capture, kept)
    if shutil.which("tshark"):
        check_tshark(tap, row.capture, kept)
    with_secrets = keep(driver, row.capture, folder, "-s")
    if capture is None:
        return False
    check_identical(tap, row.capture, capture, with_secrets)
    if not sent:
        return False
    found = [what for path in with_secrets.files.values() for what in no_secrets.found_in(content(path), wanted)]
    tap.ok(bool(found), f"{row.capture}: the search finds what is kept with secrets")
    return True


def check_rewrites(tap: Tap, driver: str, row: Row, known: list, folder: pathlib.Path) -> None:
    capture = rewrite.read(PCAPS / row.capture)
    wanted, _ = wanted_of(capture.packets, known)
    path = folder.with_suffix(".pcap")
    for name, (apply, _) in rewrite.LOSSLESS.items():
        rewrite.write(rewrite.Capture(capture.link_type, apply(capture.packets, random.Random(1))), path)
        kept = keep(driver, path, folder)
        tap.ok(kept.result.status == 0 and kept.files, f"{row.capture}, {name}: sessions are kept", str(kept.result))
        check_secrets(tap, f"{row.capture}, {name}", kept, wanted)
    # Packets that are missing, and such that come far too late: nobody reads them, so nobody may see them.
    rng = random.Random(3)
    packets = [packet for packet in capture.packets if rng.random() < 0.8]
    late = [packet for packet in packets if rng.random() < 0.3]
    packets = [packet for packet in packets if packet not in late]
    for packets_now, what in ((packets, "lost"), (late[::-1] + packets, "early"), (packets + late, "late")):
        rewrite.write(rewrite.Capture(capture.link_type, packets_now), path)
        kept = keep(driver, path, folder)
        tap.ok(kept.result.status == 0, f"{row.capture}, {what}: the driver ends well", str(kept.result))
        check_secrets(tap, f"{row.capture}, {what}", kept, wanted)
    path.unlink()


def flood(capture: rewrite.Capture, count: int, to_port: int) -> rewrite.Capture:
    """The first connection's packets from many ports at once: all first packets, all second ones, ..."""
    packets = [packet for packet in capture.packets if packet.segment][:count]
    client = packets[0].segment.source
    out = []
    for packet in packets:
        segment = packet.segment
        for i in range(FLOOD_CONNECTIONS):
            header = bytearray(segment.tcp_header)
            ports = (10000 + i, to_port)
            struct.pack_into("!HH", header, 0, *(ports if segment.source == client else ports[::-1]))
            out.append(packet.carrying(dataclasses.replace(segment, tcp_header=bytes(header))))
    return rewrite.Capture(capture.link_type, out)


def check_bounds(tap: Tap, driver: str, folder: pathlib.Path) -> None:
    capture = rewrite.read(PCAPS / "auth-login-accepted.pcap")
    path = folder.with_suffix(".pcap")
    # Connections to another port that are never answered: nobody ever hears of them.
    rewrite.write(flood(capture, 1, 8080), path)
    kept = keep(driver, path, folder)
    tap.equal("unanswered elsewhere: all are seen", kept.counters["kept"], FLOOD_CONNECTIONS)
    tap.equal("unanswered elsewhere: nothing is left", (len(kept.sessions), kept.counters["flows"]), (0, 0))
    rewrite.write(flood(capture, 12, 587), path)
    kept = keep(driver, path, folder, "-m", MEMORY, "-d", 400 * 4096)
    path.unlink()
    counters = kept.counters
    tap.ok(kept.result.status == 0, "flood: the driver ends well", str(kept.result))
    tap.equal("flood: all connections are sessions", len(kept.sessions), FLOOD_CONNECTIONS)
    tap.ok(MEMORY // 2 < counters["used_max"] <= MEMORY, "flood: memory is used, and bounded", str(counters))
    tap.ok(counters["dropped"] > 0, "flood: packets were dropped", str(counters))
    tap.equal("flood: none is left behind", counters["flows"], 0)
    size = sum(-(-file.stat().st_size // 4096) * 4096 for file in kept.files.values())
    tap.ok(0 < size <= 400 * 4096, "flood: the disk is bounded", str(size))
    tap.equal("flood: the size is known", size, counters["disk_bytes"])
    dropped = [session["evidence"]["dropped_packets"] for session in kept.sessions if "evidence" in session]
    tap.ok(any(dropped), "flood: sessions say what was dropped", str(dropped[:10]))


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: evidence.py BINARY DRIVER")
    binary, driver = (str(pathlib.Path(name).resolve()) for name in sys.argv[1:])
    tap = Tap()
    known = [line for line in (PCAPS / "secrets.txt").read_bytes().splitlines() if line]
    tap.ok(bool(known), "pcaps/secrets.txt has secrets")
    if not shutil.which("tshark"):
        tap.skip("tshark reads the evidence", "tshark is not installed")
    with tempfile.TemporaryDirectory() as base:
        folder = pathlib.Path(base) / "kept"
        hidden = [row for row in json_rows() if check_capture(tap, binary, driver, row, known, folder)]
        tap.ok(bool(hidden), f"{len(hidden)} captures have secrets")
        for row in hidden:
            check_rewrites(tap, driver, row, known, folder)
        check_bounds(tap, driver, folder)
    tap.finish()


if __name__ == "__main__":
    main()
