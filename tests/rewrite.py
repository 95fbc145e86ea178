#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewrites captures: the same conversation in other segments, in another order, with packets twice, or with some missing.

    rewrite.py REWRITE[,REWRITE...] [--seed N] FROM TO      rewrites, by name, one after the other

Tunnels, other links, fragments, copies and IPv6 are in encapsulate.py, under names of their own. A rewrite here is a function from a list of packets and a random generator to a list of packets; REWRITES names them all. Those in
LOSSLESS change nothing that a receiver of the bytes could notice; those in LOSSY lose packets, or parts of them. Packets other than TCP pass untouched, as do IP fragments.

Only the Python standard library is used, so that nothing here shares a line with what it tests.
"""
import argparse
import dataclasses
import gzip
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import typing

FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20

# Link types, by their numbers in capture files.
LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_LOOP, LINK_SLL, LINK_IPV4, LINK_IPV6, LINK_SLL2 = 0, 1, 101, 108, 113, 228, 229, 276

ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0800, 0x86DD
ETHERTYPES_VLAN = (0x8100, 0x88A8, 0x9100)


# ---- Packets ----

@dataclasses.dataclass(frozen=True)
class Segment:
    """A TCP segment, cut out of its packet. header is all before the TCP header: link layer and IP."""
    header: bytes
    ip_at: int             # where in header the IP header starts
    tcp_header: bytes
    payload: bytes
    missing: int           # bytes of payload that the capture cut off
    checksum_right: bool   # false: the sender's network card had not filled it in yet, or it is damaged

    @property
    def version(self) -> int:
        return self.header[self.ip_at] >> 4

    @property
    def addresses(self) -> tuple:
        at, size = (self.ip_at + 12, 4) if self.version == 4 else (self.ip_at + 8, 16)
        return self.header[at:at + size], self.header[at + size:at + 2 * size]

    @property
    def ports(self) -> tuple:
        return struct.unpack_from("!HH", self.tcp_header)

    @property
    def source(self) -> tuple:
        return self.addresses[0], self.ports[0]

    @property
    def target(self) -> tuple:
        return self.addresses[1], self.ports[1]

    @property
    def flow(self) -> tuple:
        """The same for both directions; link headers are not part of it but for their VLANs."""
        return (self.vlans, *sorted((self.source, self.target)))

    @property
    def vlans(self) -> tuple:
        """The tags of an Ethernet header, the only link header in which two flows of equal addresses can differ."""
        tags, at = [], 12
        while self.ip_at >= at + 6 and struct.unpack_from("!H", self.header, at)[0] in ETHERTYPES_VLAN:
            tags.append(struct.unpack_from("!H", self.header, at + 2)[0] & 0xFFF)
            at += 4
        return tuple(tags)

    @property
    def seq(self) -> int:
        return struct.unpack_from("!I", self.tcp_header, 4)[0]

    @property
    def ack(self) -> int:
        return struct.unpack_from("!I", self.tcp_header, 8)[0]

    @property
    def flags(self) -> int:
        return self.tcp_header[13]

    @property
    def length(self) -> int:
        """What it takes of the sequence space."""
        return len(self.payload) + self.missing + bool(self.flags & SYN) + bool(self.flags & FIN)

    @property
    def end(self) -> int:
        return (self.seq + self.length) % 2**32

    def acknowledges(self, other: "Segment") -> bool:
        """Was this sent after other, a segment of the other side with something in it, had arrived?"""
        return bool(self.flags & ACK) and other.length > 0 and (self.ack - other.end) % 2**32 < 2**31

    def with_payload(self, payload: bytes, seq: int, flags: int, missing: int = 0) -> "Segment":
        header = bytearray(self.tcp_header)
        struct.pack_into("!I", header, 4, seq % 2**32)
        header[13] = flags
        return dataclasses.replace(self, tcp_header=bytes(header), payload=payload, missing=missing)

    def build(self) -> bytes:
        """The packet, with right lengths and checksums; a TCP checksum that was wrong, or cannot be known, stays."""
        header = bytearray(self.header)
        at, size = self.ip_at, len(self.tcp_header) + len(self.payload) + self.missing
        if self.version == 4:
            struct.pack_into("!H", header, at + 2, len(header) - at + size)
            struct.pack_into("!H", header, at + 10, 0)
            struct.pack_into("!H", header, at + 10, checksum(bytes(header[at:])))
        else:
            struct.pack_into("!H", header, at + 4, len(header) - at - 40 + size)
        tcp_header = self.tcp_header
        if self.checksum_right and not self.missing:
            blank = tcp_header[:16] + b"\0\0" + tcp_header[18:]
            right = checksum(self.pseudo_header(size) + blank + self.payload)
            tcp_header = blank[:16] + struct.pack("!H", right) + blank[18:]
        return bytes(header) + tcp_header + self.payload

    def pseudo_header(self, size: int) -> bytes:
        return b"".join(self.addresses) + struct.pack("!II", 6, size)


@dataclasses.dataclass(frozen=True)
class Packet:
    time_ns: int
    data: bytes
    wire_len: int
    segment: typing.Optional[Segment] = None
    frame: int = 0  # its number in the capture that was read; a rewrite keeps it

    def carrying(self, segment: Segment) -> "Packet":
        data = segment.build()
        return dataclasses.replace(self, data=data, wire_len=len(data) + segment.missing, segment=segment)


@dataclasses.dataclass
class Capture:
    link_type: int
    packets: list


def checksum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


# ---- Frames to segments ----

def find_ip(link_type: int, data: bytes) -> typing.Optional[int]:
    """Returns where the IP header starts, or None."""
    if link_type == LINK_ETHERNET:
        at = 12
        while len(data) >= at + 6 and struct.unpack_from("!H", data, at)[0] in ETHERTYPES_VLAN:
            at += 4
        return find_ethertype(data, at, at + 2)
    if link_type == LINK_SLL:
        return find_ethertype(data, 14, 16)
    if link_type == LINK_SLL2:
        return find_ethertype(data, 0, 20)
    if link_type in (LINK_NULL, LINK_LOOP):
        return 4
    if link_type in (LINK_RAW, LINK_IPV4, LINK_IPV6, 12, 14):
        return 0
    return None


def find_ethertype(data: bytes, type_at: int, ip_at: int) -> typing.Optional[int]:
    if len(data) < ip_at or struct.unpack_from("!H", data, type_at)[0] not in (ETHERTYPE_IPV4, ETHERTYPE_IPV6):
        return None
    return ip_at


def find_tcp(data: bytes, ip_at: int) -> typing.Optional[tuple]:
    """Returns where the TCP header starts and where the IP packet ends, or None when it is something else or a fragment."""
    if len(data) >= ip_at + 20 and data[ip_at] >> 4 == 4:
        total, _, fragment = struct.unpack_from("!HHH", data, ip_at + 2)
        if data[ip_at + 9] != 6 or fragment & 0x3FFF:
            return None
        return ip_at + (data[ip_at] & 15) * 4, ip_at + total if total else len(data)  # 0: too long for the field (TSO)
    if len(data) >= ip_at + 40 and data[ip_at] >> 4 == 6:
        total, following = struct.unpack_from("!HB", data, ip_at + 4)
        at = ip_at + 40
        while following in (0, 43, 60) and len(data) >= at + 8:  # hop-by-hop, routing, destination options
            following, at = data[at], at + 8 + data[at + 1] * 8
        return (at, ip_at + 40 + total) if following == 6 else None
    return None


def parse_segment(link_type: int, data: bytes) -> typing.Optional[Segment]:
    ip_at = find_ip(link_type, data)
    found = find_tcp(data, ip_at) if ip_at is not None else None
    if not found or len(data) < found[0] + 20:
        return None
    tcp_at, end = found
    payload_at = tcp_at + (data[tcp_at + 12] >> 4) * 4
    if not tcp_at + 20 <= payload_at <= min(len(data), end):
        return None
    segment = Segment(data[:tcp_at], ip_at, data[tcp_at:payload_at], data[payload_at:end], max(0, end - len(data)), True)
    whole = segment.tcp_header + segment.payload
    right = not segment.missing and checksum(segment.pseudo_header(len(whole)) + whole) == 0
    return dataclasses.replace(segment, checksum_right=right)


# ---- Files ----

def read(path: pathlib.Path) -> Capture:
    data = uncompressed(pathlib.Path(path))
    link_type, records = read_pcapng(data) if data[:4] == b"\x0a\x0d\x0d\x0a" else read_pcap(data)
    return Capture(link_type, [Packet(time_ns, frame, wire_len, parse_segment(link_type, frame), number)
                               for number, (time_ns, frame, wire_len) in enumerate(records, 1)])


def uncompressed(path: pathlib.Path) -> bytes:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        if not shutil.which("zstd"):
            raise ValueError(f"{path}: needs the program zstd to be read here")
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


PCAP_MAGICS = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000),
               b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}


def read_pcap(data: bytes) -> tuple:
    if data[:4] not in PCAP_MAGICS:
        raise ValueError("not a capture")
    order, unit = PCAP_MAGICS[data[:4]]
    link_type, records, at = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF, [], 24
    while at + 16 <= len(data):
        seconds, fraction, captured, wire_len = struct.unpack_from(order + "IIII", data, at)
        if at + 16 + captured > len(data):
            break  # a capture that ends in the middle of a frame: what is whole counts
        records.append((seconds * 10**9 + fraction * unit, data[at + 16:at + 16 + captured], wire_len))
        at += 16 + captured
    return link_type, records


def read_pcapng(data: bytes) -> tuple:
    """One section or several, any number of interfaces of one link type; enhanced and simple packet blocks."""
    at, order, interfaces, link_types, records = 0, "<", [], set(), []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order, interfaces = ("<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"), []
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12 or at + size > len(data):
            break
        if kind == 10:
            raise ValueError("secrets in a capture would be lost when it is rewritten")
        body = data[at + 8:at + size - 4]
        if kind == 1:
            link_type, _, snap_len = struct.unpack_from(order + "HHI", body)
            interfaces.append((ticks_per_second(order, body[8:]), snap_len))
            link_types.add(link_type)
        elif kind == 6:
            interface, high, low, captured, wire_len = struct.unpack_from(order + "IIIII", body)
            records.append(((high << 32 | low) * 10**9 // interfaces[interface][0], body[20:20 + captured], wire_len))
        elif kind == 3:
            wire_len = struct.unpack_from(order + "I", body)[0]
            records.append((0, body[4:4 + min(wire_len, interfaces[0][1] or wire_len)], wire_len))
        at += size
    if len(link_types) != 1:
        raise ValueError(f"a capture of {len(link_types)} link types cannot be rewritten")
    return link_types.pop(), records


def ticks_per_second(order: str, options: bytes) -> int:
    while len(options) >= 4:
        code, size = struct.unpack_from(order + "HH", options)
        if code == 9:
            return 2 ** (options[4] & 127) if options[4] & 128 else 10 ** options[4]
        options = options[4 + (size + 3) // 4 * 4:]
    return 10**6


def encode(capture: Capture) -> bytes:
    """As pcap with nanoseconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, capture.link_type)]
    for packet in capture.packets:
        parts += [struct.pack("<IIII", *divmod(packet.time_ns, 10**9), len(packet.data), packet.wire_len), packet.data]
    return b"".join(parts)


