"""Conversations written by hand, packet by packet: attacks and faults that no ordinary client or server commits.

A Talk is one TCP connection. What a side says is one segment; it has received all that the other side said before it. Times are
made up, and the same in each run: a segment takes 0.1 ms from the client to the place of capture and 0.2 ms from there to the
server.
"""

import base64
import ipaddress

from packets import ACK, FIN, PSH, RST, SYN, Segment, frame_bytes, write_pcap

MICROSECOND, SECOND = 10**3, 10**9
START = 1795602000 * SECOND  # 2026-11-25 10:20:00 UTC
TO_SERVER, TO_CLIENT = 200 * MICROSECOND, 100 * MICROSECOND  # one way
CLIENT_ISN, SERVER_ISN = 0x1A2B3C4D, 0x5E6F7081
MAC_CLIENT, MAC_SERVER = b"\x02\0\0\0\0\x14", b"\x02\0\0\0\0\x0a"
SYN_OPTIONS = b"\x02\x04\x05\xb4"  # MSS 1460

CLIENT_HELLO = bytes.fromhex("160301002f0100002b0303") + bytes(range(32)) + bytes.fromhex("000004130113020100")[:9]
SERVER_HELLO = bytes.fromhex("160303002a020000260303") + bytes(range(32, 64)) + bytes.fromhex("00130100")
FINISHED = bytes.fromhex("1403030001011603030028") + bytes(range(140, 180))  # behind ChangeCipherSpec
ENCRYPTED = bytes.fromhex("1703030020") + bytes(range(100, 132))


class Talk:
    def __init__(self, port=25, client="192.0.2.20", client_port=40020, server="192.0.2.10", start=0):
        self.addresses = ipaddress.ip_address(client).packed, ipaddress.ip_address(server).packed
        self.ports = client_port, port
        self.now = START + int(start * SECOND)
        self.next = [CLIENT_ISN, SERVER_ISN]
        self.identification = 0x2000
        self.segments = []
        self._send(0, SYN, options=SYN_OPTIONS)
        self.now += 2 * TO_SERVER
        self._send(1, SYN | ACK, options=SYN_OPTIONS)
        self.now += 2 * TO_CLIENT
        self._send(0, ACK)
        self.last = 0

    def _send(self, side, flags, payload=b"", options=b""):
        peer = 1 - side
        self.identification += 1
        self.segments.append(
            Segment(
                self.now, (MAC_SERVER, MAC_CLIENT)[side], (MAC_CLIENT, MAC_SERVER)[side], self.addresses[side],
                self.addresses[peer], self.ports[side], self.ports[peer], self.next[side],
                self.next[peer] if flags & ACK else 0, flags, 64240, options, payload, self.identification,
            )
        )  # fmt: skip
        self.next[side] = self.segments[-1].end

    def _say(self, side, data, took):
        """took: seconds that the side needed; the way there and back is added when it answers the other."""
        way = 2 * (TO_CLIENT, TO_SERVER)[side] if side != self.last else 20 * MICROSECOND
        self.now += way + int(took * SECOND)
        self.last = side
        self._send(side, PSH | ACK, data if isinstance(data, bytes) else data.encode("latin-1"))

    def client(self, *lines, took=0.0005):
        """Lines, each with CR LF behind it; bytes as they are."""
        self._say(0, self._join(lines), took)
        return self

    def server(self, *lines, took=0.0005):
        self._say(1, self._join(lines), took)
        return self

    @staticmethod
    def _join(lines):
        return b"".join(line if isinstance(line, bytes) else line.encode("latin-1") + b"\r\n" for line in lines)

    def wait(self, seconds):
        self.now += int(seconds * SECOND)
        return self

    def greet(self, *extensions, banner="mail.example.com ESMTP"):
        self.server(f"220 {banner}")
        self.client("EHLO client.example.com")
        lines = ["mail.example.com", *extensions]
        return self.server(*(f"250{'-' if line is not lines[-1] else ' '}{line}" for line in lines))

    def envelope(self, sender="carol@example.org", recipient="alice@example.com"):
        self.client(f"MAIL FROM:<{sender}>").server("250 2.1.0 Ok")
        return self.client(f"RCPT TO:<{recipient}>").server("250 2.1.5 Ok")

    def data(self):
        return self.client("DATA").server("354 End data with <CR><LF>.<CR><LF>")

    def mail(self, *body, took=0.002):
        """A message, and that it was accepted."""
        return self.data().client(*body, ".").server("250 2.0.0 Ok: queued as 4F2A", took=took)

    def quit(self):
        return self.client("QUIT").server("221 2.0.0 Bye").close()

    def close(self):
        for side in (0, 1, 0):
            self.now += 100 * MICROSECOND
            self._send(side, (FIN | ACK) if len(self.segments) and not (side == 0 and self._closed()) else ACK)
        return self

    def _closed(self):
        return any(segment.flags & FIN for segment in self.segments)

    def reset(self):
        self.now += 100 * MICROSECOND
        self._send(0, RST | ACK)
        return self


