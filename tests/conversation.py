# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of the TCP conversations in a capture, and the secrets in them, found without the program under test."""
import base64
import binascii
import re
import typing

import rewrite

CLIENT, SERVER = "client", "server"

# A line that is no answer to a challenge, whatever the state: the final reply may not have been captured.
COMMAND = re.compile(rb"(MAIL FROM:|RCPT TO:|(EHLO|HELO|LHLO) |(DATA|RSET|QUIT|STARTTLS)$)", re.IGNORECASE)


AUTH = (b"AUTH", b"X-EXPS")  # the second is Exchange's


class Line(typing.NamedTuple):
    packet: int  # index of the packet that completed it
    side: str
    text: bytes


def flows(packets: list) -> list:
    """The packet indices of each TCP connection's segments."""
    return list(rewrite.positions_by_flow(packets).values())


def client_of(packets: list, positions: list) -> tuple:
    """Who sent the SYN; without one, who talks to the lower port."""
    for position in positions:
        segment = packets[position].segment
        if segment.flags & rewrite.SYN:
            return segment.target if segment.flags & rewrite.ACK else segment.source
    segment = packets[positions[0]].segment
    return max(segment.source, segment.target, key=lambda endpoint: endpoint[1])


def conversation(packets: list, positions: list) -> list:
    """The lines of both sides in the order in which they were complete. A hole ends a line."""
    client = client_of(packets, positions)
    by_side = {CLIENT: [], SERVER: []}
    for position in positions:
        segment = packets[position].segment
        if segment.payload:
            by_side[CLIENT if segment.source == client else SERVER].append((position, segment))
    lines = [line for side, segments in by_side.items() for line in side_lines(side, segments)]
    return sorted(lines, key=lambda line: line.packet)


def side_lines(side: str, segments: list) -> list:
    if not segments:
        return []
    base = segments[0][1].seq

    def offset(item: tuple) -> int:
        return (item[1].seq - base + 2**31) % 2**32 - 2**31
    lines, pending, done, last = [], b"", None, 0
    for position, segment in sorted(segments, key=offset):
        at = offset((position, segment))
        if done is not None and at > done and pending:
            lines.append(Line(last, side, pending))
            pending = b""
        if done is not None and at + len(segment.payload) <= done:
            continue  # all of it was there before
        fresh = segment.payload[max(0, (done if done is not None else at) - at):]
        done, last = at + len(segment.payload), max(last, position)
        *whole, pending = (pending + fresh).split(b"\n")
        lines += [Line(last, side, text.rstrip(b"\r")) for text in whole]
    return lines + ([Line(last, side, pending)] if pending else [])


class Response(typing.NamedTuple):
    mechanism: bytes  # upper-cased; empty when the AUTH command was not captured
    number: int       # which answer of the exchange, from 0
    text: bytes       # as sent: base64


def auth_responses(lines: list) -> list:
    """Every client line, initial response included, between an AUTH command and the reply that ends the exchange."""
    responses, open_mechanism, number = [], None, 0
    for line in lines:
        words = line.text.split()
        if line.side == SERVER:
            if line.text[:3] == b"334" and open_mechanism is None:
                open_mechanism, number = b"", 0
            elif line.text[:3] != b"334" and line.text[:3].isdigit():
                open_mechanism = None
        elif words and words[0].upper() in AUTH:
            open_mechanism, number = (words[1].upper() if len(words) > 1 else b""), 0
            for word in words[2:]:
                responses.append(Response(open_mechanism, number, word))
                number += 1
        elif open_mechanism is not None and COMMAND.match(line.text):
            open_mechanism = None
        elif open_mechanism is not None:
            responses.append(Response(open_mechanism, number, line.text))
            number += 1
    return [response for response in responses if response.text not in (b"", b"*", b"=")]


def saw_auth(lines: list) -> bool:
    return any(line.side == CLIENT and line.text.split(b" ")[0].upper() in AUTH and b" " in line.text for line in lines)


def decoded(text: bytes) -> typing.Optional[bytes]:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None


# RFC 2831, 2.1.2: who logs in where, and how. The others are what a password can be guessed from.
SAID_OPENLY = (b"username", b"realm", b"digest-uri", b"authzid", b"charset", b"qop", b"nc", b"maxbuf", b"cipher")

# Their responses hold names only, or bytes of which the base64 form is the only one that could be recognised.
WITHOUT_PARTS = (b"", b"EXTERNAL", b"ANONYMOUS", b"GSSAPI", b"NTLM")


def secret_parts(response: Response) -> list:
    """What in a response must never be shown, user names left out: they are not secret."""
    raw = decoded(response.text)
    if raw is None:
        return [response.text]
    if response.mechanism == b"PLAIN":
        return raw.split(b"\0")[2:]
    if response.mechanism == b"LOGIN":
        return [raw] if response.number == 1 else []
    if response.mechanism == b"CRAM-MD5":
        return raw.rsplit(b" ", 1)[1:]
    if response.mechanism == b"DIGEST-MD5":
        return [value for name, value in re.findall(rb'([a-z-]+)="?([^",]*)', raw) if name not in SAID_OPENLY]
    if response.mechanism in WITHOUT_PARTS:
        return []
    # Tokens, nonces and proofs, as OAUTHBEARER, XOAUTH2 and SCRAM have them: the long words that are not said to be a name, or the
    # kind of a channel binding (p=tls-unique).
    words = re.split(rb"[\x00\x01, ]+", raw)
    return [re.sub(rb"^(auth|[prc])=", b"", word) for word in words
            if len(word) >= 8 and not re.match(rb"(n|a|user|host|port)=|p=tls-", word)]