def write(capture: Capture, path: pathlib.Path) -> None:
    pathlib.Path(path).write_bytes(encode(capture))


# ---- Rewrites ----

def cut(packet: Packet, points: list) -> list:
    """The packet's payload cut at these points (each within it), as packets of their own, at the same time.

    All keep its acknowledgement: none was sent before the peer's bytes that it acknowledges had arrived. What ends the
    segment (PSH, FIN, what the capture cut off) goes with the last piece.
    """
    segment, pieces = packet.segment, []
    for start, end in zip([0, *points], [*points, len(segment.payload)]):
        last = end == len(segment.payload)
        flags = segment.flags if last else segment.flags & ~(PSH | FIN)
        pieces.append(packet.carrying(segment.with_payload(
            segment.payload[start:end], segment.seq + start, flags, segment.missing if last else 0)))
    return pieces


def can_cut(packet: Packet) -> bool:
    return packet.segment is not None and len(packet.segment.payload) > 1 and not packet.segment.flags & (SYN | RST | URG)


def resegment(packets: list, rng: random.Random) -> list:
    """Cuts payloads at random points, into two to five pieces."""
    result = []
    for packet in packets:
        points = []
        if can_cut(packet):
            size = len(packet.segment.payload)
            points = sorted(rng.sample(range(1, size), min(rng.randint(1, 4), size - 1)))
        result += cut(packet, points) if points else [packet]
    return result


