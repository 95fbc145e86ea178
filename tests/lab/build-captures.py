#!/usr/bin/env python3
"""Builds the captures that cannot be recorded, from recorded ones.

usage: build-captures.py [-l] [NAME...]

Also lists the SASL responses in all of them, in secrets-on-the-wire.txt.

Without names, all of them; -l lists the names. Packets of the recorded captures
in pcaps/ are left out, cut, moved or dressed anew; handmade.py writes others from nothing. The same recordings give the
same files, byte for byte.
"""

import base64
import ipaddress
import re
import struct
import subprocess
import sys
from pathlib import Path

import handmade
import packets
from packets import FIN, PSH

PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
MILLISECOND = 10**6
BUILDERS = {}


def builder(function):
    BUILDERS[function.__name__.replace("_", "-")] = function
    return function


# ---- a recorded session and what can be done to it


class Session:
    """The TCP segments of one recorded connection, in the order captured."""

    def __init__(self, segments):
        self.segments = segments
        self.server_port = segments[0].destination_port
        self.client_port = segments[0].source_port

    @classmethod
    def recorded(cls, name):
        frames = packets.read_pcap(PCAPS / f"{name}.pcap")
        segments = [packets.parse_ethernet(*frame) for frame in frames]
        return cls([segment for segment in segments if segment])

    def from_client(self, segment):
        return segment.destination_port == self.server_port

    def find(self, start, client=True):
        """The place of the one segment of a side whose payload starts so."""
        places = [
            place
            for place, segment in enumerate(self.segments)
            if segment.payload.startswith(start) and self.from_client(segment) == client
        ]
        if len(places) != 1:
            raise ValueError(f"{len(places)} segments start with {start!r}")
        return places[0]

    def starting_at(self, place):
        return Session(self.segments[place:])._ports_of(self)

    def without(self, *places):
        kept = [segment for place, segment in enumerate(self.segments) if place not in places]
        return Session(kept)._ports_of(self)

    def with_replaced(self, place, *replacements):
        segments = self.segments[:place] + list(replacements) + self.segments[place + 1 :]
        return Session(segments)._ports_of(self)

    def split(self, place, *cuts):
        """Cuts one segment into several at these offsets of its payload."""
        whole = self.segments[place]
        edges = [0, *cuts, len(whole.payload)]
        pieces = []
        for start, end in zip(edges, edges[1:]):
            last = end == len(whole.payload)
            piece = whole.changed(
                seq=(whole.seq + start) % 2**32,
                payload=whole.payload[start:end],
                flags=whole.flags if last else whole.flags & ~(PSH | FIN),
                identification=whole.identification + len(pieces),
                time=whole.time + 2000 * len(pieces),
            )
            pieces.append(piece)
        return self.with_replaced(place, *pieces)

    def mapped(self, function):
        return Session([function(segment) for segment in self.segments])._ports_of(self)

    def moved(self, client_shift, server_shift):
        """Other initial sequence numbers."""

        def move(segment):
            own, other = client_shift, server_shift
            if not self.from_client(segment):
                own, other = other, own
            ack = (segment.ack + other) % 2**32 if segment.flags & packets.ACK else 0
            return segment.changed(seq=(segment.seq + own) % 2**32, ack=ack)

        return self.mapped(move)

    def with_ports(self, client_port, server_port):
        swap = {self.client_port: client_port, self.server_port: server_port}
        session = self.mapped(
            lambda segment: segment.changed(
                source_port=swap[segment.source_port], destination_port=swap[segment.destination_port]
            )
        )
        session.client_port, session.server_port = client_port, server_port
        return session

    def later(self, nanoseconds):
        return self.mapped(lambda segment: segment.changed(time=segment.time + nanoseconds))

    def frames(self, link=packets.LINK_ETHERNET):
        return [(s.time, packets.frame_bytes(s, link, self.server_port)) for s in self.segments]

    def _ports_of(self, other):
        self.server_port, self.client_port = other.server_port, other.client_port
        return self


