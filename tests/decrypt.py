#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted conversations that are read with their keys give the documents of the same conversations in clear.

    decrypt.py BINARY [--all]

Every golden capture that was captured whole is encrypted (encrypt.py), each in two of the cipher suites or, with --all, in each of
them, and read with its key log; then again in other segments. What may differ is only what tells of TLS. Without the key, with a
wrong one, or with a part of the key log nothing of it is told, and nothing wrong.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import random
import re
import ssl
import sys
import tempfile

import encrypt
import no_secrets
import rewrite
from tap import PCAPS, Notes, Row, Tap, json_rows, run

# What is said of clear text only, or of TLS only.
OF_CLEAR = {"auth-cleartext", "starttls-not-used", "auth-needs-tls", "auth-not-offered-on-submission", "capability-masked"}

FINGERPRINT = hashlib.sha256(ssl.PEM_cert_to_DER_cert(encrypt.PEM.read_text().partition("-----END PRIVATE KEY-----\n")[2])).hexdigest()

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


def diagnoses(out: bytes) -> list:
    return [{key: value for key, value in document.items() if key != "frames"}
            for document in map(json.loads, out.splitlines()) if document.get("type") == "diagnosis"]


def output(binary: str, folder: pathlib.Path, row: Row, packets: list, link_type: int, keys: bytes) -> bytes:
    (folder / row.capture).write_bytes(rewrite.encode(rewrite.Capture(link_type, packets)))
    (folder / "keys").write_bytes(keys)
    result = run(binary, ["-q", "-r", folder / row.capture, "--ports", encrypt.PORTS, *row.options, "--keylog", folder / "keys"])
    if result.status != 0 or result.err:
        raise ValueError(str(result))
    return result.out


def read(*arguments: object) -> list:
    return sessions(output(*arguments))


def agreement(document: dict) -> int:
    """Where in the timeline a server agrees to STARTTLS; here that is TLS within TLS, of which the rest is not read."""
    return next((at for at, entry in enumerate(document["timeline"]) if entry["event"] == "reply"
                 and entry.get("answers") == "STARTTLS" and entry["code"] < 300), -1)


def same_until_starttls(tap: Tap, name: str, clear: dict, got: dict, frames: list) -> None:
    expected, found = facts(clear, [])["timeline"], facts(got, frames)["timeline"]
    end = agreement(clear) + 1
    tap.ok(expected[:end] == found[:end], f"{name}: the same until STARTTLS", difference(expected[:end], found[:end]))
    last = expected[end - 1]["frame"]
    tap.ok(all(entry["frame"] <= last for entry in found[end:] if entry["event"] != "close"),
           f"{name}: nothing from then on", str(found[end:]))
    tap.equal(f"{name}: and why", got["tls"]["unread"]["reason"], "unsupported")
    tap.equal(f"{name}: so it is not known what became of it", got["auth"]["result"], "unknown")


def same(tap: Tap, name: str, clear: list, got: list, frames: list) -> None:
    if not tap.equal(f"{name}: as many sessions", len(got), len(clear)):
        return
    for one, other in zip(clear, got):
        # In TLS 1.3 it is encrypted too. A connection without a payload has no TLS.
        if other["tls"] and not tap.equal(f"{name}: the server's certificate", (other["tls"].get("certificate") or {}).get("sha256"), FINGERPRINT):
            return
        if agreement(one) >= 0:
            same_until_starttls(tap, f"{name}, session {one['capture']['stream']}", one, other, frames)
            continue
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


def told(document: dict) -> list:
    return [entry for entry in document["timeline"] if entry["event"] not in ("tls", "close")]


def says_less(whole: dict, less: dict) -> bool:
    """Is all that is told also told by the whole, and what is concluded from it the same, or not known?"""
    part = told(less)
    results = [(mail["result"], of_whole["result"]) for mail, of_whole in zip(less["mails"], whole["mails"])]
    results += [(less["auth"]["result"], whole["auth"]["result"])]
    results += [(one["result"], of_whole["result"]) for one, of_whole in zip(less["auth"]["attempts"], whole["auth"]["attempts"])]
    return (part == told(whole)[:len(part)] and all(one in (of_whole, "unknown") for one, of_whole in results)
            and less["result"] in (whole["result"], "encrypted", "unknown")
            and (not (less["tls"] or {}).get("decrypted") or len(part) == len(told(whole)) or "unread" in less["tls"]))


