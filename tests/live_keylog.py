#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key log that grows while the program runs in its sandbox: sessions are read whose secrets come before them, while they last, in
pieces of lines, or at their very end, and after the file was emptied; those whose secrets never come stay encrypted.

    live_keylog.py BINARY

The captures whose secrets were kept are sent over a veth pair; what the program says is what it says of the files. The key log is
root's alone, and the program gives that up before the first packet. Built with sanitizers, two layers of the sandbox are left out;
suite "release" has them.
"""
import os
import pathlib
import shutil
import sys
import tempfile
import time

import live
import no_secrets
import rewrite
from netns import add_pair, make_namespace, missing, open_sender
from tap import PCAPS, Tap, run

# Where in the capture its secrets are written; 0: before, 1: behind its last packet but one.
DUE = {"decrypt-starttls": 0, "decrypt-smtps": 0.5, "decrypt-chacha20": 0.9, "decrypt-chacha20-tls12": 0.3, "decrypt-resumed": 0.2,
       "decrypt-resumed-tls12": 0.2, "decrypt-key-update": 1, "decrypt-hello-retry": 1, "decrypt-large-mail": 0.7}
TORN = {"decrypt-smtps", "decrypt-resumed"}  # and in two pieces, cut within a line
AFTER_EMPTYING = {"decrypt-rsa-key-exchange": 0.5, "decrypt-after-commands": 0.6}
NEVER = "decrypt-encrypt-then-mac"
PAUSE_S = 0.4  # longer than it takes until the key log is looked at again


class Talk:
    """A capture that is sent, and its secrets."""

    def __init__(self, name: str, due: float):
        self.name = name
        capture = live.as_ethernet(rewrite.read(PCAPS / f"{name}.pcap"))
        self.frames = [packet.data for packet in capture.packets]
        self.keys = (PCAPS / f"{name}.keys").read_bytes()
        self.due = round(due * (len(self.frames) - 1))
        self.sent = 0

    def send(self, sender: object, end: int) -> None:
        for frame in self.frames[self.sent:end]:
            sender.send(frame)
            time.sleep(0.001)
        self.sent = max(self.sent, end)


def append(path: pathlib.Path, text: bytes) -> None:
    with open(path, "ab") as file:
        file.write(text)


def send_all(talks: list, sender: object, keylog: pathlib.Path) -> None:
    """All of them up to where the secrets come, then the secrets, then the rest."""
    for talk in talks:
        talk.send(sender, talk.due)
    time.sleep(PAUSE_S)
    for talk in talks:
        cut = len(talk.keys) // 2 + 7 if talk.name in TORN else 0
        append(keylog, talk.keys[:cut])
        if cut:
            time.sleep(PAUSE_S)
        append(keylog, talk.keys[cut:])
    time.sleep(PAUSE_S)
    for talk in talks:
        talk.send(sender, len(talk.frames))


def expected_of(binary: str, name: str, keys: bool) -> dict:
    options = ["--keylog", PCAPS / f"{name}.keys"] if keys else []
    out = run(binary, ["-q", "-r", f"{name}.pcap", "-o", "json", *options]).out
    documents = [document for document in map(live.json.loads, out.splitlines()) if document["type"] == "session"]
    return {(name, *key): document for key, document in live.by_endpoints(documents).items()}


def check_documents(tap: Tap, name: str, expected: dict, found: dict) -> None:
    for (_, *key), document in expected.items():
        got = found.get(tuple(key))
        if not tap.ok(got is not None, f"{name}: session {key[1]} is told of"):
            continue
        tap.ok(got["tls"]["decrypted"], f"{name}: session {key[1]} was decrypted", str(got["tls"]))
        excluded = live.OF_FRAMES | live.OF_RUNS
        different = live.differences(*(live.without_times(live.without(one, excluded)) for one in (document, got)))
        tap.ok(not different, f"{name}: session {key[1]} as in the file", "\n".join(different[:5]))


def check_secrets(tap: Tap, scope: live.Scope, keys: list) -> None:
    """Neither passwords nor any of the TLS connections' secrets."""
    written = b"\n".join(line.data for line in scope.lines) + scope.stderr().encode()
    wanted = {secret: "of TLS" for text in keys for line in text.splitlines() for secret in line.split()[2:]}
    for secret in (PCAPS / "secrets.txt").read_bytes().splitlines():
        wanted.update(no_secrets.forms(secret) if secret else {})
    found = no_secrets.found_in(written, wanted)
    tap.ok(len(written) > 50000 and len(wanted) > 20 and not found, "no secret was written", "\n".join(found[:10]))


