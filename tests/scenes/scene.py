# SPDX-License-Identifier: GPL-3.0-or-later
"""A day of mail traffic, played by a script against little servers, and written as a capture.

    scene = Scene("example")
    mail, bob = scene.inside("mail", 10), scene.inside("bob-pc", 22)
    submission = scene.server(mail, 587, faces.gateway("alice", "bob"))
    scene.login_and_send(bob, submission, "bob")       # one connection, from SYN to FIN; the clock goes on
    scene.wait(minutes=5)
    submission.face = faces.postfix("alice")           # from now on, something else answers
    scene.login_and_send(bob, submission, "bob")
    scene.write(folder)

The servers decide what is answered, so a scene cannot contradict itself. scene.calls tells what was played. The same script gives
the same bytes.
"""
import base64
import contextlib
import dataclasses
import datetime
import email.utils
import ipaddress
import pathlib
import random
import typing

from . import faces, wire
from .faces import MILLISECOND, SECOND
from .wire import CLIENT, SERVER

NETWORKS = {  # what the scenes call networks, for both IP versions
    "inside": ("192.0.2.{}", "2001:db8::{}"),
    "outside": ("203.0.113.{}", "2001:db8:113::{}"),
    "far": ("198.51.100.{}", "2001:db8:100::{}"),
}
ROUTER = 1
START = "2026-03-02T08:00:00Z"
FIRST_PORT = 49152


def nanoseconds(time: str) -> int:
    return int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()) * SECOND