def check_keys(tap: Tap, binary: str, folder: pathlib.Path, row: Row, link_type: int, sealed: list, keys: bytes, whole: list) -> None:
    """What does not fit, or is not there, leaves the session encrypted, from there on."""
    other = re.sub(rb" [0-9a-f]{64} ", b" " + 64 * b"a" + b" ", keys)
    for name, text in (("a wrong key", spoilt(keys)), ("keys of another connection", other)):
        documents = read(binary, folder, row, sealed, link_type, text)
        tap.ok(documents and all(without_text(document) for document in documents if document["tls"]), f"{row.capture}: {name}",
               str(documents)[:500])
    lines = keys.splitlines()
    for at in range(len(lines)):
        half = b"\n".join(lines[:at] + lines[at + 1:]) + b"\n"
        documents = read(binary, folder, row, sealed, link_type, half)
        wrong = [(one, other) for one, other in zip(whole, documents) if not says_less(one, other)]
        tap.ok(len(documents) == len(whole) and not wrong, f"{row.capture}: without line {at + 1} of {len(lines)} of the key log",
               str([(told(one), told(other), other["auth"], other["result"], other["tls"]) for one, other in wrong])[:3000])


def check_diagnoses(tap: Tap, binary: str, label: str, clear_out: bytes, sealed_out: bytes) -> None:
    """Faces of servers, and what becomes of a client's logins: over all sessions, from packets and from their documents."""
    clear = diagnoses(clear_out)
    if not clear:
        return
    tap.ok(clear == diagnoses(sealed_out), f"{label}: the same diagnoses", difference(clear, diagnoses(sealed_out)))
    again = run(binary, ["-q", "-o", "json", "--sessions", "-"], stdin=sealed_out)
    tap.ok(clear == diagnoses(again.out), f"{label}: the same of the documents", difference(clear, diagnoses(again.out)) + str(again)[:300])


def check(binary: str, row: Row, all_suites: bool) -> Notes:
    tap = Notes()
    if row.capture == SECRETS_BLOCK:
        return tap
    capture = rewrite.read(PCAPS / row.capture)
    out = row.run(binary).out
    clear = sessions(out)
    if not encrypt.can_encrypt(capture.packets) or any(document["tls"] for document in clear):
        return tap
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        for suite in chosen(row.capture, all_suites):
            sealed, keys = encrypt.encrypt(capture.packets, suite)
            label = f"{row.capture}, {suite}"
            sealed_out = output(binary, folder, row, sealed, capture.link_type, keys)
            got = sessions(sealed_out)
            same(tap, label, clear, got, [packet.frame for packet in sealed])
            check_diagnoses(tap, binary, label, out, sealed_out)
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
            check_keys(tap, binary, folder, row, capture.link_type, sealed, keys, got)
    return tap


def check_statistics(tap: Tap, binary: str) -> None:
    """What became of the key log is counted, and told to who is not quiet."""
    keys = (PCAPS / "decrypt-starttls.keys").read_bytes()
    secrets = sum(not line.startswith(b"EXPORTER") for line in keys.splitlines())
    other = re.sub(rb"^(\S+ )[0-9a-f]{64}", rb"\g<1>" + 64 * b"a", keys, flags=re.MULTILINE)
    capture, plain = "decrypt-starttls.pcap", "auth-plain-accepted.pcap"
    for name, file, text, expected, messages in (
            ("all", capture, keys, (1, 1, secrets, 0, secrets), ["1 of 1 connections with TLS decrypted"]),
            ("lines twice, and comments", capture, b"# more\n\n" + keys + keys, (1, 1, 2 * secrets, 0, secrets), []),
            ("lines of no sense", capture, b"nonsense\n" + keys + b"CLIENT_RANDOM 00 11\n", (1, 1, secrets, 2, secrets),
             ["2 lines were not understood"]),
            ("keys of another", capture, other, (1, 0, secrets, 0, secrets), ["0 of 1 connections with TLS decrypted"]),
            ("nothing", capture, b"", (0, 0, 0, 0, 0), ["there is no secret of a TLS connection in it"]),
            ("nothing but nonsense", capture, b"nonsense", (0, 0, 0, 1, 0), ["1 lines were not understood", "there is no secret"]),
            ("no TLS", plain, keys, (0, 0, secrets, 0, secrets), ["0 of 0 connections"])):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder).chmod(0o755)
            (path := pathlib.Path(folder) / "keys").write_bytes(text)
            result = run(binary, ["-v", "-r", file, "-o", "json", "--keylog", path])
        documents = [json.loads(line) for line in result.out.splitlines()]
        got = next(document for document in documents if document["type"] == "statistics")["decryption"]
        tap.equal(f"statistics with {name}", (got["connections"], got["decrypted"], got["secrets_read"], got["lines_not_understood"],
                                              got["secrets"]), expected)
        tap.ok(all(message in result.err.decode() for message in messages), f"messages with {name}", str(result.err))
    without = [json.loads(line) for line in run(binary, ["-r", capture, "-o", "json"]).out.splitlines()]
    tap.ok("decryption" not in without[-1] and without[-1]["type"] == "statistics", "no such statistics without a key log")