def check_run(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    keylog = folder / "keys"
    keylog.touch(0o600)
    watcher = live.Watcher()
    scope = live.Scope(binary, folder, "live", "-i", "right0", "-o", "json", "-v", "--keylog", str(keylog))
    watcher.add(scope)
    if not tap.ok(scope.wait_ready(), "it starts with an empty key log", str(scope)):
        return
    sanitized = "left out in a build with sanitizers" in scope.stderr()
    if sanitized:
        tap.skip("the sandbox", "two layers are left out with sanitizers")
    else:
        status = scope.stderr()
        tap.ok("Landlock active" in status and "seccomp active" in status or "not in this kernel" in status, "it is in its sandbox", status)
    first, second = ([Talk(name, due) for name, due in some.items()] for some in (DUE, AFTER_EMPTYING))
    never = Talk(NEVER, 0)
    with open_sender("left0") as sender:
        append(keylog, b"# a comment\nnonsense\n")
        never.send(sender, len(never.frames))
        send_all(first, sender, keylog)
        time.sleep(PAUSE_S)
        os.truncate(keylog, 0)
        time.sleep(PAUSE_S)
        send_all(second, sender, keylog)
    expected = {key: document for talk in first + second for key, document in expected_of(binary, talk.name, True).items()}
    scope.wait_for(lambda: len(scope.documents("session")) > len(expected))
    tap.equal("status", scope.stop(watcher), 0) or tap.say(str(scope))
    watcher.running = False
    found = live.by_endpoints(scope.documents("session"))
    tap.equal("sessions", len(found), len(expected) + 1)
    for talk in first + second:
        check_documents(tap, talk.name, {key: document for key, document in expected.items() if key[0] == talk.name}, found)
    for (_, *key) in expected_of(binary, NEVER, False):
        got = found.get(tuple(key), {"tls": {}, "mails": [1], "auth": {"attempts": [1]}})
        tap.equal(f"{NEVER}: not decrypted, and why", (got["tls"].get("decrypted"), got["tls"].get("unread", {}).get("reason")),
                  (False, "no-key"))
        tap.equal(f"{NEVER}: nothing is told of it", (got["mails"], got["auth"]["attempts"]), ([], []))
    final = scope.documents("statistics")[-1]
    read = sum(line.split()[0] in READ_LABELS for talk in first + second for line in talk.keys.splitlines())
    tap.equal("statistics", {key: final["decryption"][key] for key in ("connections", "decrypted", "secrets_read", "lines_not_understood")},
              {"connections": len(expected) + 1, "decrypted": len(expected), "secrets_read": read, "lines_not_understood": 1})
    check_secrets(tap, scope, [talk.keys for talk in first + second])


READ_LABELS = {b"CLIENT_RANDOM", b"CLIENT_HANDSHAKE_TRAFFIC_SECRET", b"SERVER_HANDSHAKE_TRAFFIC_SECRET", b"CLIENT_TRAFFIC_SECRET_0",
               b"SERVER_TRAFFIC_SECRET_0"}


def check_missing(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """A key log that is not there, or none at all: said at once."""
    for name, text in ((folder / "none", "No such file or directory"), (folder, "Is a directory")):
        result = run(binary, ["-i", "lo", "-o", "json", "--keylog", name], env={"ASAN_OPTIONS": "detect_leaks=0"})
        tap.ok(result.status == 1 and text in result.err.decode() and not result.out, f"key log: {text}", str(result))


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: live_keylog.py BINARY")
    tap, reason = Tap(), missing()
    if reason:
        tap.skip("all", reason)
        tap.finish()
    make_namespace()
    add_pair("left0", "right0", live.MTU)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="smtpscope-keylog-"))
    folder.chmod(0o755)
    shutil.chown(folder, live.NOBODY, live.NOBODY)
    try:
        check_run(tap, str(pathlib.Path(sys.argv[1]).resolve()), folder)
        check_missing(tap, str(pathlib.Path(sys.argv[1]).resolve()), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tap.finish()


if __name__ == "__main__":
    main()
