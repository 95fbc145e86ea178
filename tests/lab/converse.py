#!/usr/bin/env python3
"""A client driven by hand: for what real clients do not do when asked.

usage: converse.py [--source ADDRESS] [--eager] [TLS OPTION...] HOST PORT < SCRIPT

Each line of the script is a step:
    TEXT        send TEXT and CRLF, then wait for one reply (all its lines)
    N> TEXT     the same, then wait for N replies; 0> does not wait
    = SECONDS   do nothing for that long
    = reset     reset the connection
    = close     close without QUIT
    = tls       start TLS, after STARTTLS
    = again     connect again and go on with the same TLS session
In TEXT the escapes \\r \\n \\t \\xNN \\\\ are understood, so one step can be several
lines in one segment; a final \\c leaves out the CRLF. The greeting is awaited first, unless --eager.
Every reply is printed.
"""

import argparse
import re
import socket
import ssl
import struct
import sys
import time

SECONDS_MAX = 20
STEP = re.compile(r"(?:(\d+)> ?)?(.*)")


OP_NO_ENCRYPT_THEN_MAC = 1 << 19  # which Python has no name for


def tls_context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if options.tls_version:
        context.minimum_version = context.maximum_version = ssl.TLSVersion["TLSv" + options.tls_version.replace(".", "_")]
    if options.ciphers:
        context.set_ciphers(options.ciphers + ":@SECLEVEL=0")
    if options.mac_then_encrypt:
        context.options |= OP_NO_ENCRYPT_THEN_MAC
    if options.keylog:
        context.keylog_filename = options.keylog
    return context


class Conversation:
    def __init__(self, host, port, source, context=None, session=None):
        self.socket = socket.create_connection((host, port), SECONDS_MAX, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")
        if context:
            self.start_tls(context, session)

    def start_tls(self, context, session=None):
        self.replies.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="mail.example.com", session=session)
        print("TLS:", self.socket.version(), self.socket.cipher()[0], "resumed" if self.socket.session_reused else "new")
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
    parser.add_argument("--wrap", action="store_true", help="TLS from the first byte")
    parser.add_argument("--tls-version", choices=("1.2", "1.3"))
    parser.add_argument("--ciphers")
    parser.add_argument("--mac-then-encrypt", action="store_true", help="do not negotiate encrypt-then-MAC (RFC 7366)")
    parser.add_argument("--keylog", help="where to write the secrets")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    options = parser.parse_args()

    context = tls_context(options)
    talk = Conversation(options.host, options.port, options.source, context if options.wrap else None)
    if not options.eager:
        talk.await_reply()
    for line in sys.stdin:
        line = line.rstrip("\n")
        if line.startswith("= "):
            action = line[2:]
            if action == "tls":
                talk.start_tls(context)
                continue
            if action == "again":
                session = talk.socket.session
                talk.close()
                talk = Conversation(options.host, options.port, options.source, context, session)
                talk.await_reply()
                continue
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