def bytewise(packets: list, rng: random.Random) -> list:
    """Cuts payloads into single bytes: small ones throughout, larger ones in their first and last 32 bytes."""
    result = []
    for packet in packets:
        points = []
        if can_cut(packet):
            size = len(packet.segment.payload)
            points = [point for point in range(1, size) if size <= 200 or point <= 32 or point >= size - 32]
        result += cut(packet, points) if points else [packet]
    return result


# An offload waits for no more segments than come at once.
TOGETHER_NS = 50 * 10**6


def merge(packets: list, rng: random.Random) -> list:
    """Joins a side's segments that follow each other at once with nothing of their flow between, as a large receive offload does."""
    result, last_of_flow, last_time = [], {}, {}
    for packet in packets:
        segment = packet.segment
        if segment is None:
            result.append(packet)
            continue
        at = last_of_flow.get(segment.flow)
        before = result[at].segment if at is not None else None
        if before and packet.time_ns - last_time[segment.flow] <= TOGETHER_NS and can_join(before, segment):
            joined = before.with_payload(before.payload + segment.payload, before.seq, before.flags | segment.flags)
            result[at] = result[at].carrying(joined)
        else:
            last_of_flow[segment.flow] = len(result)
            result.append(packet)
        last_time[segment.flow] = packet.time_ns
    return result


