#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted conversations that are read with their keys give the documents of the same conversations in clear.

    decrypt.py BINARY [--all]

Every golden capture that was captured whole is encrypted (encrypt.py), each in two of the cipher suites or, with --all, in each of
them, and read with its key log; then again in other segments. What may differ is only what tells of TLS. Without the key, with a
wrong one, or with a part of the key log nothing of it is told, and nothing wrong.
"""
import hashlib
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import encrypt
import rewrite
from tap import PCAPS, Row, Tap, json_rows, run

# What is said of clear text only, or of TLS only.
OF_CLEAR = {"auth-cleartext", "starttls-not-used", "auth-needs-tls", "auth-not-offered-on-submission", "capability-masked"}
# TLS from the first byte on a port that is not known for it is not looked into, and STARTTLS within TLS ends the decryption.
NOT_READ = {"smtp-on-odd-port.pcap", "atrn-roles-reversed.pcap", "starttls-injection.pcap", "starttls-in-clear.pcap"}

# Here the client speaks out of turn, and the handshake that comes before its first words changes what it had received by then.
NOT_READ |= {"exim-pipe-connect.pcap", "exim-synchronization-error.pcap", "early-pipelining.pcap", "no-reply-to-message.pcap",
             "not-smtp-http.pcap"}

# Where TLS from the first byte is no surprise.
PORTS = ",".join(f"{port}/smtps" for port in (24, 25, 465, 587, 2525))

SECRETS_BLOCK = "decrypt-secrets-block.pcapng"

REWRITES = ("resegment", "bytewise", "reorder", "duplicate")
BYTEWISE_MAX = 400  # packets: more take too long


def chosen(capture: str, all_suites: bool) -> list:
    names = sorted(encrypt.SUITES)
    if all_suites:
        return names
    start = int(hashlib.sha256(capture.encode()).hexdigest(), 16)
    return [names[start % len(names)], names[(start // 16) % len(names)]]


def without_tls(value: object) -> object:
    """Without what may differ because of TLS, its packets and bytes included."""
    if isinstance(value, dict):
        return {key: without_tls(inner) for key, inner in value.items()
                if key not in ("tls", "tcp", "protocol", "encrypted", "tls_frame", "clear_frame", "id", "source", "stream", "evidence")}
    return [without_tls(inner) for inner in value] if isinstance(value, list) else value


def facts(document: dict, frames: list) -> dict:
    """What a document says of the conversation, in the frame numbers of the clear capture."""
    document = json.loads(json.dumps(document))
    capabilities = document["capabilities"]
    lists = [text for kind in ("clear", "tls") for text in capabilities.get(kind) or []]
    document["timeline"] = [entry for entry in document["timeline"] if entry["event"] != "tls"]
    document["findings"] = [finding["id"] for finding in document["findings"]
                            if finding["id"] not in OF_CLEAR and "tls" not in finding["id"]]
    document = without_tls(document)
    document["capabilities"] = {"lists": lists, "incomplete": capabilities.get("incomplete", False)}

    def renumber(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: renumber(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [renumber(inner, key) for inner in value]
        return frames[value - 1] if key.endswith("frame") and frames and value else value
    return renumber(document)


def sessions(out: bytes) -> list:
    return [document for document in map(json.loads, out.splitlines()) if document.get("type") == "session"]


def difference(expected: object, got: object, path: str = "") -> str:
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in sorted(expected.keys() | got.keys()):
            if expected.get(key) != got.get(key):
                return difference(expected.get(key), got.get(key), f"{path}.{key}")
    if isinstance(expected, list) and isinstance(got, list):
        for number, (one, other) in enumerate(zip(expected, got)):
            if one != other:
                return difference(one, other, f"{path}[{number}]")
    return f"{path}: expected {expected!r}, got {got!r}"[:1500]


def read(binary: str, folder: pathlib.Path, row: Row, packets: list, link_type: int, keys: bytes) -> list:
    (folder / row.capture).write_bytes(rewrite.encode(rewrite.Capture(link_type, packets)))
    (folder / "keys").write_bytes(keys)
    result = run(binary, ["-q", "-r", folder / row.capture, "--ports", PORTS, *row.options, "--keylog", folder / "keys"])
    if result.status != 0 or result.err:
        raise ValueError(str(result))
    return sessions(result.out)


def same(tap: Tap, name: str, clear: list, got: list, frames: list) -> None:
    if not tap.equal(f"{name}: as many sessions", len(got), len(clear)):
        return
    for one, other in zip(clear, got):
        expected, found = facts(one, []), facts(other, frames)
        if not tap.ok(expected == found, f"{name}: the same session {one['capture']['stream']}", difference(expected, found)):
            return


def without_text(document: dict) -> bool:
    """Nothing is told that was encrypted."""
    told = {entry["event"] for entry in document["timeline"]}
    return not document["mails"] and not document["auth"]["attempts"] and not told & {"command", "reply", "body", "auth", "greeting"} \
        and not (document["tls"] or {}).get("decrypted")


def spoilt(keys: bytes) -> bytes:
    """All secrets with another last byte."""
    return b"\n".join(line[:-2] + (b"00" if line[-2:] != b"00" else b"11") for line in keys.splitlines()) + b"\n"


def check_keys(tap: Tap, binary: str, folder: pathlib.Path, row: Row, capture: rewrite.Capture, sealed: list, keys: bytes) -> None:
    """What does not fit, or is not there, leaves the session encrypted."""
    other = re.sub(rb" [0-9a-f]{64} ", b" " + 64 * b"a" + b" ", keys)
    for name, text in (("a wrong key", spoilt(keys)), ("keys of another connection", other)):
        documents = read(binary, folder, row, sealed, capture.link_type, text)
        tap.ok(documents and all(without_text(document) for document in documents if document["tls"]), f"{row.capture}: {name}",
               str(documents)[:500])
    lines = keys.splitlines()
    for at in range(len(lines)):
        half = b"\n".join(lines[:at] + lines[at + 1:]) + b"\n"
        documents = read(binary, folder, row, sealed, capture.link_type, half)
        tap.ok(documents, f"{row.capture}: without line {at + 1} of {len(lines)} of the key log")


def check(tap: Tap, binary: str, row: Row, all_suites: bool) -> int:
    if row.capture == SECRETS_BLOCK:
        return 0
    capture = rewrite.read(PCAPS / row.capture)
    clear = sessions(row.run(binary).out)
    if row.capture in NOT_READ or not encrypt.can_encrypt(capture.packets) or any(document["tls"] for document in clear):
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        for suite in chosen(row.capture, all_suites):
            sealed, keys = encrypt.encrypt(capture.packets, suite)
            label = f"{row.capture}, {suite}"
            got = read(binary, folder, row, sealed, capture.link_type, keys)
            same(tap, label, clear, got, [packet.frame for packet in sealed])
        for rewriting in REWRITES:
            if not all_suites and rewriting in ("bytewise", "duplicate") and not is_chosen(row.capture):
                continue
            if rewriting == "bytewise" and sum(len(packet.data) for packet in sealed) > BYTEWISE_MAX * 100:
                continue
            packets = rewrite.REWRITES[rewriting][0](sealed, random.Random(1)) if isinstance(rewrite.REWRITES[rewriting], tuple) \
                else rewrite.REWRITES[rewriting](sealed, random.Random(1))
            again = read(binary, folder, row, packets, capture.link_type, keys)
            stable = [without_times(document) for document in again] == [without_times(document) for document in got]
            tap.ok(stable, f"{label}: {rewriting}")
        if all_suites or is_chosen(row.capture):
            check_keys(tap, binary, folder, row, capture, sealed, keys)
    return 1


def is_chosen(capture: str) -> bool:
    """One in four."""
    return hashlib.md5(capture.encode()).digest()[0] % 4 == 0


def without_times(document: dict) -> dict:
    import invariance
    def without_frames(value: object) -> object:
        if isinstance(value, dict):
            return {key: without_frames(inner) for key, inner in value.items() if not key.endswith("frame")}
        return [without_frames(inner) for inner in value] if isinstance(value, list) else value
    return without_frames(without_tls(invariance.without_packets(document)))


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--all"]
    if len(arguments) != 1:
        sys.exit("usage: decrypt.py BINARY [--all]")
    binary, tap, count = str(pathlib.Path(arguments[0]).resolve()), Tap(), 0
    for row in json_rows():
        count += check(tap, binary, row, "--all" in sys.argv)
    tap.ok(count > 30, f"{count} captures were encrypted and read again")
    tap.finish()


if __name__ == "__main__":
    main()