def check_evidence(tap: Tap, binary: str) -> None:
    """Packets that are kept of a session stay encrypted, and no secret is kept with them: who has none can read no more of them."""
    for row in json_rows():
        if row.capture not in EVIDENCE or "--keylog" not in row.options and row.capture != SECRETS_BLOCK:
            continue
        keylog = row.options[row.options.index("--keylog"):][:2] if row.capture != SECRETS_BLOCK else []
        keys = ["--keylog", PCAPS / "decrypt-starttls.keys"] if row.capture == SECRETS_BLOCK else keylog
        wanted = no_secrets.of_keylog(pathlib.Path(keys[1]).read_bytes())
        for secret in (PCAPS / "secrets.txt").read_bytes().splitlines():
            wanted.update(no_secrets.forms(secret) if secret else {})
        for more in ([], ["--evidence-secrets"]):
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder).chmod(0o777)
                name = " ".join([row.capture, *more])
                out = run(binary, ["-q", "-r", row.capture, "-o", "json", *keylog, "--evidence", folder, "--evidence-severity", "info", *more]).out
                files = sorted(pathlib.Path(folder).iterdir())
                documents = [document for document in sessions(out) if document["findings"]]
                tap.ok(len(files) == len(documents) > 0 and all(document["tls"]["decrypted"] for document in documents),
                       f"{name}: evidence of {len(documents)} decrypted sessions", str(files))
                for path in files:
                    data = path.read_bytes()
                    tap.ok(data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xd4\xc3\xb2\xa1"), f"{name}: a pcap file, which has no blocks for secrets")
                    found = no_secrets.found_in(data, wanted)
                    tap.ok(not found, f"{name}: no secret in it", "\n".join(found))
                    without = sessions(run(binary, ["-q", "-r", path, "-o", "json"]).out)
                    tap.ok(len(without) == 1 and without_text_behind_tls(without[0]), f"{name}: without the key log it is encrypted",
                           str(without)[:500])
                    read_again = sessions(run(binary, ["-q", "-r", path, "-o", "json", *keys]).out)
                    same_one = [document for document in documents if document["evidence"]["file"] == path.name]
                    tap.ok([told_without_frames(document) for document in read_again] == [told_without_frames(document) for document in same_one],
                           f"{name}: with it, the same is told", str(read_again)[:500])


EVIDENCE = {"decrypt-after-commands.pcap", "decrypt-smtps.pcap", "decrypt-resumed.pcap", SECRETS_BLOCK}


def told_without_frames(document: dict) -> list:
    return [{key: value for key, value in entry.items() if key != "frame"} for entry in told(document)]


def without_text_behind_tls(document: dict) -> bool:
    at = next(i for i, entry in enumerate(document["timeline"]) if entry["event"] == "tls")
    later = {entry["event"] for entry in document["timeline"][at:]}
    return later <= {"tls", "close"} and not document["tls"]["decrypted"] and not document["auth"]["attempts"]


def is_chosen(capture: str) -> bool:
    """One in four."""
    return hashlib.md5(capture.encode()).digest()[0] % 4 == 0


def without_times(document: dict) -> dict:
    import invariance
    def without_frames(value: object) -> object:
        if isinstance(value, dict):
            return {key: without_frames(inner) for key, inner in value.items() if not key.endswith("frame")}
        return [without_frames(inner) for inner in value] if isinstance(value, list) else value
    return without_frames(without_tls(invariance.without(document, invariance.OF_PACKETS | invariance.OF_TIMES)))


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if argument != "--all"]
    if len(arguments) != 1:
        sys.exit("usage: decrypt.py BINARY [--all]")
    binary, tap, count = str(pathlib.Path(arguments[0]).resolve()), Tap(), 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for notes in pool.map(check, *zip(*[(binary, row, "--all" in sys.argv) for row in json_rows()])):
            count += len(notes.notes) > 0
            notes.tell(tap)
    check_statistics(tap, binary)
    check_evidence(tap, binary)
    tap.ok(count > 30, f"{count} captures were encrypted and read again")
    tap.finish()


if __name__ == "__main__":
    main()
