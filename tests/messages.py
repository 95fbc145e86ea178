#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of messages is what Python's own email package makes of them: fields, names, types, sizes and hashes.

    messages.py [--seeds N] BINARY

The messages are those of the captures that have some, put together again from the packets, and others that are made up: parts in
parts, every encoding, names and subjects in many charsets. Those go over a wire of their own, by DATA and by BDAT.
"""
import argparse
import base64
import email
import email.header
import email.message
import email.policy
import hashlib
import json
import pathlib
import random
import re
import sys
import tempfile

import conversation
import rewrite
from scenes import wire
from scenes.wire import CLIENT, SERVER, SECOND
from tap import PCAPS, Tap, run

import packets  # of the lab; scenes.wire knows where

CAPTURES = ("attachments.pcap", "attachments-bdat.pcap", "message-charsets.pcap", "large-mail.pcap", "two-mails.pcap", "bdat.pcap",
            "data-dot-stuffing.pcap", "pipelining.pcap", "bounce-null-sender.pcap", "lmtp.pcap", "gateway-down.pcap")
SEEDS = 40
LARGE_CONTENT = 7_300_000  # 10 MB in base64
FIELDS = {"from": "from", "to": "to", "cc": "cc", "reply_to": "reply-to", "subject": "subject", "message_id": "message-id", "date": "date",
          "in_reply_to": "in-reply-to", "user_agent": "user-agent"}
TYPES = ("text/plain", "text/html", "application/pdf", "application/octet-stream", "image/png", "application/zip")
WORDS = (("utf-8", "Grüße €"), ("iso-8859-1", "Köln"), ("koi8-r", "Привет"), ("shift_jis", "日本語"), ("gb2312", "中文"), ("euc-kr", "한국어"),
         ("iso-2022-jp", "件名"), ("windows-1252", "naïve — “quoted”"), ("us-ascii", "plain words"))


# ---- What the email package says ----

def decoded(value: str) -> str:
    """RFC 2047, also inside of quoted strings, and unfolded."""
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", value).strip()
    unfolded = unfolded.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")

    def run_of_words(match: re.Match) -> str:
        return "".join(raw.decode(charset or "ascii") for raw, charset in email.header.decode_header(match.group()))
    word = r"=\?[^? ]+\?[bBqQ]\?[^?]*\?="
    return re.sub(f"{word}(?:[ \t]+{word})*", run_of_words, unfolded)


def expected_headers(message: email.message.Message) -> dict:
    result = {key: decoded(raw_field(message, name)) for key, name in FIELDS.items() if message[name] is not None}
    if "user_agent" not in result and message["x-mailer"] is not None:
        result["user_agent"] = decoded(raw_field(message, "x-mailer"))
    names = [name.lower() for name in message.keys()]
    result["received"] = names.count("received")
    result["dkim"] = "dkim-signature" in names
    result["arc"] = any(name.startswith("arc-") for name in names)
    return result


def raw_field(message: email.message.Message, name: str) -> str:
    """As it was sent; bytes that are no ASCII are UTF-8 here."""
    value = next(value for key, value in message.raw_items() if key.lower() == name)
    return str(value).encode("ascii", "surrogateescape").decode("utf-8")


def expected_parts(message: email.message.Message, path: tuple = ()) -> list:
    """All that holds no parts, and messages in messages."""
    if message.get_content_type() == "message/rfc822":
        # What is inside is hashed as it stands, which the package does not keep: it is left out of the comparison.
        own = {"part": path or (1,), "type": "message/rfc822", "hash": None}
        inner = message.get_payload(0)
        inside = path or (1,)
        return [own, *expected_parts(inner, inside if inner.is_multipart() and inner.get_content_type() != "message/rfc822" else (*inside, 1))]
    if message.get_content_type() == "message/delivery-status":  # which the package takes apart
        return [{"part": path or (1,), "type": message.get_content_type(), "hash": None}]
    if message.is_multipart():
        return [part for number, inner in enumerate(message.get_payload(), 1) for part in expected_parts(inner, (*path, number))]
    content = message.get_payload(decode=True)
    return [{"part": path or (1,), "type": message.get_content_type(), "name": message.get_filename(), "hash": content}]


def differences(mail: dict, raw: bytes) -> list:
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    problems = []
    said = {key: value for key, value in mail["headers"].items() if key != "repeated"}
    expected = expected_headers(message)
    if said != expected:
        problems.append(f"headers {said}\nexpected {expected}")
    parts = expected_parts(message)
    if [part["part"] for part in mail["attachments"]] != [".".join(map(str, part["part"])) for part in parts]:
        return problems + [f"parts {[part['part'] for part in mail['attachments']]}, expected {[part['part'] for part in parts]}"]
    for got, part in zip(mail["attachments"], parts):
        content = part["hash"]
        truth = {"type": part["type"]}
        if part.get("name") is not None:
            truth["name"] = decoded(part["name"])
        if content is not None:
            truth.update(size=len(content), md5=hashlib.md5(content).hexdigest(), sha256=hashlib.sha256(content).hexdigest())
        for name, value in truth.items():
            if got.get(name) != value:
                problems.append(f"part {got['part']}: {name} {got.get(name)!r}, expected {value!r}")
    return problems


# ---- Messages in captures ----

def client_bytes(lines: list) -> list:
    return [line for line in lines if line.side == conversation.CLIENT]


def messages_of(lines: list) -> list:
    """The messages of a conversation, from its lines: what stands between DATA and the dot, or what BDAT counts."""
    found, client = [], iter(client_bytes(lines))
    bdat = b""
    for line in client:
        if line.text.upper() == b"DATA":
            body = []
            for inner in client:
                if inner.text == b".":
                    break
                body.append(inner.text[1:] if inner.text.startswith(b".") else inner.text)
            found.append(b"".join(text + b"\r\n" for text in body))
        elif line.text.upper().startswith(b"BDAT "):
            words = line.text.split()
            size, text = int(words[1]), b""
            while len(text) < size:
                text += next(client).text + b"\r\n"
            # Lines are all that there is here: a chunk that ends inside one has the next command behind it.
            bdat += text[:size]
            rest = text[size:]
            if rest.strip():
                return []
            if len(words) > 2:
                found.append(bdat)
                bdat = b""
    return found


def bdat_messages(packets_of_flow: list) -> list:
    """From the bytes of the client, for chunks that end inside of lines."""
    data, found, message = b"".join(packets_of_flow), [], b""
    while data:
        line, _, data = data.partition(b"\r\n")
        words = line.split()
        if words and words[0].upper() == b"BDAT":
            message, data = message + data[:int(words[1])], data[int(words[1]):]
            if len(words) > 2:
                found, message = [*found, message], b""
    return found


def check_capture(tap: Tap, binary: str, name: str) -> int:
    capture = rewrite.read(PCAPS / name).packets
    raw = []
    for positions in conversation.flows(capture):
        client = conversation.client_of(capture, positions)
        payloads = [capture[at].segment.payload for at in positions if capture[at].segment.source == client]
        if any(payload.upper().startswith(b"BDAT ") for payload in payloads):
            raw += bdat_messages(payloads)
        else:
            raw += messages_of(conversation.conversation(capture, positions))
    result = run(binary, ["-r", name, "-o", "json", "--attachments"])
    mails = [mail for line in result.out.splitlines() for mail in json.loads(line).get("mails", ())
             if json.loads(line)["type"] == "session" and "headers" in mail]
    problems = [problem for mail, message in zip(mails, raw) for problem in differences(mail, message)]
    if len(mails) != len(raw):
        problems.append(f"{len(mails)} messages told of, {len(raw)} in the capture")
    tap.ok(not problems and bool(raw), f"{name}: {len(raw)} messages", "\n".join(problems[:5]))
    return len(raw)


# ---- Made-up messages ----

def encoded_word(rng: random.Random) -> str:
    charset, text = rng.choice(WORDS)
    raw = text.encode(charset)
    if rng.random() < 0.5:
        return f"=?{charset}?{rng.choice('bB')}?{base64.b64encode(raw).decode()}?="
    return f"=?{charset.upper()}?{rng.choice('qQ')}?" + "".join(
        "_" if byte == 0x20 else chr(byte) if chr(byte).isalnum() and byte < 128 else f"={byte:02X}" for byte in raw) + "?="


def folded(rng: random.Random, words: list) -> str:
    return "".join(word + (rng.choice((" ", "\r\n ", "\r\n\t")) if at + 1 < len(words) else "") for at, word in enumerate(words))


def leaf(rng: random.Random) -> bytes:
    content = rng.choice((rng.randbytes(rng.randrange(3000)), b"", b"text of lines\r\n" * rng.randrange(40), "Grüße\r\n".encode() * 5))
    kind = rng.choice(TYPES)
    head = [f"Content-Type: {kind}" + rng.choice(("", "; charset=utf-8", ';\r\n format=flowed; x="a;b"'))]
    name = rng.choice((None, "a.txt", "a b.pdf", "Grüße €.doc", "日本語.zip", 'a "quoted" name', "x" * 200 + ".bin"))
    if name is not None:
        part = email.message.Message()
        part.add_header("Content-Disposition", rng.choice(("attachment", "inline")),
                        filename=name if name.isascii() else ("utf-8", "", name))
        head.append("Content-Disposition: " + part["Content-Disposition"].replace("; ", ";\r\n "))
    encoding = rng.choice(("base64", "quoted-printable", "8bit", None))
    if encoding in ("8bit", None):
        content = b"".join(b"line %d\r\n" % at for at in range(rng.randrange(30)))
    if encoding is not None:
        head.append(f"Content-Transfer-Encoding: {rng.choice((encoding, encoding.upper()))}")
    body = encode(content, encoding)
    rng.shuffle(head)
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def encode(content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        text = base64.b64encode(content)
        return b"\r\n".join(text[at:at + 76] for at in range(0, len(text), 76))
    if encoding == "quoted-printable":
        lines, line = [], b""
        for byte in content:
            piece = bytes([byte]) if 33 <= byte < 127 and byte != 0x3d else b"=%02X" % byte
            if len(line) + len(piece) > 75:
                lines, line = [*lines, line + b"="], b""
            line += piece
        return b"\r\n".join([*lines, line])
    return content


def entity(rng: random.Random, depth: int) -> bytes:
    choice = rng.random()
    if depth > 3 or choice < 0.5:
        return leaf(rng)
    if choice < 0.6:
        return b"Content-Type: message/rfc822\r\n\r\n" + made_up(rng, depth + 1)
    boundary = f"{rng.choice(('b', '=_', '----=_Part', 'a b'))}{rng.getrandbits(32)}{rng.choice(('', '.', '_x'))}"
    parts = [entity(rng, depth + 1) for _ in range(rng.randrange(1, 4))]
    head = f'Content-Type: multipart/{rng.choice(("mixed", "alternative", "related"))};\r\n boundary="{boundary}"'
    border = f"--{boundary}".encode()
    preamble = rng.choice((b"", b"preamble\r\n", b"--\r\n-- not a boundary\r\n"))
    body = preamble + b"".join(border + b"\r\n" + part + b"\r\n" for part in parts) + border + b"--" + rng.choice((b"\r\n", b"\r\nepilogue\r\n", b""))
    return head.encode() + b"\r\n\r\n" + body


def made_up(rng: random.Random, depth: int = 0) -> bytes:
    head = [f"Message-ID: <{rng.getrandbits(64)}@example.org>", "From: " + folded(rng, [encoded_word(rng), "<a@example.org>"]),
            "Subject: " + folded(rng, [encoded_word(rng) for _ in range(rng.randrange(1, 6))] + rng.choice(([], ["plain"]))),
            "To: " + folded(rng, [f"{encoded_word(rng)} <r{at}@example.net>," for at in range(rng.randrange(1, 4))] + ["last@example.net"]),
            "MIME-Version: 1.0"]
    optional = ["Cc: c@example.org", "Reply-To: r@example.org", "Date: Wed, 25 Nov 2026 10:00:00 +0000", "In-Reply-To: <1@example.org>",
                "User-Agent: Test 1", "X-Mailer: Test 2", "Received: from a\r\n\tby b", "Received: from b by c", "DKIM-Signature: v=1;\r\n b=A",
                "ARC-Seal: i=1", "X-Other: " + "x" * 300]
    head += rng.sample(optional, rng.randrange(len(optional)))
    rng.shuffle(head)
    return "\r\n".join(head).encode() + b"\r\n" + entity(rng, depth)


def stuffed(message: bytes) -> bytes:
    text = re.sub(rb"(^|\r\n)\.", rb"\1..", message)
    return text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def play(rng: random.Random, messages: list, bdat_max: int = 4000) -> wire.Connection:
    connection = wire.Connection(("192.0.2.20", 40000), ("192.0.2.10", 25), 1_700_000_000 * SECOND, 10_000, rng)
    connection.handshake()

    def say(text: bytes, reply: bytes) -> None:
        connection.send(CLIENT, text)
        connection.send(SERVER, reply)
    connection.send(SERVER, b"220 mail.example.com ESMTP\r\n")
    say(b"EHLO client.example.com\r\n", b"250-mail.example.com\r\n250-CHUNKING\r\n250 8BITMIME\r\n")
    for message in messages:
        say(b"MAIL FROM:<a@example.org> BODY=8BITMIME\r\n", b"250 2.1.0 Ok\r\n")
        say(b"RCPT TO:<b@example.com>\r\n", b"250 2.1.5 Ok\r\n")
        if rng.random() < 0.5 and message.endswith(b"\r\n"):
            say(b"DATA\r\n", b"354 go\r\n")
            say(stuffed(message), b"250 2.0.0 Ok\r\n")
            continue
        at = 0
        while at < len(message):
            size = min(rng.randrange(1, bdat_max), len(message) - at)
            last = b" LAST" if at + size == len(message) else b""
            say(b"BDAT %d%s\r\n" % (size, last) + message[at:at + size], b"250 2.0.0 Ok\r\n")
            at += size
    say(b"QUIT\r\n", b"221 2.0.0 Bye\r\n")
    connection.close()
    return connection


def check_made_up(tap: Tap, binary: str, seed: int, folder: pathlib.Path) -> None:
    rng = random.Random(seed)
    messages = [made_up(rng) for _ in range(6)]
    path = folder / f"{seed}.pcap"
    connection = play(rng, messages)
    packets.write_pcap(path, [(frame.time, frame.data) for frame in connection.frames])
    result = run(binary, ["-r", str(path), "-o", "json", "--attachments"])
    try:
        mails = json.loads(result.out.splitlines()[0])["mails"]
    except (ValueError, IndexError, KeyError) as error:
        tap.ok(False, f"seed {seed}", f"{error}\n{result}")
        return
    problems = [problem for mail, message in zip(mails, messages) for problem in differences(mail, message)]
    if len(mails) != len(messages) or any(mail["result"] != "accepted" for mail in mails):
        problems.append("not all mails were seen")
    tap.ok(not problems, f"seed {seed}: {sum(len(mail['attachments']) for mail in mails)} parts", "\n".join(problems[:3]))


def check_long_session(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """Messages that together are much larger than the memory for messages, in one session: each is read when it is over."""
    rng = random.Random(2)
    contents = [rng.randbytes(LARGE_CONTENT) for _ in range(10)]
    head = b'Subject: large\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    segment_max, wire.SEGMENT_MAX = wire.SEGMENT_MAX, 60_000  # as a card hands them over that puts segments together
    connection = play(rng, [head + base64.encodebytes(content).replace(b"\n", b"\r\n") for content in contents], bdat_max=10**7)
    wire.SEGMENT_MAX = segment_max
    path = folder / "long-session.pcap"
    packets.write_pcap(path, [(frame.time, frame.data) for frame in connection.frames])
    result = run(binary, ["-r", str(path), "-o", "json", "--attachments"])
    mails = json.loads(result.out.splitlines()[0])["mails"]
    told = [(mail["headers"].get("subject"), mail.get("truncated"), [(part["size"], part.get("md5"), part.get("sha256"))
             for part in mail["attachments"]]) for mail in mails]
    expected = [("large", None, [(len(content), hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest())]) for content in contents]
    tap.ok(told == expected, f"{len(contents)} mails of 10 MB in one session: all have their hashes", f"{told}\nexpected {expected}\n{result.err}")


def check_memory(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """What there is no room for is truncated, and said to be; its header is told all the same."""
    for lines, memory, truncated in ((6500, "64M", 0), (6500, "4M", 0), (16000, "4M", 4)):
        check_truncated(tap, binary, folder, lines, memory, truncated)


def check_truncated(tap: Tap, binary: str, folder: pathlib.Path, lines: int, memory: str, truncated: int) -> None:
    rng = random.Random(1)
    head = b"Subject: large\r\nContent-Type: application/octet-stream\r\n\r\n"
    connection = play(rng, [head + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * lines for _ in range(4)])
    path = folder / "memory.pcap"
    packets.write_pcap(path, [(frame.time, frame.data) for frame in connection.frames])
    result = run(binary, ["-r", str(path), "-o", "json", "--attachments", "--max-memory", memory])
    mails = json.loads(result.out.splitlines()[0])["mails"]
    problems = [mail for mail in mails if mail["headers"].get("subject") != "large" or mail.get("truncated") != (
        None if mail["attachments"] and "sha256" in mail["attachments"][0] else True)]
    tap.ok(not problems and len(mails) == 4 and sum("truncated" in mail for mail in mails) == truncated,
           f"{memory} of memory: {truncated} of 4 messages are truncated",
           str([(mail.get("truncated"), mail["headers"], mail["attachments"]) for mail in mails]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("binary")
    arguments = parser.parse_args()
    binary, tap = str(pathlib.Path(arguments.binary).resolve()), Tap()
    count = sum(check_capture(tap, binary, name) for name in CAPTURES)
    tap.ok(count > 20, f"{count} messages in captures")
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(arguments.seeds):
            check_made_up(tap, binary, seed, pathlib.Path(folder))
        check_memory(tap, binary, pathlib.Path(folder))
        check_long_session(tap, binary, pathlib.Path(folder))
    tap.finish()


if __name__ == "__main__":
    main()