HEADER = ("From: carol@example.org", "To: alice@example.com", "Subject: built by hand", "")
PIPELINING = ("PIPELINING", "SIZE 10240000", "8BITMIME")
NO_PIPELINING = ("SIZE 10240000", "8BITMIME")
SMUGGLED = (
    "MAIL FROM:<mallory@example.net>", "RCPT TO:<alice@example.com>", "DATA",
    "From: boss@example.com", "Subject: smuggled", "", "pay at once",
)  # fmt: skip
DIALOGUES = {}


def dialogue(function):
    DIALOGUES[function.__name__.replace("_", "-")] = function
    return function


# ---- a mail in a mail


@dialogue
def smuggling_nul():
    """<CR><LF><NUL>.<CR><LF>, and a server that falls for it before the message is over."""
    talk = Talk().greet(*PIPELINING).envelope().data()
    talk.client(*HEADER, "hi", b"\0.\r\n", *SMUGGLED[:1])
    talk.server("250 2.0.0 Ok: queued as 4F2A")
    return talk.server("250 2.1.0 Ok").quit()


@dialogue
def smuggling_not_taken():
    """Three false ends, and a server that answers once."""
    talk = Talk().greet(*PIPELINING).envelope().data()
    talk.client(*HEADER, b"hi\n.\n", SMUGGLED[0], b"hi\r.\r", SMUGGLED[0], b"hi\r\n.\r", SMUGGLED[0], ".")
    return talk.server("250 2.0.0 Ok: queued as 4F2A").quit()


@dialogue
def smuggling_quoted():
    """A line of one dot between bare LFs, as in a letter; no command behind it."""
    talk = Talk().greet(*PIPELINING).envelope()
    return talk.mail(*HEADER, b"an end of data is\n.\non a line of its own\r\n").quit()


# ---- STARTTLS


@dialogue
def starttls_eager_hello():
    """The ClientHello comes right behind STARTTLS, before the answer."""
    talk = Talk().greet(*PIPELINING, "STARTTLS").client("STARTTLS").client(CLIENT_HELLO)
    return talk.server("220 2.0.0 Ready").server(SERVER_HELLO).client(ENCRYPTED).server(ENCRYPTED).close()


@dialogue
def response_injection():
    """Replies behind the 220, which the client will take for encrypted ones."""
    talk = Talk().greet(*PIPELINING, "STARTTLS").client("STARTTLS")
    talk.server("220 2.0.0 Ready", "250-mail.example.com", "250 AUTH PLAIN LOGIN")
    return talk.client(CLIENT_HELLO).server(SERVER_HELLO).client(ENCRYPTED).close()


@dialogue
def starttls_server_without():
    """220, and then the server does not understand the ClientHello."""
    talk = Talk().greet(*PIPELINING, "STARTTLS").client("STARTTLS").server("220 2.0.0 Ready")
    return talk.client(CLIENT_HELLO).server("500 5.5.2 Error: bad syntax").close()


# ---- arguments


