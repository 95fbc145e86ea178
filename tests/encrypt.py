# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypts captures: the same conversations, each packet's payload in TLS from the first byte on, with the secrets as a key log.

Python's ssl plays both sides, so that nothing here shares a line with what it tests. encrypt.pem is the server's key and certificate,
which are of no use for anything else.
"""
import pathlib
import random
import ssl
import struct
import tempfile

import rewrite

PEM = pathlib.Path(__file__).resolve().with_name("encrypt.pem")

OP_NO_ENCRYPT_THEN_MAC = 1 << 19  # which Python has no name for

# TLS version, cipher suite as OpenSSL calls it, options.
SUITES = {
    "tls13-aes128": (ssl.TLSVersion.TLSv1_3, "TLS_AES_128_GCM_SHA256", 0),
    "tls13": (ssl.TLSVersion.TLSv1_3, None, 0),
    "tls12-aes128-gcm": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", 0),
    "tls12-aes256-gcm": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384", 0),
    "tls12-chacha20": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305", 0),
    "tls12-ccm": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-CCM", 0),
    "tls12-ccm8": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-CCM8", 0),
    "tls12-cbc-sha1": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA", 0),
    "tls12-cbc-sha256": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA256", 0),
    "tls12-cbc-sha384": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA384", 0),
    "tls12-cbc-sha1-mac-first": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA", OP_NO_ENCRYPT_THEN_MAC),
    "tls12-cbc-sha384-mac-first": (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA384", OP_NO_ENCRYPT_THEN_MAC),
}


# Where TLS from the first byte is no surprise: all ports that the captures have. On any other it is not looked into.
PORTS = ",".join(f"{port}/smtps" for port in (24, 25, 465, 587, 2525, 8025))


class Side:
    """One side of a connection: TLS, and where in which stream it is."""

    def __init__(self, context: ssl.SSLContext, is_server: bool):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = None if is_server else "mail.example.com"
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side=is_server, server_hostname=name)
        self.isn = None
        self.template = None  # its SYN, for packets that were not there
        self.clear = self.sealed = 0  # bytes sent, as they were and as they are now
        self.ends = [(0, 0)]  # both, at the end of each packet
        self.fin = False

    def handshake(self) -> bytes:
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def read(self) -> bytes:
        text = b""
        try:
            while part := self.tls.read(65536):
                text += part
        except ssl.SSLWantReadError:
            pass
        return text

    def seq(self) -> int:
        return (self.isn + 1 + self.sealed) % 2**32

    def sealed_ack(self, ack: int) -> int:
        """What the other side acknowledges, of the sealed stream."""
        if self.isn is None:
            return ack
        clear = (ack - self.isn - 1) % 2**32
        if clear > 2**31:
            return ack
        sealed = max(sealed for end, sealed in self.ends if end <= clear)
        return (self.isn + 1 + sealed + (self.fin and clear > self.clear)) % 2**32


class Connection:
    def __init__(self, suite: str, keylog: pathlib.Path):
        version, ciphers, options = SUITES[suite]
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(PEM)
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.minimum_version = client.maximum_version = version
        client.keylog_filename = str(keylog)
        for context in (client, server):
            context.options |= options
            if version == ssl.TLSVersion.TLSv1_2:
                context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
        self.sides = {}
        self.contexts = client, server
        self.shaken = False

    def side(self, segment: rewrite.Segment) -> Side:
        if segment.source not in self.sides:
            is_server = bool(self.sides) if not segment.flags & rewrite.SYN else bool(segment.flags & rewrite.ACK)
            self.sides[segment.source] = Side(self.contexts[is_server], is_server)
        return self.sides[segment.source]

    def rebuilt(self, packet: rewrite.Packet, payload: bytes, own: Side, peer: Side, flags: int = None) -> rewrite.Packet:
        segment = packet.segment
        made = segment.with_payload(payload, own.seq(), segment.flags if flags is None else flags)
        header = bytearray(made.tcp_header)
        if made.flags & rewrite.ACK:
            ack = peer.sealed_ack(segment.ack) if flags is None else peer.seq()
            struct.pack_into("!I", header, 8, ack)
        own.sealed += len(payload)
        return packet.carrying(rewrite.dataclasses.replace(made, tcp_header=bytes(header)))

    def shake_hands(self, time_ns: int) -> list:
        """The packets of the handshake, with no number: they were not in the capture."""
        client, server = sorted(self.sides.values(), key=lambda side: side.tls.server_side)
        packets, own, peer = [], client, server
        for _ in range(8):
            flight = own.handshake()
            if flight:
                peer.incoming.write(flight)
                packet = rewrite.dataclasses.replace(own.template, time_ns=time_ns, frame=0)
                packets.append(self.rebuilt(packet, flight, own, peer, rewrite.ACK | rewrite.PSH))
            own, peer = peer, own
        for side in (client, server):
            side.read()  # session tickets
            side.ends.append((side.clear, side.sealed))
        self.shaken = True
        return packets

    def seal(self, packet: rewrite.Packet, rng: random.Random) -> list:
        """What becomes of the packet, and what comes before it."""
        segment, own = packet.segment, self.side(packet.segment)
        peer = next((side for side in self.sides.values() if side is not own), None)
        if segment.flags & rewrite.SYN:
            own.isn, own.template = segment.seq, packet.carrying(syn_less(segment))
            return [packet]
        before, payload = [], b""
        preface = 0 if self.shaken else proxy_header_len(segment.payload)
        if preface == len(segment.payload) > 0:
            own.clear += preface
            made = self.rebuilt(packet, segment.payload, own, peer)
            own.ends.append((own.clear, own.sealed))
            return [made]
        assert preface == 0, "text behind a PROXY header, in the same packet"
        if segment.payload and not self.shaken:
            before = self.shake_hands(packet.time_ns)
        if segment.payload:
            at = 0
            while at < len(segment.payload):
                size = rng.choice((1, 7, 100, 1000, 65536))
                own.tls.write(segment.payload[at:at + size])
                at += size
            payload = own.outgoing.read()
            peer.incoming.write(payload)
            assert peer.read() == segment.payload
            own.clear += len(segment.payload)
        made = self.rebuilt(packet, payload, own, peer) if peer and own.isn is not None else packet
        own.ends.append((own.clear, own.sealed))
        own.fin = own.fin or bool(segment.flags & rewrite.FIN)
        return [*before, made]


def syn_less(segment: rewrite.Segment) -> rewrite.Segment:
    """Without the options that only a SYN may have."""
    header = bytearray(segment.tcp_header[:20])
    header[12] = 5 << 4
    return rewrite.dataclasses.replace(segment, tcp_header=bytes(header))


def proxy_header_len(payload: bytes) -> int:
    """A header of the PROXY protocol comes before TLS."""
    if payload.startswith(b"PROXY "):
        return payload.index(b"\r\n") + 2
    if payload.startswith(b"\r\n\r\n\0\r\nQUIT\n"):
        return 16 + struct.unpack_from("!H", payload, 14)[0]
    return 0


def can_encrypt(packets: list) -> bool:
    """Only what was captured from the first byte on, once and in order: TLS does not forgive."""
    state = {}
    for packet in packets:
        segment = packet.segment
        if segment is None:
            continue
        key = (segment.flow, segment.source)
        if segment.flags & rewrite.SYN:
            if state.get(key, segment.end) != segment.end:
                return False  # port reuse; that the same SYN is sent again does not matter
            state[key] = segment.end
        elif segment.length and (segment.missing or state.get(key) != segment.seq or segment.flags & rewrite.URG):
            return False
        elif segment.length:
            state[key] = segment.end
        if segment.payload and sum(flow == segment.flow for flow, _ in state) != 2:
            return False
    return any(packet.segment and packet.segment.payload for packet in packets)


def encrypt(packets: list, suite: str, seed: int = 1) -> tuple:
    """The packets encrypted, those of the handshakes with frame 0, and the text of the key log."""
    rng, connections, result = random.Random(seed), {}, []
    with tempfile.TemporaryDirectory() as folder:
        keylog = pathlib.Path(folder) / "keys"
        keylog.touch()
        for packet in packets:
            if packet.segment is None:
                result.append(packet)
                continue
            flow = packet.segment.flow
            if flow not in connections:
                connections[flow] = Connection(suite, keylog)
            result += connections[flow].seal(packet, rng)
        return result, keylog.read_bytes()