def can_join(before: Segment, segment: Segment) -> bool:
    ends_or_odd = FIN | SYN | RST | URG
    return (before.source == segment.source and before.end == segment.seq and before.ack == segment.ack
            and bool(before.payload) and bool(segment.payload) and not before.missing and not segment.missing
            and not before.flags & ends_or_odd and not segment.flags & ends_or_odd & ~FIN
            and len(before.payload) + len(segment.payload) <= 60000)


def positions_by_flow(packets: list) -> dict:
    flows = {}
    for position, packet in enumerate(packets):
        if packet.segment:
            flows.setdefault(packet.segment.flow, []).append(position)
    return flows


def anchors(packets: list, positions: list) -> set:
    """The packets of a flow that must stay where they are: handshakes and resets, for their order says who is the client and
    who gave up; and where no handshake was captured, the first of each side: a capture begins with what it saw first."""
    fixed = {position for position in positions if packets[position].segment.flags & (SYN | RST)}
    if not packets[positions[0]].segment.flags & SYN:
        first = {}
        for position in positions:
            first.setdefault(packets[position].segment.source, position)
        fixed.update(first.values())
    return fixed


def reorder(packets: list, rng: random.Random) -> list:
    """Shuffles packets that a side had in flight together: those with nothing of the other side between, six at a time.

    A segment thus never comes after the acknowledgement that proves its arrival; see cross() for that.
    """
    result = list(packets)
    for positions in positions_by_flow(packets).values():
        run, anchored = [], anchors(packets, positions)
        for position in [*positions, None]:
            segment = packets[position].segment if position is not None else None
            fixed = segment is None or position in anchored
            if run and (fixed or len(run) == 6 or packets[run[-1]].segment.source != segment.source):
                shuffle(result, run, rng)
                run = []
            if not fixed:
                run.append(position)
    return result