@dialogue
def header_injection():
    """Line ends in an address and in a parameter, encoded."""
    talk = Talk().greet(*PIPELINING, "DSN")
    talk.client("MAIL FROM:<web%0d%0aRCPT TO:victim@example.net>").server("553 5.1.7 Bad sender")
    talk.client("MAIL FROM:<web@example.org> ENVID=a+0D+0ABcc:victim@example.net").server("250 2.1.0 Ok")
    return talk.client("RSET").server("250 2.0.0 Ok").quit()


@dialogue
def addresses_that_look_injected():
    """An old route to a domain that begins with 0a, and a plus in an address."""
    talk = Talk().greet(*PIPELINING, "DSN").client("MAIL FROM:<carol+0A@example.org> ENVID=a+2Bb").server("250 2.1.0 Ok")
    talk.client("RCPT TO:<alice%0air.example.com@relay.example.net>").server("554 5.7.1 Relay access denied")
    return talk.client("RSET").server("250 2.0.0 Ok").quit()


# ---- other protocols


@dialogue
def not_smtp_http():
    """A web browser is made to post commands to a mail server."""
    talk = Talk().server("220 mail.example.com ESMTP")
    talk.client("POST / HTTP/1.1", "Host: mail.example.com:25", "", "HELO browser.example.com", "MAIL FROM:<web@example.net>")
    talk.server("500 5.5.2 Error", "500 5.5.2 Error", "500 5.5.2 Error", "250 mail.example.com", "250 2.1.0 Ok")
    return talk.quit()


@dialogue
def not_smtp_tls():
    """The mail program is set to SSL/TLS on the port for STARTTLS."""
    talk = Talk(port=587).client(CLIENT_HELLO).server("220 mail.example.com ESMTP").server("500 5.5.2 Error: bad syntax")
    return talk.close()


@dialogue
def not_smtp_random():
    """A scanner sends bytes without sense, without a line end."""
    return Talk().server("220 mail.example.com ESMTP").client(bytes.fromhex("05f1009c80ff17e2000184")).close()


@dialogue
def not_smtp_ssh_server():
    return Talk().server("SSH-2.0-OpenSSH_9.2").client("EHLO client.example.com").reset()


# ---- order


@dialogue
def pipelining_not_offered():
    talk = Talk().greet(*NO_PIPELINING).client("MAIL FROM:<carol@example.org>", "RCPT TO:<alice@example.com>", "RSET")
    return talk.server("250 2.1.0 Ok", "250 2.1.5 Ok", "250 2.0.0 Ok").quit()


@dialogue
def early_pipelining():
    """Exim's PIPECONNECT: a client that knows the server goes ahead."""
    talk = Talk().client("EHLO client.example.com", "MAIL FROM:<carol@example.org>")
    talk.server("220 mail.example.com ESMTP Exim", "250-mail.example.com", "250-PIPELINING", "250 PIPECONNECT", "250 OK")
    return talk.client("RSET").server("250 OK").quit()


@dialogue
def commands_after_quit():
    talk = Talk().greet(*PIPELINING).client("QUIT", "MAIL FROM:<carol@example.org>").server("221 2.0.0 Bye")
    return talk.close()


@dialogue
def quit_refused():
    """A QUIT that the server does not take, and the session goes on."""
    talk = Talk().greet(*PIPELINING).client("QUIT now").server("501 5.5.4 Syntax: QUIT")
    return talk.client("RSET").server("250 2.0.0 Ok").quit()


# ---- lines


@dialogue
def bare_return_body():
    talk = Talk().greet(*PIPELINING).envelope()
    return talk.mail(*HEADER, b"progress 10%\rprogress 20%\rdone\r\n").quit()


@dialogue
def newline_split():
    """CR at the end of one segment and LF at the start of the next, in a command and in the message."""
    talk = Talk().greet(*PIPELINING)
    talk.client(b"MAIL FROM:<carol@example.org>\r").client(b"\n").server("250 2.1.0 Ok")
    talk.client("RCPT TO:<alice@example.com>").server("250 2.1.5 Ok").data()
    return talk.client(*HEADER, b"hi\r").client(b"\n.\r").client(b"\n").server("250 2.0.0 Ok").quit()