def endpoint_text(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclasses.dataclass(eq=False)
class Host:
    nick: str
    address: str
    name: str = ""         # in EHLO
    middlebox: typing.Optional[typing.Callable] = None  # changes what servers say to this host: lines to lines
    next_port: int = FIRST_PORT


@dataclasses.dataclass(eq=False)
class Server:
    host: Host
    port: int
    pool: list             # of faces; more than one: they take turns
    verdict: str = "up"    # or how it does not answer: "reset", "drop"
    hold_off: int = 0      # it waits so long before it greets
    greylist: dict = dataclasses.field(default_factory=dict)
    turn: int = 0

    @property
    def face(self) -> faces.Face:
        return self.pool[self.turn % len(self.pool)]

    @face.setter
    def face(self, face: faces.Face) -> None:
        self.pool, self.turn = [face], 0

    @property
    def text(self) -> str:
        return endpoint_text(self.host.address, self.port)


@dataclasses.dataclass
class Mail:
    sender: str
    accepted: list = dataclasses.field(default_factory=list)
    refused: list = dataclasses.field(default_factory=list)
    taken: bool = False


@dataclasses.dataclass
class Call:
    """What was played on one connection."""
    client: Host
    client_port: int
    server: Server
    start: int
    end: int = 0
    face: typing.Optional[faces.Face] = None
    close: str = "fin"
    logins: list = dataclasses.field(default_factory=list)  # (mechanism, user, accepted)
    mails: list = dataclasses.field(default_factory=list)
    frames: list = dataclasses.field(default_factory=list)
    whole: bool = True     # all of it is in the capture
    source: int = 0        # which capture file
    mailbox: bool = False  # POP3 or IMAP

    @property
    def outcome(self) -> str:
        if self.face is None:
            return "not connected"
        if self.logins and not self.logins[-1][2]:
            return "login rejected"
        return "delivered" if any(mail.taken for mail in self.mails) else "not delivered"

    def lose(self, *beginnings: bytes) -> None:
        """The capture misses the segments that begin so."""
        kept = [frame for frame in self.frames if not frame.payload.startswith(beginnings)]
        assert len(kept) < len(self.frames)
        self.frames, self.whole = kept, False

    def lose_before(self, beginning: bytes) -> None:
        """The capture begins with the segment that begins so."""
        at = next(at for at, frame in enumerate(self.frames) if frame.payload.startswith(beginning))
        self.frames, self.whole = self.frames[at:], False

    def lose_side(self, side: int) -> None:
        """The capture has one direction only."""
        self.frames, self.whole = [frame for frame in self.frames if frame.side != side], False

    def lose_inside(self, beginning: bytes, missing: bytes) -> None:
        """The capture misses the part of a segment that has these bytes; the part was a segment of its own."""
        frames = []
        for frame in self.frames:
            frames += cut_out(frame, missing) if frame.payload.startswith(beginning) else [frame]
        self.frames, self.whole = frames, False


def cut_out(frame: wire.Frame, missing: bytes) -> list:
    segment, at = wire.packets.parse_ethernet(frame.time, frame.data), frame.payload.index(missing)
    pieces = [(0, at), (at + len(missing), len(frame.payload))]
    return [wire.Frame(frame.time, wire.packets.frame_bytes(segment.changed(
        seq=(segment.seq + start) % 2**32, payload=frame.payload[start:end])), frame.payload[start:end], frame.side)
            for start, end in pieces]


class Scene:
    def __init__(self, name: str, ipv6: bool = False, start: str = START):
        self.name, self.ipv6 = name, ipv6
        self.rng = random.Random(name)
        self.now = nanoseconds(start)
        self.hosts, self.servers = {}, {}
        self.calls = []
        self.blocks = []            # (hosts, port, verdict)
        self.clocks = [0]           # of each capture file: how far it is off, in ns
        self.source_order = None    # in which order the files are given to the program; None: as they were begun
        self.loss = 0.0
        self.together_at = None

    # ---- who there is

    def host(self, network: str, nick: str, number: int, name: str = "") -> Host:
        address = NETWORKS[network][self.ipv6].format(number)
        domain = {"inside": "example.com", "outside": "example.net", "far": "example.org"}[network]
        return self.hosts.setdefault(nick, Host(nick, address, name or f"{nick}.{domain}"))

    def inside(self, nick: str, number: int, name: str = "") -> Host:
        return self.host("inside", nick, number, name)

    def outside(self, nick: str, number: int, name: str = "") -> Host:
        return self.host("outside", nick, number, name)

    def far(self, nick: str, number: int, name: str = "") -> Host:
        return self.host("far", nick, number, name)

    def server(self, host: Host, port: int, *pool: faces.Face) -> Server:
        return self.servers.setdefault(f"{host.nick}:{port}", Server(host, port, list(pool)))

    def endpoint(self, nick: str) -> str:
        """The table's name of a server, as output has it."""
        host, _, port = nick.rpartition(":")
        return endpoint_text(self.hosts[host].address, int(port))

    # ---- time

    def wait(self, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.now += int((hours * 3600 + minutes * 60 + seconds) * SECOND)

    @contextlib.contextmanager
    def together(self) -> typing.Iterator:
        """The connections within happen at the same time, begun a moment after each other."""
        self.together_at, ends = self.now, []
        before = len(self.calls)
        yield
        ends = [call.end for call in self.calls[before:]]
        self.now, self.together_at = max([self.now, *ends]), None

    def _begin(self) -> int:
        if self.together_at is None:
            return self.now + self.rng.randrange(1, 400) * MILLISECOND
        self.together_at += self.rng.randrange(1, 300) * MILLISECOND
        return self.together_at

    # ---- the network

    def block(self, port: int, verdict: str, *hosts: Host) -> None:
        """From now on a firewall keeps these hosts, or all inside, from this port elsewhere: "drop", "reset", "prohibited"."""
        self.blocks.append((hosts, port, verdict))

    def unblock(self) -> None:
        self.blocks = []

    def _verdict(self, client: Host, server: Server) -> str:
        leaves = self._is_inside(client) and not self._is_inside(server.host)
        for hosts, port, verdict in self.blocks:
            if server.port == port and (client in hosts or not hosts and leaves):
                return verdict
        return server.verdict

    def _is_inside(self, host: Host) -> bool:
        return any(ipaddress.ip_address(host.address) in ipaddress.ip_network(network) for network in faces.OFFICE_NETWORKS)

    def dial(self, client: Host, server: Server) -> "Line":
        start, verdict = self._begin(), self._verdict(client, server)
        call = Call(client, client.next_port, server, start, source=len(self.clocks) - 1)
        client.next_port += self.rng.choice((2, 4, 6))
        self.calls.append(call)
        delay = 150_000 if self._is_inside(client) and self._is_inside(server.host) else 9 * MILLISECOND
        ends = (client.address, call.client_port), (server.host.address, server.port)
        line = Line(self, call, wire.Connection(*ends, start, delay, self.rng))
        if verdict == "up":
            line.connect()
        else:
            line.fail(verdict)
        return line

    def date(self, now: int) -> str:
        return email.utils.format_datetime(datetime.datetime.fromtimestamp(now // SECOND, datetime.timezone.utc))

    def token(self) -> str:
        return f"{self.rng.getrandbits(40):010X}"

    # ---- what people and programs do: one connection each

    def send(self, client: Host, server: Server, user: str = "", password: str = "", mechanism: str = "LOGIN", sender: str = "",
             to: typing.Sequence = ("carol@example.org",), size: int = 300, starttls: bool = False) -> Call:
        """Sends a mail as a mail program does: whatever is refused, it says goodbye."""
        line = self.dial(client, server)
        if line.ready and line.ehlo() and not (starttls and line.starttls()):
            if not user or line.login(user, password or faces.passwords(user)[user], mechanism):
                line.mail(sender or f"{user or client.nick}@example.com", to, size)
        return line.end()

    def login_and_send(self, client: Host, server: Server, user: str, mechanism: str = "LOGIN", **more: object) -> Call:
        return self.send(client, server, user, mechanism=mechanism, **more)

    def send_without_login(self, client: Host, server: Server, sender: str = "", **more: object) -> Call:
        return self.send(client, server, sender=sender, **more)

    def wrong_password(self, client: Host, server: Server, user: str, mechanism: str = "LOGIN",
                       password: str = "guess-77") -> Call:
        return self.send(client, server, user, password=password, mechanism=mechanism)

    def starttls_session(self, client: Host, server: Server) -> Call:
        return self.send(client, server, starttls=True)

    def relay_attempt(self, client: Host, server: Server, to: typing.Sequence = ("carol@example.org",)) -> Call:
        return self.send(client, server, sender=f"offers@{faces.domain_of('@' + client.name.partition('.')[2])}", to=to)

    def connect_refused(self, client: Host, server: Server) -> Call:
        return self._connect(client, server, "reset")

    def connect_unanswered(self, client: Host, server: Server) -> Call:
        return self._connect(client, server, "drop")

    def icmp_prohibited(self, client: Host, server: Server) -> Call:
        return self._connect(client, server, "prohibited")

    def _connect(self, client: Host, server: Server, verdict: str) -> Call:
        usual, server.verdict = server.verdict, verdict
        line, server.verdict = self.dial(client, server), usual
        return line.end()

    def look_only(self, client: Host, server: Server) -> Call:
        """EHLO and QUIT: a monitoring system."""
        line = self.dial(client, server)
        if line.ready:
            line.ehlo()
        return line.end()

    def poll_pop3(self, client: Host, server: Server, user: str) -> Call:
        return self._poll(client, server, "+OK Dovecot ready.", [
            (f"USER {user}", "+OK"), (f"PASS {faces.passwords(user)[user]}", "+OK Logged in."), ("STAT", "+OK 0 0"),
            ("QUIT", "+OK Logging out.")])

    def poll_imap(self, client: Host, server: Server, user: str) -> Call:
        return self._poll(client, server, "* OK [CAPABILITY IMAP4rev1] Dovecot ready.", [
            (f"a1 LOGIN {user} {faces.passwords(user)[user]}", "a1 OK Logged in"),
            ("a2 SELECT INBOX", "* 0 EXISTS\r\n* 0 RECENT\r\na2 OK [READ-WRITE] Select completed."),
            ("a3 LOGOUT", "* BYE Logging out\r\na3 OK Logout completed.")])

    def _poll(self, client: Host, server: Server, greeting: str, turns: list) -> Call:
        line = self.dial(client, server)
        line.call.mailbox = True
        if line.ready:
            line.say(SERVER, greeting, 3 * MILLISECOND)
            for question, answer in turns:
                line.say(CLIENT, question, MILLISECOND)
                line.say(SERVER, answer, 2 * MILLISECOND)
            line.dialogue = None
        return line.end()

    # ---- the captures

    def next_capture(self, clock_off_s: float = 0) -> None:
        """From now on another file is written, on a machine whose clock may be off."""
        self.clocks.append(int(clock_off_s * SECOND))

    def lose(self, share: float) -> None:
        """The captures miss this share of all frames, chosen at random."""
        self.loss = share
        for call in self.calls:
            call.whole = False

    def write(self, folder: pathlib.Path) -> list:
        """Returns the names of the files, in the order in which to give them to the program."""
        names = [f"{self.name}{f'-{at + 1}' if len(self.clocks) > 1 else ''}.pcap" for at in range(len(self.clocks))]
        rng = random.Random(f"losses of {self.name}")
        for at, name in enumerate(names):
            frames = [frame for call in self.calls if call.source == at for frame in call.frames if rng.random() >= self.loss]
            timed = sorted(((frame.time + self.clocks[at], frame.data) for frame in frames), key=lambda frame: frame[0])
            wire.packets.write_pcap(folder / name, timed)
        return [names[at] for at in self.source_order or range(len(names))]


class Line:
    """The client's side of one session, and the wire to the server."""

    def __init__(self, scene: Scene, call: Call, connection: wire.Connection):
        self.scene, self.call, self.wire = scene, call, connection
        self.dialogue = None
        self.ready = False     # the server has greeted and waits for commands

    def connect(self) -> None:
        server = self.call.server
        self.wire.handshake()
        self.ready = True
        if not server.pool:
            return
        face = self.call.face = server.face
        server.turn += 1
        scene = self.scene
        self.dialogue = faces.Dialogue(face, self.call.client.address, scene.date(self.wire.now), scene.token(), server.greylist,
                                       lambda: self.wire.now)
        self.ready = self._reply(self.dialogue.greeting()).startswith("220")

    def fail(self, verdict: str) -> None:
        if verdict == "reset":
            self.wire.refused()
        elif verdict == "drop":
            self.wire.unanswered()
        else:
            self.wire.prohibited(NETWORKS["inside"][self.scene.ipv6].format(ROUTER))
        self.call.close = {"reset": "refused", "drop": "unanswered", "prohibited": "unreachable"}[verdict]

    def say(self, side: int, text: str, after: int) -> None:
        self.wire.pass_time(after)
        self.wire.send(side, text.encode() + b"\r\n")

    def _reply(self, answer: faces.Answer) -> str:
        lines = answer.lines
        if self.call.client.middlebox:
            lines = self.call.client.middlebox(lines)
        self.wire.pass_time(answer.after + self.scene.rng.randrange(900) * 1000)
        self.wire.send(SERVER, "".join(line + "\r\n" for line in lines).encode())
        return lines[-1]

    def ask(self, command: str) -> str:
        """Returns the last line of the reply."""
        self.say(CLIENT, command, MILLISECOND)
        return self._reply(self.dialogue.answer(command))

    def ehlo(self) -> bool:
        return self.ask(f"EHLO {self.call.client.name}").startswith("250")

    def starttls(self) -> bool:
        if not any(line.startswith("STARTTLS") for line in self.call.face.extensions):
            return False
        self.ask("STARTTLS")
        rng = self.scene.rng
        exchange = [
            (CLIENT, wire.client_hello("mail.example.com", rng)),
            (SERVER, wire.server_hello(rng) + wire.CHANGE_CIPHER_SPEC + wire.application_data(900, rng)),
            (CLIENT, wire.CHANGE_CIPHER_SPEC + wire.application_data(53, rng)),
        ] + [(side, wire.application_data(size, rng)) for size in (45, 180, 60, 33, 70, 400, 28) for side in (CLIENT, SERVER)]
        for side, data in exchange:
            self.wire.pass_time(2 * MILLISECOND)
            self.wire.send(side, data)
        self.call.close, self.dialogue = "fin", None
        return True

    def login(self, user: str, password: str, mechanism: str) -> bool:
        reply = {"LOGIN": self._login, "PLAIN": self._plain, "CRAM-MD5": self._cram_md5}[mechanism](user, password)
        self.call.logins.append((mechanism, user, reply.startswith("235")))
        return reply.startswith("235")

    def _login(self, user: str, password: str) -> str:
        reply = self.ask("AUTH LOGIN")
        for response in (user, password):
            if reply.startswith("334"):
                reply = self.ask(faces.base64_text(response))
        return reply

    def _plain(self, user: str, password: str) -> str:
        return self.ask("AUTH PLAIN " + faces.base64_text(f"\0{user}\0{password}"))

    def _cram_md5(self, user: str, password: str) -> str:
        reply = self.ask("AUTH CRAM-MD5")
        if not reply.startswith("334"):
            return reply
        challenge = base64.b64decode(reply[4:]).decode()
        return self.ask(faces.base64_text(f"{user} {faces.cram_digest(password, challenge)}"))

    def mail(self, sender: str, to: typing.Sequence, size: int = 300) -> bool:
        mail = Mail(sender)
        self.call.mails.append(mail)
        if not self.ask(f"MAIL FROM:<{sender}>").startswith("250"):
            return False
        for recipient in to:
            taken = self.ask(f"RCPT TO:<{recipient}>").startswith("250")
            (mail.accepted if taken else mail.refused).append(recipient)
        if not mail.accepted or not self.ask("DATA").startswith("354"):
            return False
        mail.taken = self.ask(self._message(sender, mail.accepted, size) + ".").startswith("250")
        return mail.taken

    def _message(self, sender: str, to: list, size: int) -> str:
        head = [f"Date: {self.scene.date(self.wire.now)}", f"From: <{sender}>", f"To: {', '.join(to)}",
                "Subject: Minutes of the meeting", f"Message-Id: <{self.scene.token()}@{faces.domain_of(sender)}>", ""]
        text = "What was said is what was meant, and the other way round."
        return "\r\n".join(head + [text] * (size // len(text) + 1)) + "\r\n"

    def end(self) -> Call:
        """Says goodbye if anybody listens, and hands the frames over."""
        if self.dialogue and not self.dialogue.closed:
            self.ask("QUIT")
        if self.call.close == "fin":
            self.wire.close(SERVER if self.dialogue and self.dialogue.closed else CLIENT)
        self.call.frames, self.call.end = self.wire.frames, self.wire.now
        self.scene.now = max(self.scene.now, self.call.end)
        if self.scene.together_at is not None:
            self.scene.now = self.call.start
        return self.call