def login():
    return Session.recorded("auth-login-accepted")


def write(name, session, **options):
    link = options.get("link", packets.LINK_ETHERNET)
    packets.write_pcap(PCAPS / f"{name}.pcap", session.frames(link), **options)


# ---- the beginning is missing, or one side


@builder
def midstream(name):
    session = login()
    write(name, session.starting_at(session.find(b"MAIL FROM")))


@builder
def midstream_in_auth(name):
    """The first frame is the server's prompt for the password."""
    session = login()
    write(name, session.starting_at(session.find(b"334 UGFzc3dvcmQ6", client=False)))


@builder
def midstream_at_password(name):
    """The first frame is the password: nothing says what it is."""
    session = login()
    write(name, session.starting_at(session.find(b"334 UGFzc3dvcmQ6", client=False) + 1))


@builder
def midstream_in_body(name):
    session = Session.recorded("large-mail")
    write(name, session.starting_at(session.find(b"Date: ") + 3))


@builder
def one_sided_client(name):
    session = login()
    kept = [place for place, s in enumerate(session.segments) if not session.from_client(s)]
    write(name, session.without(*kept))


@builder
def one_sided_server(name):
    session = login()
    kept = [place for place, s in enumerate(session.segments) if session.from_client(s)]
    write(name, session.without(*kept))


# ---- a segment is missing, though its receiver had it


@builder
def gap_in_command(name):
    session = login()
    write(name, session.without(session.find(b"RCPT TO")))


@builder
def gap_in_reply(name):
    """The reply to MAIL is missing."""
    session = login()
    write(name, session.without(session.find(b"MAIL FROM") + 1))


@builder
def gap_in_ehlo_reply(name):
    """The middle of the EHLO reply is missing: the AUTH line is in it."""
    session = login()
    place = session.find(b"250-mail", client=False)
    payload = session.segments[place].payload
    cuts = payload.index(b"ETRN"), payload.index(b"8BITMIME")
    write(name, session.split(place, *cuts).without(place + 1))


@builder
def gap_in_auth(name):
    """The client's password is missing."""
    session = login()
    write(name, session.without(session.find(b"334 UGFzc3dvcmQ6", client=False) + 1))


@builder
def gap_in_auth_command(name):
    """AUTH LOGIN itself is missing: user name and password are not."""
    session = login()
    write(name, session.without(session.find(b"AUTH LOGIN")))


@builder
def gap_in_auth_reply(name):
    session = login()
    write(name, session.without(session.find(b"235 ", client=False)))


@builder
def gap_in_body(name):
    """Two of the segments of a body are missing."""
    session = Session.recorded("large-mail")
    first = session.find(b"Date: ")
    write(name, session.without(first + 2, first + 3))


@builder
def gap_in_attachment(name):
    """A segment in the middle of the first attachment is missing."""
    session = Session.recorded("attachments")
    write(name, session.without(session.find(b"Received: from desk") + 2))


@builder
def gap_in_message_header(name):
    """Of a message in chunks the second is missing, with the end of the header."""
    session = Session.recorded("attachments-bdat")
    first = session.find(b"BDAT 450\r\nReceived: from desk")
    second = next(place for place in range(first + 1, len(session.segments)) if session.segments[place].payload.startswith(b"BDAT 450"))
    write(name, session.without(second))


@builder
def gap_at_end_of_body(name):
    """CRLF.CRLF is missing."""
    session = login()
    place = session.find(b"Date: ")
    end = session.segments[place].payload.index(b"\r\n.\r\n")
    write(name, session.split(place, end).without(place + 1))


@builder
def gap_of_several_commands(name):
    """Everything from EHLO's reply to DATA's is missing, both sides."""
    session = login()
    first = session.find(b"250-mail", client=False)
    last = session.find(b"354 ", client=False)
    write(name, session.without(*range(first, last + 1)))


@builder
def snaplen(name):
    write(name, login(), snaplen=96)


# ---- TCP as it happens


