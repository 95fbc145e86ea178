#!/usr/bin/env python3
"""Writes a mail with a text, an image and a table to standard output, the same bytes each time but for the date.

usage: attachment.py FROM TO
"""

import struct
import sys
import zlib
from email.message import EmailMessage
from email.utils import format_datetime
from datetime import datetime, timezone


def png_chunk(kind, data):
    body = kind + data
    return struct.pack("!I", len(data)) + body + struct.pack("!I", zlib.crc32(body))


def png(width, height):
    """A small image of a colour gradient."""
    rows = b"".join(b"\0" + bytes((x * 7 + y * 3 + x * y) % 256 for x in range(width)) for y in range(height))
    header = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    mail = EmailMessage()
    mail["Date"] = format_datetime(datetime.now(timezone.utc))
    mail["From"], mail["To"] = f"Erin Müller <{sys.argv[1]}>", sys.argv[2]
    mail["Subject"] = "Grüße mit Anhang"
    mail["Message-ID"] = f"<attachment.1@{sys.argv[1].split('@')[1]}>"
    mail["User-Agent"] = "Labmail 1.0"
    mail.set_content("Two files are attached.\n")
    mail.add_attachment(png(48, 32), maintype="image", subtype="png", filename="gradient.png")
    mail.add_attachment("name;amount\r\nApfel;3\r\n".encode(), maintype="text", subtype="csv", filename="Übersicht März.csv")
    sys.stdout.buffer.write(mail.as_bytes())


if __name__ == "__main__":
    main()
