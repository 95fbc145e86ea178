#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other programs stop at: cheap proofs, each a capture and what must be true of its session document.

    peers.py BINARY

Captures of pcaps/ by name; those that are too large to keep, or of every code there is, are made here.
"""
import base64
import json
import pathlib
import random
import sys
import tempfile

from scenes import wire
from scenes.wire import CLIENT, SECOND, SERVER
from tap import Tap, run

START = 1795593600 * SECOND  # 2026-11-25 08:00 UTC
MEBIBYTE = 1 << 20
LARGE = 50 * MEBIBYTE
ACKNOWLEDGED_EACH = 64 << 10


# ---- captures made here

class Talk:
    """A conversation with a server as a capture has it."""

    def __init__(self, seed: str):
        self.connection = wire.Connection(("192.0.2.20", 40025), ("192.0.2.10", 25), START, 10**6, random.Random(seed))
        self.connection.handshake()
        self.server("220 mail.example.com ESMTP")

    def server(self, *lines: str) -> None:
        self.connection.send(SERVER, "".join(line + "\r\n" for line in lines).encode())

    def say(self, text: str, *replies: str) -> None:
        self.connection.send(CLIENT, text.encode() + b"\r\n")
        if replies:
            self.server(*replies)

    def mail(self, body: bytes) -> None:
        self.say("MAIL FROM:<carol@example.org>", "250 2.1.0 Ok")
        self.say("RCPT TO:<alice@example.com>", "250 2.1.5 Ok")
        self.say("DATA", "354 go on")
        for at in range(0, len(body), ACKNOWLEDGED_EACH):
            self.connection.send(CLIENT, body[at:at + ACKNOWLEDGED_EACH])
            self.connection.acknowledge(SERVER)
        self.say(".", "250 2.0.0 Ok: queued as 4D3C2B1A0")

    def write(self, path: pathlib.Path) -> None:
        self.say("QUIT", "221 2.0.0 Bye")
        self.connection.close()
        wire.packets.write_pcap(path, [(frame.time, frame.data) for frame in self.connection.frames])


def every_code(path: pathlib.Path) -> None:
    """Each code from 200 to 599, known or not, in answer to a command that may be answered with anything."""
    talk = Talk("every code")
    talk.say("EHLO client.example.com", "250-mail.example.com", "250 8BITMIME")
    for code in range(200, 600):
        if code % 2:
            talk.say(f"NOOP {code}", f"{code} as you like")
        else:
            talk.say(f"NOOP {code}", f"{code}-two", f"{code} lines")
    talk.mail(b"Subject: still in step\r\n\r\nYes.\r\n")
    talk.write(path)


def fifty_mebibytes(path: pathlib.Path) -> None:
    """A mail of 50 MiB, and on the same connection a small one behind it."""
    talk = Talk("50 MiB")
    talk.say("EHLO client.example.com", "250-mail.example.com", "250 SIZE 104857600")
    line = base64.b64encode(bytes(range(57))) + b"\r\n"
    head = b"Subject: large\r\n\r\n"
    talk.mail(head + line * ((LARGE - len(head)) // len(line)) + b"x" * ((LARGE - len(head)) % len(line) - 2) + b"\r\n")
    talk.mail(b"Subject: small\r\n\r\nAnd one more.\r\n")
    talk.write(path)


MADE = {"every-code": every_code, "fifty-mebibytes": fifty_mebibytes}


# ---- what is said of a session

def of_event(session: dict, event: str) -> list:
    return [entry for entry in session["timeline"] if entry["event"] == event]


def codes(session: dict) -> list:
    return [entry["code"] for entry in of_event(session, "reply")]


def code_of(session: dict, verb: str, argument: str) -> int:
    """Of the reply to a command, by its place: each command here waits for its reply."""
    asked = [entry for entry in session["timeline"] if entry["event"] in ("command", "reply")]
    for command, reply in zip(asked, asked[1:]):
        if command["event"] == "command" and command["verb"] == verb and argument in (command.get("argument") or ""):
            return reply["code"]
    return 0


def answers_in_step(session: dict) -> bool:
    """Each reply stands behind the command with its number, and answers NOOP."""
    asked = [entry for entry in session["timeline"] if entry["event"] in ("command", "reply")]
    pairs = [(command.get("argument"), str(reply["code"]), reply["answers"]) for command, reply in zip(asked, asked[1:])
             if command["event"] == "command" and command["verb"] == "NOOP" and reply["event"] == "reply"]
    return pairs == [(str(code), str(code), "NOOP") for code in range(200, 600)]


def delivered(session: dict) -> list:
    return [mail for mail in session["mails"] if mail["result"] == "accepted"]


def finding(session: dict, name: str) -> bool:
    return any(finding["id"] == name for finding in session["findings"])


def accepted_of(mail: dict) -> list:
    return [recipient["accepted"] for recipient in mail["recipients"]]


# What is shown, the capture, what must be true of its only session, or of one of them.
PROOFS = (
    ("432, 472, 523, 556 to commands, and the mail after them", "exim-reply-codes.pcap", lambda session:
     [code_of(session, "MAIL", f"{code}@") for code in (432, 472, 523)] == [432, 472, 523]
     and code_of(session, "RCPT", "556@") == 556 and session["result"] == "delivered"),
    ("538 to AUTH, and the session goes on", "exim-reply-codes.pcap", lambda session:
     session["auth"]["attempts"][0]["reply"]["code"] == 538 and len(session["mails"]) == 4),
    ("every code from 200 to 599, then a mail", "every-code", lambda session:
     answers_in_step(session) and session["result"] == "delivered"),
    ("a gap in the middle of a body, and the reply to it", "gap-in-body.pcap", lambda session:
     session["blind"]["gaps"] == 1 and session["mails"][0]["reply"]["code"] == 250
     and session["mails"][0]["body"]["reply"]["code"] == 250 and of_event(session, "command")[-1]["verb"] == "QUIT"),
    ("a gap in the middle of the commands, and the mail after it", "gap-in-command.pcap", lambda session:
     session["blind"]["gaps"] == 1 and session["result"] == "delivered" and codes(session)[-1] == 221),
    ("50 MiB on one connection, every byte counted, and the mail after it", "fifty-mebibytes", lambda session:
     [mail["body"]["bytes"] for mail in session["mails"]] == [LARGE, 33] and len(delivered(session)) == 2
     and session["blind"]["gaps"] == 0),
    ("a session of 535 and nothing else", "auth-login-rejected.pcap", lambda session:
     session["auth"]["result"] == "rejected" and session["mails"] == [] and finding(session, "auth-rejected")),
    ("MAIL FROM:<>", "bounce-null-sender.pcap", lambda session:
     session["mails"][0]["from"] == "" and session["result"] == "delivered"),
    ("a refused recipient beside an accepted one", "recipient-refused.pcap", lambda session:
     accepted_of(session["mails"][0]) == [True, False] and session["mails"][0]["recipients"][1]["reply"]["code"] == 550),
    ("an attachment by BDAT", "exim-bdat-attachment.pcap", lambda session:
     session["mails"][0]["body"]["command"] == "BDAT" and session["mails"][0]["body"]["complete"]
     and session["mails"][0]["result"] == "accepted"),
    ("a banner of 554", "banner-refused.pcap", lambda session:
     of_event(session, "greeting")[0]["code"] == 554 and finding(session, "banner-refused")),
    ("LMTP: a reply for each recipient after the body", "lmtp-opensmtpd.pcap", lambda session:
     session["protocol"] == "lmtp"
     and [recipient["body_reply"]["code"] for recipient in session["mails"][0]["recipients"]] == [552, 250]),
    ("no MAIL at all", "quit-early.pcap", lambda session: session["result"] == "no-mail" and session["mails"] == []),
    ("a connection that was refused", "refused-connection.pcap", lambda session: session["result"] == "not-established"),
    ("IPv6", "ipv6-auth-plain.pcap", lambda session: session["auth"]["result"] == "accepted"),
    ("joined in the middle", "midstream.pcap", lambda session: len(delivered(session)) == 1 and session["blind"]["midstream"]),
    ("one side only", "one-sided-client.pcap", lambda session: session["mails"][0]["from"] == "alice@example.com"),
)


def sessions_of(binary: str, capture: object) -> tuple:
    result = run(binary, ["-r", capture, "-o", "json"])
    documents = [json.loads(line) for line in result.out.splitlines()] if result.status == 0 else []
    return [document for document in documents if document["type"] == "session"], str(result)


def holds(proof: object, session: dict) -> bool:
    try:
        return bool(proof(session))
    except (KeyError, IndexError, TypeError):
        return False


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: peers.py BINARY")
    binary, tap = str(pathlib.Path(sys.argv[1]).resolve()), Tap()
    with tempfile.TemporaryDirectory() as folder:
        for name, capture, proof in PROOFS:
            path = capture
            if capture in MADE:
                path = pathlib.Path(folder) / f"{capture}.pcap"
                MADE[capture](path)
            sessions, said = sessions_of(binary, path)
            tap.ok(any(holds(proof, session) for session in sessions), f"{capture}: {name}", said)
    tap.finish()


if __name__ == "__main__":
    main()