def shuffle(packets: list, positions: list, rng: random.Random) -> None:
    """The packets change places; times stay with the places, so that time does not run backwards."""
    order = list(positions)
    rng.shuffle(order)
    moved = [dataclasses.replace(packets[source], time_ns=packets[target].time_ns)
             for target, source in zip(positions, order)]
    for position, packet in zip(positions, moved):
        packets[position] = packet


def cross(packets: list, rng: random.Random) -> list:
    """Swaps neighbours of both directions where the second acknowledges the first: a capture of two wires that saw the
    answer before the question. Neighbours that know nothing of each other stay: their order is itself what happened.

    Those close in time change their times too, as clocks that differ would make them; clocks do not differ by more, and the others
    keep theirs, as where the packets of two wires are written one after the other."""
    result = list(packets)
    for positions in positions_by_flow(packets).values():
        at, anchored = 0, anchors(packets, positions)
        while at + 1 < len(positions):
            first, second = positions[at], positions[at + 1]
            free = not anchored & {first, second} and can_cross(packets[first].segment, packets[second].segment)
            if free and rng.random() < 0.5:
                times_ns = packets[first].time_ns, packets[second].time_ns
                if times_ns[1] - times_ns[0] > TOGETHER_NS:
                    times_ns = times_ns[::-1]
                result[first] = dataclasses.replace(packets[second], time_ns=times_ns[0])
                result[second] = dataclasses.replace(packets[first], time_ns=times_ns[1])
                at += 1
            at += 1
    return result


def can_cross(first: Segment, second: Segment) -> bool:
    return (first.source != second.source and bool(first.payload) and second.acknowledges(first)
            and not (first.flags | second.flags) & FIN)


def duplicate(packets: list, rng: random.Random) -> list:
    """Repeats packets, at once or a few packets later; handshakes and resets at once only, for later they would be news."""
    result, waiting = [], []
    for packet in packets:
        if packet.segment and packet.segment.flags & SYN:
            # The ports may be in use again: no packet of the old connection comes after this.
            result += [dataclasses.replace(item[1], time_ns=packet.time_ns) for item in waiting]
            waiting = []
        result.append(packet)
        if packet.segment and rng.random() < 0.5:
            later = 0 if packet.segment.flags & (SYN | RST) else rng.choice((0, 0, 1, 2, 5))
            waiting.append([later, packet])
        for item in list(waiting):
            if item[0] == 0:
                result.append(dataclasses.replace(item[1], time_ns=packet.time_ns))
                waiting.remove(item)
            item[0] -= 1
    return result + [dataclasses.replace(item[1], time_ns=packets[-1].time_ns) for item in waiting]


def renumber(packets: list, rng: random.Random) -> list:
    """Gives clients other ports: those from 32768 on are the clients', and each becomes another one of them, so that none meet."""
    first = 32768
    numbers = list(range(first, 65536))
    rng.shuffle(numbers)
    result = []
    for packet in packets:
        if packet.segment:
            ports = [numbers[port - first] if port >= first else port for port in packet.segment.ports]
            header = struct.pack("!HH", *ports) + packet.segment.tcp_header[4:]
            packet = packet.carrying(dataclasses.replace(packet.segment, tcp_header=header))
        result.append(packet)
    return result


# ---- Rewrites that lose something ----

def lose(share: float) -> typing.Callable:
    """Drops each packet with this probability."""
    def losing(packets: list, rng: random.Random) -> list:
        return [packet for packet in packets if rng.random() >= share]
    return losing