@builder
def port_reuse(name):
    """Two connections with the same addresses and ports, two seconds apart."""
    first = login()
    second = Session.recorded("mail-without-auth-accepted").with_ports(first.client_port, first.server_port)
    gap = first.segments[-1].time + 2000 * MILLISECOND - second.segments[0].time
    second = second.moved(0x10203040, 0x50607080).later(gap)
    write(name, Session(first.segments + second.segments))


@builder
def out_of_order(name):
    """Body segments arrive in the order 2 1 3, 6 5 4; and a reply before the
    acknowledgement that left earlier."""
    session = Session.recorded("large-mail")
    segments = session.segments
    first = session.find(b"Date: ")
    order = list(range(len(segments)))
    order[first : first + 6] = [first + offset for offset in (1, 0, 2, 5, 4, 3)]
    auth = session.find(b"235 ", client=False)
    order[auth], order[auth + 1] = order[auth + 1], order[auth]
    times = [segment.time for segment in segments]
    moved = [segments[old].changed(time=time) for old, time in zip(order, times)]
    write(name, Session(moved))


@builder
def retransmission(name):
    """The EHLO, the password, a reply and a body segment come twice."""
    session = Session.recorded("large-mail")
    twice = [
        session.find(b"EHLO"),
        session.find(b"334 UGFzc3dvcmQ6", client=False) + 1,
        session.find(b"MAIL FROM") + 1,
        session.find(b"Date: ") + 4,
    ]
    segments = []
    for place, segment in enumerate(session.segments):
        delay = 220 * MILLISECOND * sum(place > again for again in twice)
        segments.append(segment.changed(time=segment.time + delay))
        if place in twice:
            again = segments[-1].changed(time=segments[-1].time + 210 * MILLISECOND)
            segments.append(again.changed(identification=again.identification + 0x4000))
    write(name, Session(segments))


@builder
def retransmission_conflict(name):
    """The sender comes again with another address in it, before the server has read the first."""
    session = Session.recorded("mail-without-auth-accepted")
    place = session.find(b"MAIL FROM")
    first = session.segments[place]
    again = first.changed(
        payload=first.payload.replace(b"alice", b"mally"),
        time=first.time + 20000,
        identification=(first.identification + 0x4000) % 2**16,
    )
    write(name, session.with_replaced(place, first, again))


@builder
def overlapping(name):
    """Segments that repeat the end of the one before, or all of it and more."""
    session = Session.recorded("large-mail")
    first = session.find(b"Date: ")
    segments = list(session.segments)

    def begin_earlier(place, count):
        before, segment = segments[place - 1], segments[place]
        segments[place] = segment.changed(
            seq=(segment.seq - count) % 2**32, payload=before.payload[-count:] + segment.payload
        )

    begin_earlier(first + 1, 100)
    begin_earlier(first + 3, len(segments[first + 2].payload))
    write(name, Session(segments))


@builder
def seq_wrap(name):
    """Both sequence numbers pass 2^32: the client's in AUTH, the server's in
    the EHLO reply."""
    session = login()
    client = session.segments[session.find(b"AUTH LOGIN")].seq + 5
    server = session.segments[session.find(b"250-mail", client=False)].seq + 50
    write(name, session.moved(-client, -server))


@builder
def bad_checksums(name):
    """The client's segments as captured on a client whose network card fills
    in TCP checksums."""
    session = login()
    write(name, session.mapped(lambda s: s.changed(offloaded=session.from_client(s))))


@builder
def no_greeting(name):
    """Connected, but the server never says a word; the client gives up."""
    session = Session.recorded("quit-early")
    handshake = session.segments[:3]
    last = handshake[2]
    leave = last.changed(time=last.time + 30000 * MILLISECOND, flags=FIN | packets.ACK)
    write(name, Session([*handshake, leave]))


@builder
def smtp_on_odd_port(name):
    session = login()
    write(name, session.with_ports(session.client_port, 8025))


