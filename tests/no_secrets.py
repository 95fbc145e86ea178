#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No output ever shows a password, a SASL response, a token or a digest.

    no_secrets.py BINARY

For every capture with an AUTH exchange, every output is searched for the secrets of pcaps/secrets.txt (one a line) and for
what the client sent in the exchange itself: raw, in base64 at any alignment, in hexadecimal. The same search must find them
in the capture, or it would prove nothing. The same conversations are then encrypted and read with a key log, of which no output may
show a secret either, and so are the captures that come with one.
"""
import base64
import concurrent.futures
import json
import math
import os
import pathlib
import sys
import tempfile

import conversation
import encrypt
import rewrite
from tap import PCAPS, Notes, Row, Tap, json_rows, run

OUTPUTS = (["-o", "text"], ["-o", "json"], ["-o", "text", "-v"], ["-o", "json", "-v"], ["-o", "text", "-v", "-v"],
           ["-o", "events"], ["-o", "json", "--users", "hash"], ["-o", "json", "--users", "omit"], ["-o", "text", "--users", "omit"])

# Of these the encrypted ones: the others are made of the same documents.
OF_ENCRYPTED = (["-o", "json", "-v"], ["-o", "text", "-v", "-v"], ["-o", "events"])
SECRETS_BLOCK = "decrypt-secrets-block.pcapng"
# All captures at once: there are many formats.
FORMATS = ("ecs", "ocsf", "zeek", "zeek-tsv", "eve", "cef", "leef", "splunk")

SECRET_MIN = 6  # a shorter one would be found by chance


def base64_forms(secret: bytes) -> set:
    """How the secret looks inside the base64 of something longer, at each of the three alignments: the characters that
    depend on it alone."""
    forms = set()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret)
        forms.add(encoded[math.ceil(before * 8 / 6):(before + len(secret)) * 8 // 6])
    return {form for form in forms if len(form) >= SECRET_MIN}


def forms(secret: bytes) -> dict:
    """Every form to search for, with what to call it."""
    named = {secret: "raw", secret.hex().encode(): "hex", secret.hex().upper().encode(): "hex"}
    named.update({form: "base64" for form in base64_forms(secret)})
    return named


def squeezed(data: bytes) -> bytes:
    """Without white space, so that a secret broken over two lines is found."""
    return b"".join(data.split())


def json_strings(value: object) -> list:
    """All strings of a document, keys too: escapes such as \\/ must not hide anything."""
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in [key, *json_strings(inner)]]
    if isinstance(value, list):
        return [text for inner in value for text in json_strings(inner)]
    return [value] if isinstance(value, str) else []


def haystacks(out: bytes) -> list:
    plain = []
    for line in out.splitlines():
        try:
            plain += json_strings(json.loads(line))
        except ValueError:
            pass
    return [out, squeezed(out), "\n".join(plain).encode()]


def found_in(data: bytes, wanted: dict) -> list:
    """The forms that occur, each with its name. Never the secret itself: this is printed."""
    stacks = haystacks(data)
    return [f"{name} form of {len(form)} bytes, beginning {form[:3]!r}" for form, name in wanted.items()
            if any(form in stack or squeezed(form) in stack for stack in stacks)]


def secrets_of(packets: list) -> tuple:
    """What the clients of a capture sent in their AUTH exchanges: as sent, and the secret parts decoded."""
    sent, parts, seen = set(), set(), False
    for positions in conversation.flows(packets):
        lines = conversation.conversation(packets, positions)
        seen = seen or conversation.saw_auth(lines)
        for response in conversation.auth_responses(lines):
            sent.add(response.text)
            parts.update(conversation.secret_parts(response))
    return {text for text in sent if len(text) >= SECRET_MIN}, {part for part in parts if len(part) >= SECRET_MIN}, seen


def sessions(binary: str, row: Row) -> list:
    documents = [json.loads(line) for line in row.run(binary).out.splitlines()]
    return [document for document in documents if document.get("type") == "session"]


def attempts(binary: str, row: Row) -> int:
    return sum(len(document["auth"]["attempts"]) for document in sessions(binary, row))


def of_keylog(keys: bytes) -> dict:
    """The secrets of TLS connections, in hexadecimal of either kind and raw."""
    secrets = {word for line in keys.splitlines() if not line.startswith(b"#") for word in line.split()[2:]}
    wanted = {form: "of a key log" for word in secrets for form in (word, word.upper(), bytes.fromhex(word.decode()))}
    return wanted | {form: "of a key log, base64" for word in secrets for form in base64_forms(bytes.fromhex(word.decode()))}


def check_outputs(tap: Tap, binary: str, name: str, outputs: tuple, options: list, wanted: dict) -> None:
    for output in outputs:
        result = run(binary, [*options, *output])
        label = f"{name} {' '.join(output)}"
        if tap.ok(result.status == 0 and bool(result.out), f"{label}: there is output", str(result)):
            found = found_in(result.out + b"\n" + result.err, wanted)
            tap.ok(not found, f"{label}: no secret", "\n".join(found))


def check_encrypted(tap: Tap, binary: str, row: Row, packets: list, wanted: dict) -> bool:
    """What the search finds in the capture as it is, it must not find when it was encrypted and is read with its key log."""
    if not encrypt.can_encrypt(packets):
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        path.chmod(0o755)
        sealed, keys = encrypt.encrypt(packets, "tls13")
        rewrite.write(rewrite.Capture(rewrite.read(PCAPS / row.capture).link_type, sealed), path / "sealed.pcap")
        (path / "keys").write_bytes(keys)
        options = ["-r", path / "sealed.pcap", "--keylog", path / "keys", "--ports", encrypt.PORTS]
        read = [json.loads(line) for line in run(binary, [*options, "-o", "json"]).out.splitlines()]
        decrypted = [document for document in read if document["type"] == "session" and (document["tls"] or {}).get("decrypted")]
        tap.ok(any(document["auth"]["attempts"] for document in decrypted), f"{row.capture}, encrypted: AUTH is read", str(read)[:500])
        check_outputs(tap, binary, f"{row.capture}, encrypted:", OF_ENCRYPTED, options, wanted | of_keylog(keys))
    return True


def check_with_keys(tap: Tap, binary: str, row: Row, known: list) -> None:
    """A capture whose own secrets were kept, in a file or in itself."""
    keylog = row.options[row.options.index("--keylog") + 1] if "--keylog" in row.options else None
    keys = pathlib.Path(keylog or PCAPS / "decrypt-starttls.keys").read_bytes()
    wanted = of_keylog(keys)
    for secret in known:
        wanted.update(forms(secret))
    check_outputs(tap, binary, row.capture, OUTPUTS, ["-r", row.capture, *(["--keylog", keylog] if keylog else [])], wanted)


def check_formats(tap: Tap, binary: str, names: list, wanted: dict) -> None:
    files = [word for name in names for word in ("-r", name)]
    for name in FORMATS:
        for options in ([], ["--users", "hash"], ["--attachments"]):
            result = run(binary, [*files, "-o", name, *options])
            what = f"-o {name} {' '.join(options)}: {len(names)} captures"
            if tap.ok(result.status in (0, 1) and bool(result.out), f"{what}: there is output", str(result)):
                found = found_in(result.out + b"\n" + result.err, wanted)
                tap.ok(not found, f"{what}: none of {len(wanted)} forms of secrets", "\n".join(found))


class Checked(Notes):
    """What was checked of a capture: whether it has an AUTH exchange, and whether it was encrypted, too; and what must not be shown of it."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: dict = {}
        self.has_auth = self.was_encrypted = False


