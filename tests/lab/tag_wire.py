#!/usr/bin/env python3
"""A switch with a trunk: frames between a port and a trunk, tagged on the trunk.

usage: tag_wire.py VLAN PORT-INTERFACE TRUNK-INTERFACE

What comes in at the port leaves on the trunk with an 802.1Q tag, and the other
way round. (In the kernel this would be a VLAN interface, but not every kernel
has them.)
"""

import select
import socket
import struct
import sys

ETH_P_ALL = 0x0003
TPID = 0x8100
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
TP_STATUS_VLAN_VALID = 1 << 4
FRAME_MAX = 65536


def open_interface(name):
    interface = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    interface.bind((name, 0))
    # The kernel takes the tag off a received frame and tells it beside it.
    interface.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    return interface


def receive(interface):
    """Returns a frame as (VLAN id or None, frame without tag), or None for our own."""
    frame, control, _, address = interface.recvmsg(FRAME_MAX, socket.CMSG_SPACE(20))
    if address[2] == PACKET_OUTGOING:
        return None
    for level, kind, data in control:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, _ = struct.unpack("=IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return tci & 0xFFF, frame
    if frame[12:14] == struct.pack("!H", TPID):
        return struct.unpack("!H", frame[14:16])[0] & 0xFFF, frame[:12] + frame[16:]
    return None, frame


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    vlan = int(sys.argv[1])
    port, trunk = (open_interface(name) for name in sys.argv[2:4])
    tag = struct.pack("!HH", TPID, vlan)
    while True:
        for interface in select.select([port, trunk], [], [])[0]:
            received = receive(interface)
            if received is None:
                continue
            found, frame = received
            if interface is port and found is None:
                trunk.send(frame[:12] + tag + frame[12:])
            elif interface is trunk and found == vlan:
                port.send(frame)


if __name__ == "__main__":
    main()