def behind_proxy(session, header):
    """What a load balancer says first about where the connection comes from."""
    ready = session.segments[2]
    told = ready.changed(payload=header, flags=PSH | packets.ACK, time=ready.time + 20000)

    def move(segment):
        if session.from_client(segment):
            return segment.changed(seq=(segment.seq + len(header)) % 2**32)
        return segment.changed(ack=(segment.ack + len(header)) % 2**32)

    later = [move(segment) for segment in session.segments[3:]]
    return Session([*session.segments[:3], told, *later])._ports_of(session)


@builder
def proxy_protocol_v1(name):
    write(name, behind_proxy(login(), b"PROXY TCP4 203.0.113.77 192.0.2.10 40001 587\r\n"))


@builder
def proxy_protocol_v2(name):
    """With the name that the client asked TLS for behind the addresses (PP2_TYPE_AUTHORITY)."""
    client, server = ipaddress.ip_address("2001:db8::77"), ipaddress.ip_address("2001:db8::10")
    addresses = client.packed + server.packed + struct.pack("!HH", 40001, 587)
    more = b"\x02\x00\x10mail.example.com"
    rest = addresses + more
    header = b"\r\n\r\n\0\r\nQUIT\n\x21\x21" + struct.pack("!H", len(rest)) + rest
    write(name, behind_proxy(login(), header))


@builder
def capability_masked(name):
    """A firewall has written over STARTTLS and AUTH in the EHLO reply."""
    session = Session.recorded("mail-without-auth-accepted")
    place = session.find(b"250-mail", client=False)
    reply = session.segments[place]
    payload = reply.payload.replace(b"STARTTLS", b"XXXXXXXA")
    payload = re.sub(rb"AUTH [^\r]*", lambda line: b"X" * (len(line[0]) - 1) + b"B", payload)
    write(name, session.with_replaced(place, reply.changed(payload=payload)))


# ---- other links, other files


@builder
def qinq(name):
    tags = [(packets.ETHERTYPE_QINQ, 100), (packets.ETHERTYPE_VLAN, 42)]
    write(name, login().mapped(lambda s: s.changed(tags=tags)))


@builder
def raw_ip(name):
    write(name, login(), link=packets.LINK_RAW)


@builder
def null_loopback(name):
    """As BSD systems capture their loopback."""
    here = ipaddress.ip_address("127.0.0.1").packed
    write(name, login().mapped(lambda s: s.changed(source=here, destination=here)), link=packets.LINK_NULL)


@builder
def linux_sll(name):
    write(name, login(), link=packets.LINK_SLL)


@builder
def linux_sll2(name):
    write(name, login(), link=packets.LINK_SLL2)


@builder
def ipv6_extension_headers(name):
    """Hop-by-hop options, then destination options, then TCP."""
    router_alert = bytes([packets.DESTINATION_OPTIONS, 0, 5, 2, 0, 0, 1, 0])
    padding = bytes([packets.PROTOCOL_TCP, 1, 1, 12]) + bytes(12)
    session = Session.recorded("ipv6-auth-plain")
    write(name, session.mapped(lambda s: s.changed(extensions=router_alert + padding)))


@builder
def nanosecond_pcap(name):
    session = login()
    exact = [s.changed(time=s.time + 137 * place % 1000) for place, s in enumerate(session.segments)]
    write(name, Session(exact), nanoseconds=True)


@builder
def big_endian_pcap(name):
    write(name, login(), big_endian=True)


@builder
def pcapng_two_interfaces(name):
    """Each direction on an interface of its own, as from a tap with two ports."""
    session = login()
    frames = [
        (s.time, packets.frame_bytes(s), 0 if session.from_client(s) else 1) for s in session.segments
    ]
    packets.write_pcapng(PCAPS / f"{name}.pcapng", frames, ["tap0", "tap1"])


@builder
def pcapng_nanoseconds(name):
    session = login()
    frames = [
        (s.time + 137 * place % 1000, packets.frame_bytes(s), 0) for place, s in enumerate(session.segments)
    ]
    packets.write_pcapng(PCAPS / f"{name}.pcapng", frames, ["tap0"], nanoseconds=True)