def lose_bursts(packets: list, rng: random.Random) -> list:
    """Drops runs of packets, as a kernel does whose buffer is full: a command, its reply and the next command at once."""
    kept, left = [], 0
    for packet in packets:
        if left == 0 and rng.random() < 0.015:
            left = rng.randrange(2, 9)
        if left == 0:
            kept.append(packet)
        left = max(0, left - 1)
    return kept


def lose_one(packets: list, position: int) -> list:
    return packets[:position] + packets[position + 1:]


def snap(length: int) -> typing.Callable:
    """Cuts packets as a capture with this snap length does; the bytes are gone, their count is not."""
    def snapping(packets: list, rng: random.Random) -> list:
        return [dataclasses.replace(packet, data=packet.data[:length], segment=None) for packet in packets]
    return snapping


def begin_in_the_middle(packets: list, rng: random.Random) -> list:
    return packets[rng.randrange(1, len(packets)):] if len(packets) > 1 else packets


def openers(packets: list) -> dict:
    """The source of each flow's first packet. Where the handshake was captured that is the client."""
    first = {}
    for packet in packets:
        if packet.segment:
            first.setdefault(packet.segment.flow, packet.segment.source)
    return first


def only_openers(packets: list, rng: random.Random) -> list:
    """Of each connection the side that was captured first: a mirror of one direction."""
    first = openers(packets)
    return [packet for packet in packets if not packet.segment or first[packet.segment.flow] == packet.segment.source]


def only_answerers(packets: list, rng: random.Random) -> list:
    first = openers(packets)
    return [packet for packet in packets if not packet.segment or first[packet.segment.flow] != packet.segment.source]


def chain(*rewrites: typing.Callable) -> typing.Callable:
    def chained(packets: list, rng: random.Random) -> list:
        for rewrite in rewrites:
            packets = rewrite(packets, rng)
        return packets
    return chained


REWRITES = {
    "resegment": resegment,
    "bytewise": bytewise,
    "merge": merge,
    "reorder": reorder,
    "cross": cross,
    "duplicate": duplicate,
    "renumber": renumber,
    "lose-1": lose(0.01),
    "lose-5": lose(0.05),
    "burst": lose_bursts,
    "snap-96": snap(96),
    "snap-200": snap(200),
    "middle": begin_in_the_middle,
    "openers": only_openers,
    "answerers": only_answerers,
}

# What tests/lossy.py does to each golden capture, as above.
LOSSY = {
    "lose-1": (lose(0.01), True),
    "lose-5": (lose(0.05), True),
    "burst": (lose_bursts, True),
    "middle": (begin_in_the_middle, True),
    "snap-96": (snap(96), False),
    "snap-200": (snap(200), False),
    "openers": (only_openers, False),
    "answerers": (only_answerers, False),
}

# What tests/invariance.py does to each golden capture. Name: rewrite, and whether another seed makes another capture.
LOSSLESS = {
    "resegment": (resegment, True),
    "bytewise": (bytewise, False),
    "merge": (merge, False),
    "cross": (cross, True),
    "duplicate": (duplicate, True),
    "resegment+reorder": (chain(resegment, reorder), True),
    "resegment+reorder+duplicate": (chain(resegment, reorder, duplicate), True),
}


def main() -> None:
    import encapsulate  # which needs this module
    names = [*REWRITES, *encapsulate.ENCAPSULATIONS]
    parser = argparse.ArgumentParser(description="Rewrites a capture.", epilog=f"rewrites: {' '.join(names)}")
    parser.add_argument("rewrites")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    capture, rng = read(arguments.source), random.Random(arguments.seed)
    for name in arguments.rewrites.split(","):
        if name not in names:
            sys.exit(f"rewrite.py: no rewrite {name}; there are {', '.join(names)}")
        if name in REWRITES:
            capture.packets = REWRITES[name](capture.packets, rng)
        else:
            capture = encapsulate.ENCAPSULATIONS[name].apply(capture, rng)
    write(capture, arguments.target)


if __name__ == "__main__":
    sys.modules["rewrite"] = sys.modules["__main__"]  # one module, whoever imports it
    main()
