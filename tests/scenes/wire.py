# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP connections and ICMP errors as Ethernet frames: handshake, sequence numbers, acknowledgements, FIN."""
import dataclasses
import ipaddress
import pathlib
import random
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

import packets  # noqa: E402
from packets import ACK, FIN, PSH, RST, SYN  # noqa: E402

CLIENT, SERVER = 0, 1
MICROSECOND, MILLISECOND, SECOND = 10**3, 10**6, 10**9
SEGMENT_MAX = 1448
DELAYED_ACK = 40 * MILLISECOND
SYN_OPTIONS = bytes.fromhex("020405b401030307")  # MSS 1460, window scale 7
SYN_RETRIES_S = (1, 3, 7)  # after the first, in seconds
ICMP, ICMPV6 = 1, 58


@dataclasses.dataclass(frozen=True)
class Frame:
    time: int
    data: bytes
    payload: bytes = b""
    side: int = 0  # who sent it


@dataclasses.dataclass
class Side:
    """One end of a connection, and the sequence number it sends next."""
    address: bytes
    port: int
    next: int
    ttl: int

    @property
    def mac(self) -> bytes:
        return b"\x02\x00" + self.address[-4:]


class Connection:
    """One TCP connection as a capture between both ends has it."""

    def __init__(self, client: tuple, server: tuple, start: int, delay: int, rng: random.Random):
        self.now, self.delay, self.rng = start, delay, rng
        self.frames, self.segments = [], []
        self.sides = [Side(ipaddress.ip_address(address).packed, port, rng.getrandbits(32), 64)
                      for address, port in (client, server)]

    def pass_time(self, nanoseconds: int) -> None:
        """A side that has nothing to say for long acknowledges what it got."""
        last = self.segments[-1]
        if last.payload and nanoseconds > DELAYED_ACK:
            self.now += DELAYED_ACK
            self._emit(CLIENT if last.source_port == self.sides[SERVER].port else SERVER, ACK)
            nanoseconds -= DELAYED_ACK
        self.now += nanoseconds

    def _emit(self, side: int, flags: int, payload: bytes = b"", options: bytes = b"") -> packets.Segment:
        own, peer = self.sides[side], self.sides[1 - side]
        segment = packets.Segment(
            self.now, peer.mac, own.mac, own.address, peer.address, own.port, peer.port, own.next,
            peer.next if flags & ACK else 0, flags, 64240, options, payload, self.rng.getrandbits(16), own.ttl)
        own.next = segment.end
        self.segments.append(segment)
        self.frames.append(Frame(self.now, packets.frame_bytes(segment), payload, side))
        return segment

    def _travel(self) -> None:
        self.now += self.delay + self.rng.randrange(60) * MICROSECOND

    def handshake(self) -> None:
        self._emit(CLIENT, SYN, options=SYN_OPTIONS)
        self._travel()
        self._emit(SERVER, SYN | ACK, options=SYN_OPTIONS)
        self._travel()
        self._emit(CLIENT, ACK)

    def send(self, side: int, data: bytes) -> None:
        self._travel()
        for at in range(0, len(data), SEGMENT_MAX):
            piece = data[at:at + SEGMENT_MAX]
            last = at + len(piece) == len(data)
            self._emit(side, ACK | PSH if last else ACK, piece)
            self.now += 3 * MICROSECOND

    def acknowledge(self, side: int) -> None:
        self._travel()
        self._emit(side, ACK)

    def close(self, first: int = CLIENT) -> None:
        self._travel()
        self._emit(first, FIN | ACK)
        self._travel()
        self._emit(1 - first, FIN | ACK)
        self._travel()
        self._emit(first, ACK)

    def reset(self, side: int) -> None:
        self._travel()
        self._emit(side, RST | ACK)

    # ---- connections that come to nothing

    def refused(self) -> None:
        self._emit(CLIENT, SYN, options=SYN_OPTIONS)
        self._travel()
        self.sides[SERVER].next = 0
        self._emit(SERVER, RST | ACK)

    def unanswered(self, retries: tuple = SYN_RETRIES_S) -> None:
        start = self.now
        syn = self._emit(CLIENT, SYN, options=SYN_OPTIONS)
        for after in retries:
            self.now = start + after * SECOND
            again = syn.changed(time=self.now, identification=self.rng.getrandbits(16))
            self.frames.append(Frame(self.now, packets.frame_bytes(again)))

    def prohibited(self, router: str) -> None:
        syn = self._emit(CLIENT, SYN, options=SYN_OPTIONS)
        self._travel()
        self.frames.append(Frame(self.now, prohibited_error(syn, ipaddress.ip_address(router).packed), side=SERVER))


def prohibited_error(segment: packets.Segment, router: bytes) -> bytes:
    """A router's ICMP or ICMPv6 error, administratively prohibited, as a frame to the sender of the segment."""
    about = packets.ip_bytes(segment)
    link = segment.mac_source + b"\x02\x00" + router[-4:]
    if len(router) == 4:
        message = struct.pack("!BBHI", 3, 13, 0, 0) + about
        message = message[:2] + struct.pack("!H", packets.checksum(message)) + message[4:]
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(message), 0, 0, 64, ICMP, 0, router, segment.source)
        header = header[:10] + struct.pack("!H", packets.checksum(header)) + header[12:]
        return link + struct.pack("!H", packets.ETHERTYPE_IPV4) + header + message
    message = struct.pack("!BBHI", 1, 1, 0, 0) + about
    pseudo = router + segment.source + struct.pack("!II", len(message), ICMPV6)
    message = message[:2] + struct.pack("!H", packets.checksum(pseudo + message)) + message[4:]
    header = struct.pack("!IHBB", 6 << 28, len(message), ICMPV6, 64) + router + segment.source
    return link + struct.pack("!H", packets.ETHERTYPE_IPV6) + header + message


# ---- TLS, as far as it can be seen from outside

def tls_record(kind: int, body: bytes) -> bytes:
    return struct.pack("!BHH", kind, 0x0303, len(body)) + body


def tls_handshake(kind: int, body: bytes) -> bytes:
    return tls_record(22, struct.pack("!I", kind << 24 | len(body)) + body)


def vector(body: bytes, size: int = 2) -> bytes:
    return len(body).to_bytes(size, "big") + body


def extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(body)


def client_hello(name: str, rng: random.Random) -> bytes:
    key = extension(51, vector(struct.pack("!H", 29) + vector(rng.randbytes(32))))
    extensions = (extension(0, vector(b"\0" + vector(name.encode()))) + extension(10, vector(b"\0\x1d"))
                  + extension(13, vector(b"\x04\x03\x08\x04")) + extension(43, vector(b"\x03\x04\x03\x03", 1)) + key)
    return tls_handshake(1, b"\x03\x03" + rng.randbytes(32) + vector(rng.randbytes(32), 1) + vector(b"\x13\x01\x13\x02")
                         + b"\x01\0" + vector(extensions))


def server_hello(rng: random.Random) -> bytes:
    extensions = extension(43, b"\x03\x04") + extension(51, struct.pack("!H", 29) + vector(rng.randbytes(32)))
    return tls_handshake(2, b"\x03\x03" + rng.randbytes(32) + vector(rng.randbytes(32), 1) + b"\x13\x01\0" + vector(extensions))


CHANGE_CIPHER_SPEC = tls_record(20, b"\1")


def application_data(size: int, rng: random.Random) -> bytes:
    return tls_record(23, rng.randbytes(size))