@dialogue
def nul_byte():
    talk = Talk().greet(*PIPELINING).client(b"NOOP \0\r\n").server("250 2.0.0 Ok").envelope()
    return talk.mail(*HEADER, "two NULs: \0\0").quit()


@dialogue
def nul_in_binary():
    """BODY=BINARYMIME: any byte may be in the message."""
    talk = Talk().greet(*PIPELINING, "CHUNKING", "BINARYMIME")
    talk.client("MAIL FROM:<carol@example.org> BODY=BINARYMIME").server("250 2.1.0 Ok")
    talk.client("RCPT TO:<alice@example.com>").server("250 2.1.5 Ok")
    return talk.client("BDAT 8 LAST", b"\0\n\r\0\r\r\n\0").server("250 2.0.0 Ok").quit()


@dialogue
def line_too_long():
    """A command of 513 bytes, a reply of 600, a line of 1,001 in the message."""
    talk = Talk().greet(*PIPELINING).client("NOOP " + "a" * 506).server("250 " + "b" * 594).envelope()
    return talk.mail(*HEADER, "c" * 999).quit()


@dialogue
def line_at_limit():
    """512, 512 and 1,000 bytes; and a MAIL command that extensions make longer."""
    talk = Talk().greet(*PIPELINING, "DSN").client("NOOP " + "a" * 505).server("250 " + "b" * 506)
    talk.client("MAIL FROM:<carol@example.org> ENVID=" + "e" * 90 + " AUTH=" + "d" * 450 + "@example.org")
    talk.server("250 2.1.0 Ok").client("RCPT TO:<alice@example.com>").server("250 2.1.5 Ok")
    return talk.mail(*HEADER, "c" * 998).quit()


# ---- time


@dialogue
def slow_reply():
    """The greeting takes 12 s, the message 75 s."""
    talk = Talk().wait(11.5).greet(*PIPELINING).envelope()
    return talk.mail(*HEADER, "hi", took=75).quit()


@dialogue
def slow_client():
    """The client takes a minute to send its message, the server is quick."""
    talk = Talk().greet(*PIPELINING).envelope().data().wait(60)
    return talk.client(*HEADER, "hi", ".").server("250 2.0.0 Ok: queued as 4F2A").quit()


@dialogue
def no_reply_to_message():
    """The client waits for the answer to its message for two minutes, and leaves."""
    talk = Talk().greet(*PIPELINING).envelope().data().client(*HEADER, "hi", ".").wait(120)
    return talk.reset()


@dialogue
def tarpit():
    """Every reply takes longer than the one before."""
    talk = Talk().server("220 mail.example.com ESMTP").client("EHLO client.example.com").server("250 mail.example.com", took=2)
    talk.client("MAIL FROM:<carol@example.org>").server("250 2.1.0 Ok", took=3)
    talk.client("RCPT TO:<nobody@example.com>").server("550 5.1.1 No such user", took=4)
    talk.client("RCPT TO:<none@example.com>").server("550 5.1.1 No such user", took=6)
    return talk.client("RSET").server("250 2.0.0 Ok", took=8).quit()


@dialogue
def tarpit_drip():
    """A server of OpenBSD's spamd's kind: a byte each half a second."""
    talk = Talk()
    for byte in b"220 mx ESMTP spamd\r\n":
        talk.server(bytes([byte]), took=0.5)
    return talk.client("QUIT").server("221 bye").close()


@dialogue
def slow_recipients():
    """Recipients are looked up, two seconds each; all else is quick."""
    talk = Talk().greet(*PIPELINING).client("MAIL FROM:<carol@example.org>").server("250 2.1.0 Ok")
    for name in ("alice", "bob", "dave", "erin"):
        talk.client(f"RCPT TO:<{name}@example.com>").server("250 2.1.5 Ok", took=2)
    return talk.mail(*HEADER, "hi").quit()


# ---- middleboxes


@dialogue
def capability_masked_asterisks():
    """A firewall that writes asterisks over the greeting and over extensions."""
    return Talk().greet("PIPELINING", "********", "**** ***** *****", banner="*" * 30 + "2" + "*" * 6 + "0*0*00").quit()