def check(binary: str, row: Row, known: list) -> Checked:
    tap = Checked()
    tap.has_auth = check_capture(tap, binary, row, known)
    return tap


def check_capture(tap: Checked, binary: str, row: Row, known: list) -> bool:
    """Returns whether the capture had an AUTH exchange."""
    if "--keylog" in row.options or row.capture == SECRETS_BLOCK:
        check_with_keys(tap, binary, row, known)
        return False
    try:
        packets = rewrite.read(PCAPS / row.capture).packets
    except ValueError as error:
        tap.skip(row.capture, str(error))
        return False
    sent, parts, seen = secrets_of(packets)
    if not seen and not sent and not attempts(binary, row):
        return False
    wanted = {text: "sent" for text in sent}
    for secret in [*known, *parts]:
        wanted.update(forms(secret))
    tap.wanted = wanted
    if sent:
        payload = b"".join(packet.segment.payload for packet in packets if packet.segment)
        tap.ok(bool(found_in(payload, wanted)), f"{row.capture}: the search finds what the capture holds")
    for options in OUTPUTS:
        result = run(binary, ["-r", row.capture, *options])
        name = f"{row.capture} {' '.join(options)}"
        if tap.ok(result.status == row.status and bool(result.out), f"{name}: there is output", str(result)):
            found = found_in(result.out + b"\n" + result.err, wanted)
            tap.ok(not found, f"{name}: no secret", "\n".join(found))
    if sent and not any(document["tls"] for document in sessions(binary, row)):
        tap.was_encrypted = check_encrypted(tap, binary, row, packets, wanted)
    return True


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: no_secrets.py BINARY")
    binary, tap = str(pathlib.Path(sys.argv[1]).resolve()), Tap()
    path = PCAPS / "secrets.txt"
    known = [line for line in path.read_bytes().splitlines() if line] if path.exists() else []
    tap.ok(bool(known), "pcaps/secrets.txt has secrets")
    tap.ok(all(len(secret) >= SECRET_MIN for secret in known), f"each has at least {SECRET_MIN} bytes")
    with_auth = encrypted = 0
    names, wanted = [], {}
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for row, checked in zip(json_rows(), pool.map(check, *zip(*[(binary, row, known) for row in json_rows()]))):
            names += [row.capture] if checked.has_auth else []
            wanted.update(checked.wanted)
            checked.tell(tap)
            with_auth += checked.has_auth
            encrypted += checked.was_encrypted
    tap.ok(with_auth > 0, f"{with_auth} captures have an AUTH exchange")
    tap.ok(encrypted > 20, f"{encrypted} of them were encrypted and read again")
    check_formats(tap, binary, names, wanted)
    tap.finish()


if __name__ == "__main__":
    main()
