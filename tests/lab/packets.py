"""Frames apart and together again: what build-captures.py is made of.

A recorded Ethernet frame becomes a Segment (TCP over IPv4 or IPv6), which can
be changed and made into a frame again, with right checksums, for any link type.
Capture files are read as tcpdump writes them and written in every dress.
"""

import copy
import struct
from dataclasses import dataclass, field

ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, ETHERTYPE_QINQ = 0x0800, 0x86DD, 0x8100, 0x88A8
PROTOCOL_TCP = 6
HOP_BY_HOP, DESTINATION_OPTIONS = 0, 60

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_SLL, LINK_SLL2 = 0, 1, 101, 113, 276

SNAPLEN = 262144


# ---- segments


@dataclass
class Segment:
    time: int  # nanoseconds since 1970
    mac_destination: bytes
    mac_source: bytes
    source: bytes  # 4 or 16 bytes
    destination: bytes
    source_port: int
    destination_port: int
    seq: int
    ack: int
    flags: int
    window: int
    options: bytes
    payload: bytes
    identification: int = 0
    ttl: int = 64
    extensions: bytes = b""  # IPv6 extension headers; the first must be hop-by-hop
    offloaded: bool = False  # TCP checksum as left to the network card
    tags: list = field(default_factory=list)  # (TPID, VLAN id), outermost first

    def changed(self, **changes):
        segment = copy.copy(self)
        for name, value in changes.items():
            setattr(segment, name, value)
        return segment

    @property
    def end(self):
        """The sequence number after this segment."""
        return (self.seq + len(self.payload) + bool(self.flags & (SYN | FIN))) % 2**32


def ones_complement_sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data):
    return ones_complement_sum(data) ^ 0xFFFF


def parse_ethernet(time, frame):
    """Returns the Segment in an Ethernet frame, or None."""
    tags, at = [], 12
    while (ethertype := struct.unpack_from("!H", frame, at)[0]) in (ETHERTYPE_VLAN, ETHERTYPE_QINQ):
        tags.append(struct.unpack_from("!HH", frame, at))
        at += 4
    packet = frame[at + 2 :]
    if ethertype == ETHERTYPE_IPV4:
        header_len = (packet[0] & 0x0F) * 4
        total_len, identification = struct.unpack_from("!HH", packet, 2)
        ttl, protocol = packet[8], packet[9]
        source, destination = packet[12:16], packet[16:20]
    elif ethertype == ETHERTYPE_IPV6:
        header_len = 40
        total_len = 40 + struct.unpack_from("!H", packet, 4)[0]
        identification, protocol, ttl = 0, packet[6], packet[7]
        source, destination = packet[8:24], packet[24:40]
    else:
        return None
    if protocol != PROTOCOL_TCP:
        return None
    tcp = packet[header_len:total_len]
    source_port, destination_port, seq, ack, offset, flags, window = struct.unpack_from("!HHIIBBH", tcp)
    offset = (offset >> 4) * 4
    return Segment(
        time, frame[0:6], frame[6:12], source, destination, source_port, destination_port,
        seq, ack, flags, window, tcp[20:offset], tcp[offset:], identification, ttl, tags=tags,
    )  # fmt: skip


def tcp_bytes(segment):
    offset = (20 + len(segment.options)) // 4 << 4
    tcp = struct.pack(
        "!HHIIBBHHH",
        segment.source_port, segment.destination_port, segment.seq, segment.ack,
        offset, segment.flags, segment.window, 0, 0,
    )  # fmt: skip
    tcp += segment.options + segment.payload
    pseudo = segment.source + segment.destination
    pseudo += struct.pack("!II", len(tcp), PROTOCOL_TCP)
    value = ones_complement_sum(pseudo) if segment.offloaded else checksum(pseudo + tcp)
    return tcp[:16] + struct.pack("!H", value) + tcp[18:]


def ip_bytes(segment):
    tcp = tcp_bytes(segment)
    if len(segment.source) == 4:
        header = struct.pack(
            "!BBHHHBBH4s4s",
            0x45, 0, 20 + len(tcp), segment.identification, 0x4000, segment.ttl, PROTOCOL_TCP, 0,
            segment.source, segment.destination,
        )  # fmt: skip
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + tcp
    following = segment.extensions + tcp
    next_header = HOP_BY_HOP if segment.extensions else PROTOCOL_TCP
    header = struct.pack("!IHBB", 6 << 28, len(following), next_header, segment.ttl)
    return header + segment.source + segment.destination + following


def ethertype_of(segment):
    return ETHERTYPE_IPV4 if len(segment.source) == 4 else ETHERTYPE_IPV6


def frame_bytes(segment, link=LINK_ETHERNET, server_port=None):
    """The segment as a frame; server_port tells cooked captures what is outgoing."""
    packet = ip_bytes(segment)
    ethertype = ethertype_of(segment)
    outgoing = 4 if segment.destination_port == server_port else 0
    if link == LINK_ETHERNET:
        tags = b"".join(struct.pack("!HH", *tag) for tag in segment.tags)
        return segment.mac_destination + segment.mac_source + tags + struct.pack("!H", ethertype) + packet
    if link == LINK_RAW:
        return packet
    if link == LINK_NULL:
        family = 2 if ethertype == ETHERTYPE_IPV4 else 30
        return struct.pack("<I", family) + packet
    if link == LINK_SLL:
        return struct.pack("!HHH8sH", outgoing, 1, 6, segment.mac_source, ethertype) + packet
    if link == LINK_SLL2:
        return struct.pack("!HHIHBB8s", ethertype, 0, 2, 1, outgoing, 6, segment.mac_source) + packet
    raise ValueError(f"no link type {link}")


# ---- capture files


def read_pcap(path):
    """Returns [(time in ns, frame)] of a little-endian microsecond Ethernet capture."""
    with open(path, "rb") as file:
        data = file.read()
    magic, link = struct.unpack_from("<I16xI", data)
    if (magic, link) != (0xA1B2C3D4, LINK_ETHERNET):
        raise ValueError(f"{path}: not what tcpdump records here")
    frames, at = [], 24
    while at < len(data):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
        if captured != length:
            raise ValueError(f"{path}: a frame is cut")
        frames.append((seconds * 10**9 + fraction * 1000, data[at + 16 : at + 16 + captured]))
        at += 16 + captured
    return frames


def write_pcap(path, frames, link=LINK_ETHERNET, big_endian=False, nanoseconds=False, snaplen=SNAPLEN):
    order = ">" if big_endian else "<"
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    unit = 1 if nanoseconds else 1000
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link))
        for time, frame in frames:
            captured = frame[:snaplen]
            seconds, fraction = divmod(time, 10**9)
            file.write(struct.pack(order + "IIII", seconds, fraction // unit, len(captured), len(frame)))
            file.write(captured)


def pcapng_block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def pcapng_option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def write_pcapng(path, frames, interfaces, nanoseconds=False):
    """frames: [(time, frame, interface number)]; interfaces: their names."""
    options = pcapng_option(9, b"\x09") if nanoseconds else b""  # if_tsresol
    unit = 1 if nanoseconds else 1000
    with open(path, "wb") as file:
        file.write(pcapng_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for name in interfaces:
            description = struct.pack("<HHI", LINK_ETHERNET, 0, SNAPLEN)
            description += pcapng_option(2, name.encode()) + options + pcapng_option(0, b"")
            file.write(pcapng_block(1, description))
        for time, frame, interface in frames:
            high, low = divmod(time // unit, 2**32)
            head = struct.pack("<IIIII", interface, high, low, len(frame), len(frame))
            file.write(pcapng_block(6, head + frame))
