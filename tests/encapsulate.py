# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewrites of whole captures, for rewrite.py: in tunnels and on other links, in IP fragments, seen twice, as IPv6.

A rewrite here is a function from a capture and a random generator to a capture; ENCAPSULATIONS names them all. None changes what
the hosts have said. Frames that carry no IP are left out by those that put IP into something.

Every header is built here from its RFC, so that nothing shares a line with what it tests.
"""
import dataclasses
import random
import struct
import typing

import rewrite
from rewrite import Capture, Packet, checksum

LINK_PPP, LINK_PPP_ETHER, LINK_C_HDLC, LINK_80211, LINK_FRELAY = 9, 51, 104, 105, 107
LINK_RADIOTAP, LINK_PPP_WITH_DIR, LINK_JUNIPER, LINK_MPLS = 127, 204, 178, 219

CLIENT_MAC, SERVER_MAC = bytes.fromhex("020000000a01"), bytes.fromhex("020000000a02")


@dataclasses.dataclass(frozen=True)
class Inner:
    """What a header stands in front of."""
    version: int     # of the innermost IP packet
    forward: bool    # one of the two directions
    size: int        # bytes on the wire
    is_ethernet: bool = False

    @property
    def ethertype(self) -> int:
        return 0x6558 if self.is_ethernet else 0x0800 if self.version == 4 else 0x86DD


# ---- Headers: each a function from what is inside to bytes ----

def ethernet_type(ethertype: int) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        ends = (SERVER_MAC, CLIENT_MAC) if inner.forward else (CLIENT_MAC, SERVER_MAC)
        return b"".join(ends) + struct.pack("!H", ethertype)
    return header


def ethernet(inner: Inner) -> bytes:
    return ethernet_type(inner.ethertype)(inner)


def ipv4(protocol: int) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        ends = (b"\x0a\xff\0\1", b"\x0a\xff\0\2") if inner.forward else (b"\x0a\xff\0\2", b"\x0a\xff\0\1")
        size = inner.size + 20 if inner.size + 20 < 65536 else 0
        blank = struct.pack("!BBHHHBBH", 0x45, 0, size, 7, 0, 64, protocol, 0) + b"".join(ends)
        return blank[:10] + struct.pack("!H", checksum(blank)) + blank[12:]
    return header


def ipv6(protocol: int) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        one, other = (bytes.fromhex("20010db800ff00000000000000000001"), bytes.fromhex("20010db800ff00000000000000000002"))
        size = inner.size if inner.size < 65536 else 0
        return struct.pack("!IHBB", 6 << 28, size, protocol, 64) + (one + other if inner.forward else other + one)
    return header


def udp(port: int, source: typing.Optional[int] = None) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        size = inner.size + 8 if inner.size + 8 < 65536 else 0
        return struct.pack("!HHHH", source or (50000 if inner.forward else 51000), port, size, 0)
    return header


def gre(flags: int = 0, protocol: typing.Optional[int] = None) -> typing.Callable:
    """Keys differ by direction."""
    def header(inner: Inner) -> bytes:
        parts = [struct.pack("!HH", flags, protocol or inner.ethertype)]
        parts += [b"\0\0\0\0"] if flags & 0x8000 else []
        parts += [struct.pack("!I", 7 if inner.forward else 8)] if flags & 0x2000 else []
        parts += [struct.pack("!I", 99)] if flags & 0x1000 else []
        return b"".join(parts)
    return header


def nvgre(inner: Inner) -> bytes:
    return struct.pack("!HHI", 0x2000, 0x6558, 5000 << 8 | (3 if inner.forward else 4))


def pptp(inner: Inner) -> bytes:
    return struct.pack("!HHHHI", 0x3001, 0x880B, inner.size & 0xFFFF, 5 if inner.forward else 6, 1)


def erspan2(inner: Inner) -> bytes:
    return struct.pack("!HHI", 0x1000, 0x88BE, 1) + struct.pack("!HHI", 0x1000 | 77, 100 if inner.forward else 101, 0)


def erspan3(sub: bool) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        return struct.pack("!HHI", 0x1000, 0x22EB, 1) + struct.pack(
            "!HHIHH", 0x2000 | 77, 100 if inner.forward else 101, 0, 0, int(sub)) + bytes(8 if sub else 0)
    return header


def vxlan(inner: Inner) -> bytes:
    return struct.pack("!II", 0x08000000, 42 << 8)


def vxlan_gpe(inner: Inner) -> bytes:
    return struct.pack("!II", 0x0C000000 | (3 if inner.is_ethernet else 1 if inner.version == 4 else 2), 42 << 8)


def geneve(options: bytes) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        return struct.pack("!BBHI", len(options) // 4, 0, inner.ethertype, 42 << 8) + options
    return header


def gtp(more: bytes) -> typing.Callable:
    """Tunnel endpoints differ by direction."""
    def header(inner: Inner) -> bytes:
        flags = 0x36 if more else 0x30
        return struct.pack("!BBHI", flags, 255, (inner.size + len(more)) & 0xFFFF, 1000 if inner.forward else 2000) + more
    return header


def mpls(*labels: int, word: bytes = b"") -> typing.Callable:
    """Labels differ by direction."""
    def header(inner: Inner) -> bytes:
        stack = [struct.pack("!I", (label + (0 if inner.forward else 500)) << 12 | (at == len(labels) - 1) << 8 | 64)
                 for at, label in enumerate(labels)]
        return b"".join(stack) + word
    return header


def ppp(inner: Inner) -> bytes:
    return struct.pack("!H", 0x0021 if inner.version == 4 else 0x0057)


def hdlc_ppp(inner: Inner) -> bytes:
    return b"\xff\x03" + ppp(inner)


def pppoe(inner: Inner) -> bytes:
    return struct.pack("!BBHH", 0x11, 0, 7, inner.size)


def l2tp(inner: Inner) -> bytes:
    return struct.pack("!HHHH", 0x4002, inner.size + 8, 1, 5 if inner.forward else 6)


def l2tpv3(cookie: bytes) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        return struct.pack("!I", 9 if inner.forward else 10) + cookie
    return header


def snap(inner: Inner) -> bytes:
    return b"\xaa\xaa\x03\0\0\0" + struct.pack("!H", inner.ethertype)


def ieee8023(inner: Inner) -> bytes:
    return ethernet_type(min(inner.size, 1500))(inner)  # what an offload has joined is longer than can be said


def ieee80211(qos: bool, between: bool = False) -> typing.Callable:
    def header(inner: Inner) -> bytes:
        control = bytes([0x88 if qos else 0x08, 0x03 if between else 0x01 if inner.forward else 0x02])
        return control + b"\0\0" + CLIENT_MAC + SERVER_MAC + CLIENT_MAC + b"\x10\0" + bytes(6 if between else 0) + bytes(2 if qos else 0)
    return header


def constant(data: bytes) -> typing.Callable:
    return lambda inner: data


def by_version(v4: bytes, v6: bytes) -> typing.Callable:
    return lambda inner: v4 if inner.version == 4 else v6


def ah(next_of: typing.Callable) -> typing.Callable:
    return lambda inner: struct.pack("!BBHII", next_of(inner), 4, 0, 1, 1) + bytes(12)


# ---- Putting packets in ----

def ip_part(link_type: int, packet: Packet) -> typing.Optional[tuple]:
    """Where the IP packet starts, its bytes without padding, and how many there were on the wire; None without any."""
    at = rewrite.find_ip(link_type, packet.data)
    if at is None or len(packet.data) < at + 20 or packet.data[at] >> 4 not in (4, 6):
        return None
    size = struct.unpack_from("!H", packet.data, at + (2 if packet.data[at] >> 4 == 4 else 4))[0]
    if size and packet.data[at] >> 4 == 6:
        size += 40
    size = size or packet.wire_len - at
    return at, packet.data[at:at + size], size


def is_forward(ip: bytes) -> bool:
    at, size = (12, 4) if ip[0] >> 4 == 4 else (8, 16)
    return ip[at:at + size] < ip[at + size:at + 2 * size]


def put_in(headers: list, carries_ethernet: bool, link_type: int = rewrite.LINK_ETHERNET) -> typing.Callable:
    """headers from the outermost to the innermost. When Ethernet is carried, and the capture is Ethernet, the frame goes in as it
    is; other captures get an Ethernet header first."""
    def apply(capture: Capture, rng: random.Random) -> Capture:
        packets = []
        for packet in capture.packets:
            part = ip_part(capture.link_type, packet)
            if part is None:
                continue
            at, data, size = part
            inner = Inner(data[0] >> 4, is_forward(data), size)
            if carries_ethernet:
                before = packet.data[:at] if capture.link_type == rewrite.LINK_ETHERNET else ethernet(inner)
                data, inner = before + data, dataclasses.replace(inner, size=size + len(before), is_ethernet=True)
            for header in reversed(headers):
                before = header(inner)
                data = before + data
                inner = dataclasses.replace(inner, size=inner.size + len(before), is_ethernet=False)
            packets.append(dataclasses.replace(packet, data=data, wire_len=inner.size, segment=None))
        return Capture(link_type, packets)
    return apply


def in_ip(protocol: int, *headers: typing.Callable, carries_ethernet: bool = False) -> typing.Callable:
    return put_in([ethernet_type(0x0800), ipv4(protocol), *headers], carries_ethernet)


def in_udp(port: int, *headers: typing.Callable, carries_ethernet: bool = True, source: typing.Optional[int] = None):
    return in_ip(17, udp(port, source), *headers, carries_ethernet=carries_ethernet)


def in_own_version(inner: Inner) -> int:
    return 4 if inner.version == 4 else 41


def ip_in_ip(inner: Inner) -> bytes:
    return ipv4(in_own_version(inner))(inner)


def ip_in_ipv6(inner: Inner) -> bytes:
    return ipv6(in_own_version(inner))(inner)


# ---- Fragments ----

def fragments_of(packet: Packet, link_type: int, rng: random.Random, number: int) -> list:
    """The packet in two to four pieces, or as it is when it cannot be cut."""
    part = ip_part(link_type, packet)
    if part is None or packet.segment is None or packet.segment.missing or len(packet.segment.payload) < 2:
        return [packet]
    at, data, size = part
    version = data[0] >> 4
    head = (data[0] & 15) * 4 if version == 4 else 40
    if size > 65535 or (version == 6 and data[6] != 6) or (version == 4 and data[2:4] == b"\0\0"):
        return [packet]
    payload = data[head:]
    units = (len(payload) - 1) // 8
    points = sorted(rng.sample(range(1, units + 1), min(rng.randint(1, 3), units)))
    pieces = []
    for start, end in zip([0, *points], [*points, None]):
        piece, more = payload[start * 8:end * 8 if end else None], end is not None
        header = bytearray(packet.data[:at + head])
        if version == 4:
            struct.pack_into("!HHH", header, at + 2, head + len(piece), number & 0xFFFF, more << 13 | start)
            struct.pack_into("!H", header, at + 10, 0)
            struct.pack_into("!H", header, at + 10, checksum(bytes(header[at:])))
        else:
            struct.pack_into("!HB", header, at + 4, len(piece) + 8, 44)
            header += struct.pack("!BBHI", 6, 0, start << 3 | more, number)
        frame = bytes(header) + piece
        pieces.append(dataclasses.replace(packet, data=frame, wire_len=len(frame), segment=None))
    return pieces


def fragment(shuffled: bool = False, repeated: bool = False) -> typing.Callable:
    def apply(capture: Capture, rng: random.Random) -> Capture:
        packets = []
        for number, packet in enumerate(capture.packets):
            pieces = fragments_of(packet, capture.link_type, rng, number + 1)
            if shuffled:
                rng.shuffle(pieces)
            if repeated:
                pieces = [piece for piece in pieces for _ in range(rng.choice((1, 2)))]
            packets += pieces
        return Capture(capture.link_type, packets)
    return apply


# ---- Copies ----

def tagged(packet: Packet, vlan: int) -> Packet:
    data = packet.data[:12] + struct.pack("!HH", 0x8100, vlan) + packet.data[12:]
    return dataclasses.replace(packet, data=data, wire_len=packet.wire_len + 4)


def routed(packet: Packet, at: int) -> Packet:
    """As the router sends it on: hop limit one less, other link addresses."""
    data = bytearray(packet.data)
    if data[at] >> 4 == 4:
        data[at + 8] -= data[at + 8] > 1
        struct.pack_into("!H", data, at + 10, 0)
        struct.pack_into("!H", data, at + 10, checksum(bytes(data[at:at + (data[at] & 15) * 4])))
    else:
        data[at + 7] -= data[at + 7] > 1
    data[:12] = SERVER_MAC + CLIENT_MAC
    return dataclasses.replace(packet, data=bytes(data))


def twice(copy_of: typing.Callable) -> typing.Callable:
    """Each packet and its copy a few microseconds later; copy_of returns the two, or None where there can be no copy."""
    def apply(capture: Capture, rng: random.Random) -> Capture:
        packets = []
        for packet in capture.packets:
            copies = copy_of(capture, packet, rng)
            packets += [copies[0], dataclasses.replace(copies[1], time_ns=copies[1].time_ns + 3000)] if copies else [packet]
        return Capture(capture.link_type, packets)
    return apply


def plain_copy(capture: Capture, packet: Packet, rng: random.Random) -> tuple:
    return packet, packet


def vlan_copy(capture: Capture, packet: Packet, rng: random.Random) -> typing.Optional[tuple]:
    if capture.link_type != rewrite.LINK_ETHERNET or packet.segment is None:
        return None
    return (packet, tagged(packet, 77)) if rng.random() < 0.5 else (tagged(packet, 77), packet)


def routed_copy(capture: Capture, packet: Packet, rng: random.Random) -> typing.Optional[tuple]:
    """Before and behind a router, in a VLAN each."""
    part = ip_part(capture.link_type, packet)
    if capture.link_type != rewrite.LINK_ETHERNET or part is None or packet.segment is None:
        return None
    vlans = (10, 20) if is_forward(part[1]) else (20, 10)
    return tagged(packet, vlans[0]), tagged(routed(packet, part[0]), vlans[1])


def vxlan_copy(capture: Capture, packet: Packet, rng: random.Random) -> typing.Optional[tuple]:
    """Before and in a tunnel."""
    if capture.link_type != rewrite.LINK_ETHERNET or packet.segment is None:
        return None
    inside = ENCAPSULATIONS["vxlan"].apply(Capture(capture.link_type, [packet]), rng).packets
    return (packet, inside[0]) if inside else None


def one_way_vlans(capture: Capture, rng: random.Random) -> Capture:
    """Each direction in a VLAN of its own, as a router on a stick has it."""
    if capture.link_type != rewrite.LINK_ETHERNET:
        return capture
    return Capture(capture.link_type, [
        tagged(packet, 10 if packet.segment.source < packet.segment.target else 20) if packet.segment else packet
        for packet in capture.packets])


# ---- IPv6 ----

PREFIX = bytes.fromhex("20010db8000400000000")


def ipv6_in_place_of(ipv4_header: bytes, protocol: int, size: int) -> bytes:
    ends = b"".join(PREFIX + bytes(2) + ipv4_header[end:end + 4] for end in (12, 16))
    return struct.pack("!IHBB", 6 << 28, size, protocol, ipv4_header[8]) + ends


# What ICMP errors there are in the captures: RFC 1812, 5.2.7.1, and RFC 4443, 3.1.
ICMP_ERRORS = {(3, 13): (1, 1)}


def icmp_error_to_ipv6(capture: Capture, packet: Packet) -> typing.Optional[Packet]:
    """With the packet that it quotes. None when it is something else."""
    part = ip_part(capture.link_type, packet)
    if part is None or packet.segment is not None or part[1][0] >> 4 != 4 or part[1][9] != 1:
        return None
    at, data, size = part
    icmp = data[(data[0] & 15) * 4:size]
    if (icmp[0], icmp[1]) not in ICMP_ERRORS:
        return None
    quoted, quoted_head = icmp[8:], (icmp[8] & 15) * 4
    body = ipv6_in_place_of(quoted, quoted[9], int.from_bytes(quoted[2:4], "big") - quoted_head) + quoted[quoted_head:]
    message = bytearray(bytes(ICMP_ERRORS[icmp[0], icmp[1]]) + bytes(6) + body)
    header = ipv6_in_place_of(data, 58, len(message))
    struct.pack_into("!H", message, 2, checksum(header[8:40] + struct.pack("!II", len(message), 58) + bytes(message)))
    before = ethernet(Inner(6, is_forward(data), size))
    frame = before + header + bytes(message)
    return dataclasses.replace(packet, data=frame, wire_len=len(frame), segment=None)


def to_ipv6(capture: Capture, rng: random.Random) -> Capture:
    """IPv4 addresses become the last four bytes of an IPv6 address."""
    packets = []
    for packet in capture.packets:
        part = ip_part(capture.link_type, packet)
        if part is None or packet.segment is None or packet.segment.version == 6:
            packets.append(icmp_error_to_ipv6(capture, packet) or packet)
            continue
        at, data, size = part
        head = (data[0] & 15) * 4
        header = ipv6_in_place_of(data, 6, size - head if size - head < 65536 else 0)
        inner = Inner(6, is_forward(data), size)
        tcp = bytearray(data[head:])
        if packet.segment.checksum_right and len(tcp) >= 20 and not packet.segment.missing:
            struct.pack_into("!H", tcp, 16, 0)
            struct.pack_into("!H", tcp, 16, checksum(header[8:40] + struct.pack("!II", len(tcp), 6) + bytes(tcp)))
        before = packet.data[:at - 2] + b"\x86\xdd" if capture.link_type == rewrite.LINK_ETHERNET else ethernet(inner)
        frame = before + header + bytes(tcp)
        packets.append(dataclasses.replace(packet, data=frame, wire_len=len(before) + 40 + size - head, segment=None))
    return Capture(rewrite.LINK_ETHERNET, packets)


# ---- The table ----

@dataclasses.dataclass(frozen=True)
class Encapsulation:
    apply: typing.Callable
    keeps_vlans: bool = True     # those of the original are in the documents
    keeps_addresses: bool = True
    ethernet_only: bool = False  # of other captures it makes nothing else


def ether_pseudowire(word: bytes) -> typing.Callable:
    return put_in([ethernet_type(0x8847), mpls(100, 200, word=word)], True)


def alone(link_type: int, *headers: typing.Callable) -> Encapsulation:
    """A link layer that has no VLANs."""
    return Encapsulation(put_in(list(headers), False, link_type), keeps_vlans=False)


def over_ip(*arguments, **more) -> Encapsulation:
    return Encapsulation(in_ip(*arguments, **more), keeps_vlans=more.get("carries_ethernet", False))


def over_udp(*arguments, **more) -> Encapsulation:
    return Encapsulation(in_udp(*arguments, **more), keeps_vlans=more.get("carries_ethernet", True))


ENCAPSULATIONS = {
    "raw": alone(rewrite.LINK_RAW),
    "null": alone(rewrite.LINK_NULL, by_version(b"\2\0\0\0", b"\x1e\0\0\0")),
    "null-big-endian": alone(rewrite.LINK_NULL, by_version(b"\0\0\0\2", b"\0\0\0\x18")),
    "loop": alone(rewrite.LINK_LOOP, by_version(b"\0\0\0\2", b"\0\0\0\x18")),
    "sll": alone(rewrite.LINK_SLL, constant(b"\0\0\0\1\0\6\2\0\0\0\0\1\0\0"), lambda inner: struct.pack("!H", inner.ethertype)),
    "sll2": alone(rewrite.LINK_SLL2, lambda inner: struct.pack("!HHIHBB", inner.ethertype, 0, 2, 1, 0, 6) + CLIENT_MAC + b"\0\0"),
    "ppp": alone(LINK_PPP, ppp),
    "ppp-hdlc": alone(LINK_PPP, hdlc_ppp),
    "ppp-direction": alone(LINK_PPP_WITH_DIR, lambda inner: bytes([inner.forward]), hdlc_ppp),
    "cisco-hdlc": alone(LINK_C_HDLC, constant(b"\x0f\0"), lambda inner: struct.pack("!H", inner.ethertype)),
    "frame-relay": alone(LINK_FRELAY, constant(b"\x18\x41\x03"), by_version(b"\xcc", b"\x8e")),
    "wifi": alone(LINK_80211, ieee80211(False), snap),
    "wifi-qos": alone(LINK_80211, ieee80211(True), snap),
    "radiotap-between": alone(LINK_RADIOTAP, constant(b"\0\0\x09\0\2\0\0\0\0"), ieee80211(False, True), snap),
    "juniper": Encapsulation(put_in([constant(b"MGC\1")], True, LINK_JUNIPER)),
    "mpls-link": alone(LINK_MPLS, mpls(100)),
    "snap": alone(rewrite.LINK_ETHERNET, ieee8023, snap),
    "qinqinq": Encapsulation(put_in([ethernet_type(0x88A8), constant(struct.pack("!HHHHHH", 5, 0x8100, 6, 0x8100, 7, 0x6558))], True)),
    "mpls": alone(rewrite.LINK_ETHERNET, ethernet_type(0x8847), mpls(100, 200, 300)),
    "pseudowire": Encapsulation(ether_pseudowire(b"")),
    "pseudowire-word": Encapsulation(ether_pseudowire(b"\0\0\0\1")),
    "pppoe": alone(rewrite.LINK_ETHERNET, ethernet_type(0x8864), pppoe, ppp),
    "pppoe-link": alone(LINK_PPP_ETHER, pppoe, ppp),
    "pbb": Encapsulation(put_in([ethernet_type(0x88E7), constant(b"\0\0\x0a\xbc")], True)),
    "nsh": Encapsulation(put_in([ethernet_type(0x894F), constant(b"\x0f\xc2\1\3\0\0\1\5")], True)),
    "ip-in-ip": alone(rewrite.LINK_ETHERNET, ethernet_type(0x0800), ip_in_ip),
    "ip-in-ipv6": alone(rewrite.LINK_ETHERNET, ethernet_type(0x86DD), ip_in_ipv6),
    "ah": alone(rewrite.LINK_ETHERNET, ethernet_type(0x0800), ipv4(51), ah(in_own_version)),
    "gre": over_ip(47, gre()),
    "gre-all": over_ip(47, gre(0xB000)),
    "gre-bridged": over_ip(47, gre(0x1000), carries_ethernet=True),
    "nvgre": over_ip(47, nvgre, carries_ethernet=True),
    "pptp": over_ip(47, pptp, hdlc_ppp),
    "erspan1": over_ip(47, gre(0, 0x88BE), carries_ethernet=True),
    "erspan2": over_ip(47, erspan2, carries_ethernet=True),
    "erspan3": over_ip(47, erspan3(False), carries_ethernet=True),
    "erspan3-sub": over_ip(47, erspan3(True), carries_ethernet=True),
    "etherip": over_ip(97, constant(b"\x30\0"), carries_ethernet=True),
    "l2tpv3": over_ip(115, l2tpv3(b""), carries_ethernet=True),
    "l2tpv3-cookie": over_ip(115, l2tpv3(b"cookies!"), carries_ethernet=True),
    "vxlan": over_udp(4789, vxlan),
    "vxlan-linux": over_udp(8472, vxlan),
    "vxlan-gpe": over_udp(4790, vxlan_gpe),
    "vxlan-gpe-ip": over_udp(4790, vxlan_gpe, carries_ethernet=False),
    "vxlan-in-ipv6": Encapsulation(put_in([ethernet_type(0x86DD), ipv6(17), udp(4789), vxlan], True)),
    "geneve": over_udp(6081, geneve(b"")),
    "geneve-options-ip": over_udp(6081, geneve(b"\1\2\x80\1\0\0\0\0"), carries_ethernet=False),
    "gtp": over_udp(2152, gtp(b""), carries_ethernet=False, source=2152),
    "gtp-extension": over_udp(2152, gtp(b"\0\1\0\x85\1\0\x09\0"), carries_ethernet=False, source=2152),
    "l2tp": over_udp(1701, l2tp, ppp, carries_ethernet=False, source=1701),
    "gre-in-udp": over_udp(4754, gre(), carries_ethernet=False),
    "mpls-in-udp": over_udp(6635, mpls(100), carries_ethernet=False),
    "gre-vxlan-mpls": over_ip(47, gre(0, 0x0800), ipv4(17), udp(4789), vxlan, ethernet_type(0x8847), mpls(100), carries_ethernet=True),
    "fragment": Encapsulation(fragment()),
    "fragment-shuffled": Encapsulation(fragment(shuffled=True)),
    "fragment-repeated": Encapsulation(fragment(shuffled=True, repeated=True)),
    "twice": Encapsulation(twice(plain_copy)),
    "twice-vlan": Encapsulation(twice(vlan_copy), keeps_vlans=False, ethernet_only=True),
    "twice-routed": Encapsulation(twice(routed_copy), keeps_vlans=False, ethernet_only=True),
    "twice-vxlan": Encapsulation(twice(vxlan_copy), keeps_vlans=False, ethernet_only=True),
    "one-way-vlans": Encapsulation(one_way_vlans, keeps_vlans=False, ethernet_only=True),
    "ipv6": Encapsulation(to_ipv6, keeps_vlans=False, keeps_addresses=False),
}


def in_two_steps(outer: str) -> Encapsulation:
    """A tunnel whose own packets are fragmented."""
    def apply(capture: Capture, rng: random.Random) -> Capture:
        inside = ENCAPSULATIONS[outer].apply(capture, rng)
        packets = []
        for number, packet in enumerate(inside.packets):
            packets += outer_fragments(packet, number + 1)
        return Capture(inside.link_type, packets)
    return Encapsulation(apply, keeps_vlans=ENCAPSULATIONS[outer].keeps_vlans)


def outer_fragments(packet: Packet, number: int) -> list:
    """An outer IPv4 packet right behind an Ethernet header, in two pieces."""
    data, at = packet.data, 34
    if len(data) < packet.wire_len or len(data) < at + 16 or data[16:18] == b"\0\0":
        return [packet]
    point = (len(data) - at) // 16 * 8
    pieces = []
    for start, end, more in ((0, point, 1), (point, len(data) - at, 0)):
        header = bytearray(data[:at])
        struct.pack_into("!HHH", header, 16, 20 + end - start, number & 0xFFFF, more << 13 | start // 8)
        frame = bytes(header) + data[at + start:at + end]
        pieces.append(dataclasses.replace(packet, data=frame, wire_len=len(frame)))
    return pieces


ENCAPSULATIONS["vxlan-fragmented"] = in_two_steps("vxlan")
ENCAPSULATIONS["gre-fragmented"] = in_two_steps("gre")
