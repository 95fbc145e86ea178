#!/usr/bin/env python3
"""A message with everything that MIME has, for the captures of attachments.

usage: mime_message.py data            the message, for DATA: dots not stuffed
       mime_message.py chunks SIZE     the same as BDAT steps for converse.py, in chunks of SIZE bytes
       mime_message.py header CHARSET  a short message whose subject is encoded in that charset; "utf-8-raw": not encoded (RFC 6532)
"""

import base64
import sys

TABLE = bytes(range(256)) * 10  # 2560 bytes
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes((i * 7 + 3) % 256 for i in range(601))
SUBJECTS = {
    "iso-8859-1": "Grüße aus Köln",
    "koi8-r": "Привет из Москвы",
    "shift_jis": "日本語の件名",
    "utf-8": "多言語 €",
    "utf-8-raw": "Grüße ohne Kodierung",
}


def lines(*texts: object) -> bytes:
    return b"".join((text.encode() if isinstance(text, str) else text) + b"\r\n" for text in texts)


def wrapped(data: bytes) -> bytes:
    text = base64.b64encode(data)
    return b"\r\n".join(text[at:at + 76] for at in range(0, len(text), 76))


def inner_message() -> bytes:
    return lines(
        "From: Dave <dave@example.net>",
        "To: Carol <carol@example.org>",
        "Subject: the message inside",
        "Message-ID: <inner.1@example.net>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="inner=_1"',
        "",
        "--inner=_1",
        "Content-Type: text/plain",
        "",
        "inside",
        "--inner=_1",
        "Content-Type: text/html; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "<p>Gr=FC=DFe von=",
        " innen</p>",
        "--inner=_1--")


def message() -> bytes:
    return lines(
        "Received: from desk.example.org (desk.example.org [192.0.2.99])",
        "\tby client.example.com with ESMTP; Wed, 25 Nov 2026 09:59:59 +0000",
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=key; h=from:subject;",
        " bh=AAAA; b=AAAA",
        "From: =?iso-8859-1?Q?J=FCrgen_M=FCller?= <alice@example.com>",
        'To: "Carol" <carol@example.org>,',
        " Dave <dave@example.net>",
        "Cc: list@example.org",
        "Reply-To: answers@example.com",
        "Subject: =?utf-8?B?R3LDvMOfZSA=?=",
        " =?utf-8?B?YXVzIEvDtmxu?= and more",
        "Message-ID: <outer.1@client.example.com>",
        "In-Reply-To: <earlier.1@example.org>",
        "Date: Wed, 25 Nov 2026 10:00:00 +0000",
        "User-Agent: Example Mail 1.0",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="outer=_1"',
        "",
        "This is a message in MIME format.",
        "--outer=_1",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "Grüße, 8 bit wide.",
        ".a line with a dot before it",
        "--outer=_1",
        "Content-Type: application/octet-stream",
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment;",
        " filename*0*=utf-8''%E2%82%AC%20;",
        ' filename*1="rates.bin"',
        "",
        wrapped(TABLE),
        "--outer=_1",
        'Content-Type: image/png; name="=?iso-8859-1?Q?gr=FCn.png?="',
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: inline; filename="=?iso-8859-1?Q?gr=FCn.png?="',
        "",
        wrapped(PICTURE),
        "--outer=_1",
        "Content-Type: message/rfc822",
        "Content-Disposition: attachment",
        "",
        inner_message() + b"--outer=_1",
        "Content-Type: text/plain; name=last.txt",
        "",
        "the last part",
        "",
        "--outer=_1--")


def with_subject(charset: str) -> bytes:
    subject = SUBJECTS[charset]
    encoded = subject.encode() if charset == "utf-8-raw" else \
        f"=?{charset}?B?{base64.b64encode(subject.encode(charset)).decode()}?=".encode()
    return lines("From: <carol@example.org>", b"Subject: " + encoded, f"Message-ID: <{charset}@example.org>", "", charset)


def escaped(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7f and byte != 0x5c else f"\\x{byte:02x}" for byte in data)


def chunks(data: bytes, size: int) -> None:
    for at in range(0, len(data), size):
        chunk = data[at:at + size]
        last = " LAST" if at + size >= len(data) else ""
        print(f"BDAT {len(chunk)}{last}\\r\\n{escaped(chunk)}\\c")


def main() -> None:
    if sys.argv[1] == "data":
        sys.stdout.buffer.write(message())
    elif sys.argv[1] == "chunks":
        chunks(message(), int(sys.argv[2]))
    else:
        print(escaped(with_subject(sys.argv[2])) + ".")


if __name__ == "__main__":
    main()
