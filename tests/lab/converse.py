#!/usr/bin/env python3
"""A client driven by hand: for what real clients do not do when asked.

usage: converse.py [--source ADDRESS] [--eager] HOST PORT < SCRIPT

Each line of the script is a step:
    TEXT        send TEXT and CRLF, then wait for one reply (all its lines)
    N> TEXT     the same, then wait for N replies; 0> does not wait
    = SECONDS   do nothing for that long
    = reset     reset the connection
    = close     close without QUIT
In TEXT the escapes \\r \\n \\t \\xNN \\\\ are understood, so one step can be several
lines in one segment; a final \\c leaves out the CRLF. The greeting is awaited first, unless --eager.
Every reply is printed.
"""

import argparse
import re
import socket
import struct
import sys
import time

SECONDS_MAX = 20
STEP = re.compile(r"(?:(\d+)> ?)?(.*)")


class Conversation:
    def __init__(self, host, port, source):
        self.socket = socket.create_connection((host, port), SECONDS_MAX, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")

    def await_reply(self):
        while True:
            line = self.replies.readline()
            if not line:
                return
            print("S:", line.decode("ascii", "backslashreplace").rstrip())
            if line[3:4] != b"-":
                return

    def send(self, text, reply_count):
        text = text.removesuffix("\\c") if text.endswith("\\c") else text + "\r\n"
        self.socket.sendall(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))
        for _ in range(reply_count):
            self.await_reply()

    def close(self, reset=False):
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.replies.close()
        self.socket.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source")
    parser.add_argument("--eager", action="store_true", help="do not wait for the greeting")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    options = parser.parse_args()

    talk = Conversation(options.host, options.port, options.source)
    if not options.eager:
        talk.await_reply()
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line.startswith("= "):
            action = line[2:]
            if action in ("reset", "close"):
                talk.close(reset=action == "reset")
                return
            time.sleep(float(action))
            continue
        count, text = STEP.fullmatch(line).groups()
        talk.send(text, 1 if count is None else int(count))
    talk.close()


if __name__ == "__main__":
    main()