@dialogue
def greeting_with_stars():
    return Talk().greet(*PIPELINING, banner="mail.example.com ESMTP *** authorised use only ***").quit()


@dialogue
def starttls_stripped():
    """Two clients of one server: the first is offered STARTTLS, for the second somebody took it out of the list."""
    first = Talk(port=587).greet(*PIPELINING, "STARTTLS").client("STARTTLS").server("220 2.0.0 Ready")
    first.client(CLIENT_HELLO).server(SERVER_HELLO).client(FINISHED).server(FINISHED).client(ENCRYPTED).server(ENCRYPTED).close()
    second = Talk(port=587, client="192.0.2.29", client_port=40021, start=60).greet(*PIPELINING, "XXXXXXXA")
    return [first, second.envelope().mail(*HEADER, "hi").quit()]


# ---- logins


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


@dialogue
def auth_rare_mechanisms():
    """EXTERNAL with the name of the certificate, ANONYMOUS, and SCRAM with a channel binding that does not match."""
    offered = (*PIPELINING, "AUTH EXTERNAL ANONYMOUS SCRAM-SHA-256-PLUS")
    external, anonymous, plus = (Talk(port=587, client_port=40020 + i, start=i).greet(*offered) for i in range(3))
    external.client("AUTH EXTERNAL =").server("235 2.7.0 Accepted").quit()
    anonymous.client("AUTH ANONYMOUS " + base64_of("trace@example.org")).server("235 2.7.0 Accepted").quit()
    plus.client("AUTH SCRAM-SHA-256-PLUS " + base64_of("p=tls-server-end-point,,n=alice,r=rOprNGfwEbeRWgbNEkqO"))
    plus.server("334 " + base64_of("r=rOprNGfwEbeRWgbNEkqO0hIjKlMnOpQrStUv,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
    plus.client(base64_of("c=cD10bHMtc2VydmVyLWVuZC1wb2ludCws,r=rOprNGfwEbeRWgbNEkqO0hIjKlMnOpQrStUv,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
    plus.server("334 " + base64_of("e=channel-bindings-dont-match")).client("").server("535 5.7.8 Authentication failed").quit()
    return [external, anonymous, plus]


@dialogue
def auth_pipelined():
    """AUTH and what comes after it in one segment, by a client that is sure of its password."""
    talk = Talk(port=587).greet(*PIPELINING, "AUTH PLAIN")
    talk.client("AUTH PLAIN " + base64_of("\0alice\0Tr0ub4dor-alice"), "MAIL FROM:<alice@example.com>", "RCPT TO:<carol@example.org>")
    talk.server("235 2.7.0 Authentication successful", "250 2.1.0 Ok", "250 2.1.5 Ok")
    return talk.mail(*HEADER, "hi").quit()


# ---- greylisting


def greylisted(talk, passes):
    talk.greet(*PIPELINING).client("MAIL FROM:<carol@example.org>").server("250 2.1.0 Ok").client("RCPT TO:<alice@example.com>")
    if passes:
        return talk.server("250 2.1.5 Ok").mail(*HEADER, "hi").quit()
    talk.server("450 4.2.0 <alice@example.com>: Recipient address rejected: Greylisted")
    return talk.client("RSET").server("250 2.0.0 Ok").quit()


@dialogue
def greylisted_then_delivered():
    """Tried again after five minutes, and after a quarter of an hour, which is late enough."""
    times = (0, 300, 900)
    return [greylisted(Talk(client_port=40020 + at, start=at), at == times[-1]) for at in times]


@dialogue
def greylisted_again():
    """Tried again, and turned away again."""
    return [greylisted(Talk(client_port=40020 + at, start=at), False) for at in (0, 60)]


def write(name, path):
    talks = DIALOGUES[name]()
    talks = talks if isinstance(talks, list) else [talks]
    segments = sorted((segment for talk in talks for segment in talk.segments), key=lambda segment: segment.time)
    write_pcap(path, [(segment.time, frame_bytes(segment)) for segment in segments])