# ---- conversations written by hand

for _name in handmade.DIALOGUES:
    BUILDERS[_name] = lambda name: handmade.write(name, PCAPS / f"{name}.pcap")


@builder
def odmr_atrn_joined(name):
    """On the port of on-demand mail relay, which is watched for no service, from behind the answer to ATRN on."""
    session = Session.recorded("odmr-atrn")
    session = session.with_ports(session.client_port, 366)
    write(name, session.starting_at(session.find(b"250 2.0.0 OK now", client=False) + 1))


# ---- TLS whose secrets were kept


def said_by_client(session):
    """The places of the client's segments with data."""
    return [place for place, segment in enumerate(session.segments) if segment.payload and session.from_client(segment)]


@builder
def decrypt_gap_in_auth(name):
    """The record with AUTH and the password, the second one, is missing."""
    session = Session.recorded("decrypt-after-commands")
    write(name, session.without(said_by_client(session)[-5 - 1]))


@builder
def decrypt_gap_in_body(name):
    """Two segments are missing from a body, within records and over the end of one."""
    session = Session.recorded("decrypt-large-mail")
    places = said_by_client(session)
    write(name, session.without(places[-8], places[-4]))


@builder
def decrypt_secrets_block(name):
    """A Decryption Secrets Block before the packets."""
    command = ["editcap", "--inject-secrets", f"tls,{PCAPS}/decrypt-starttls.keys", PCAPS / "decrypt-starttls.pcap"]
    subprocess.run([*command, PCAPS / f"{name}.pcapng"], check=True)


# ---- what must never be seen in any output

def responses_of(segments):
    """The SASL responses, as sent, of captures where each has its own segment. User names are none."""
    mechanisms, challenged = {}, {}
    for segment in segments:
        flow = (segment.source, segment.source_port, segment.destination, segment.destination_port)
        back = flow[2:] + flow[:2]
        line = segment.payload.rstrip(b"\r\n")
        if line.startswith(b"334") and b"\n" not in line:
            challenged[back] = True
        elif line[:3].isdigit():
            challenged.pop(back, None)  # the exchange is over
        elif command := re.fullmatch(rb"(?:AUTH|X-EXPS) (\S+)(?: (\S+))?", line, re.IGNORECASE):
            mechanisms[flow] = command[1].upper()
            if command[2] and mechanisms[flow] != b"LOGIN":
                yield command[2]
            elif command[2]:
                mechanisms[flow] = b"password"
        elif segment.payload and challenged.pop(flow, False) and line not in (b"", b"*", b"=", b"AQ=="):
            if mechanisms.get(flow) != b"LOGIN":
                yield line
            mechanisms[flow] = b"password"


def list_secrets():
    """Writes the responses on the wire of all recordings, for tests to search for."""
    secrets = set()
    for path in sorted(PCAPS.glob("*.pcap")):
        if path.stem in BUILDERS and path.stem not in handmade.DIALOGUES:
            continue  # nothing in it that the recordings have not
        for response in responses_of(Session.recorded(path.stem).segments):
            secrets.add(response)
            try:
                decoded = base64.b64decode(response, validate=True)
            except ValueError:
                continue
            if digest := re.fullmatch(rb"\S+ ([0-9a-f]{32})", decoded):
                secrets.add(digest[1])
    (PCAPS / "secrets-on-the-wire.txt").write_bytes(b"".join(s + b"\n" for s in sorted(secrets)))


def main():
    names = sys.argv[1:]
    if names == ["-l"]:
        print("\n".join(sorted(BUILDERS)))
        return
    for name in names:
        if name not in BUILDERS:
            sys.exit(f"{sys.argv[0]}: no capture named {name} (-l lists them)")
    for name in names or BUILDERS:
        BUILDERS[name](name)
    list_secrets()


if __name__ == "__main__":
    main()
