"""Conversations written by hand, packet by packet: attacks and faults that no ordinary client or server commits.

A Talk is one TCP connection. What a side says is one segment; it has received all that the other side said before it. Times are
made up, and the same in each run: a segment takes 0.1 ms from the client to the place of capture and 0.2 ms from there to the
server.
"""

import base64
import hashlib
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
    def __init__(self, port=25, client="192.0.2.20", client_port=40020, server="192.0.2.10", start=0, syn_again=()):
        """syn_again: after so many seconds the client has no answer, and sends its SYN again."""
        self.addresses = ipaddress.ip_address(client).packed, ipaddress.ip_address(server).packed
        self.ports = client_port, port
        self.now = START + int(start * SECOND)
        self.next = [CLIENT_ISN, SERVER_ISN]
        self.identification = 0x2000
        self.segments = []
        self._send(0, SYN, options=SYN_OPTIONS)
        for after in syn_again:
            self.now += int(after * SECOND)
            self.next[0] = CLIENT_ISN
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


@dialogue
def starttls_refused_codes():
    """STARTTLS answered 501, 502, 503 and 554: wrong syntax, unknown, out of sequence, refused. In each the mail goes in the clear."""
    answers = (("STARTTLS now", "501 5.5.4 Syntax: STARTTLS"), ("STARTTLS", "502 5.5.1 Command not implemented"),
               ("STARTTLS", "503 5.5.1 Already in a mail transaction"), ("STARTTLS", "554 5.7.0 TLS refused by policy"))
    return [Talk(client_port=40020 + at, start=10 * at).greet(*PIPELINING, "STARTTLS").client(command).server(answer)
            .envelope().mail(*HEADER, "hi").quit() for at, (command, answer) in enumerate(answers)]


@dialogue
def exchange_anonymoustls():
    """Exchange's servers among themselves: TLS without STARTTLS, and what they say in it."""
    talk = Talk().greet("SIZE 37748736", "PIPELINING", "X-ANONYMOUSTLS", "X-EXPS GSSAPI", "XSHADOW", "8BITMIME",
                        banner="ex1.example.com Microsoft ESMTP MAIL Service ready")
    talk.client("X-ANONYMOUSTLS").server("220 2.0.0 SMTP server ready")
    talk.client(CLIENT_HELLO).server(SERVER_HELLO).client(FINISHED).server(FINISHED)
    return talk.client(ENCRYPTED).server(ENCRYPTED).close()


@dialogue
def xclient_without_hello():
    """A gateway that tells where its client comes from and goes on; the server wants a new EHLO."""
    talk = Talk().greet(*PIPELINING, "XCLIENT NAME ADDR").client("XCLIENT ADDR=203.0.113.50").server("220 mail.example.com ESMTP")
    talk.client("MAIL FROM:<carol@example.org>").server("503 5.5.1 Error: send HELO/EHLO first")
    talk.client("EHLO client.example.com").server("250-mail.example.com", "250 8BITMIME")
    return talk.envelope().mail(*HEADER, "hi").quit()


# ---- logins

PASSWORD = "Tr0ub4dor-alice"


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def der(tag, *parts):
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes([tag]) + length + content


def kerberos_request(realm, *service):
    """A GSSAPI token with an AP-REQ (RFC 4121, 4120): the ticket says in clear whom it is for. What is encrypted is made up."""
    def numbered(number, *parts):
        return der(0xA0 + number, *parts)

    def encrypted(label, size):
        cipher = b"".join(hashlib.sha512(f"{label} {at}".encode()).digest() for at in range(size // 64))
        return der(0x30, numbered(0, der(2, b"\x12")), numbered(2, der(4, cipher)))
    name = der(0x30, numbered(0, der(2, b"\x02")), numbered(1, der(0x30, *(der(0x1B, part.encode()) for part in service))))
    ticket = der(0x61, der(0x30, numbered(0, der(2, b"\x05")), numbered(1, der(0x1B, realm.encode())), numbered(2, name),
                           numbered(3, encrypted("ticket", 256))))
    request = der(0x6E, der(0x30, numbered(0, der(2, b"\x05")), numbered(1, der(2, b"\x0e")), numbered(2, der(3, bytes(5))),
                            numbered(3, ticket), numbered(4, encrypted("authenticator", 192))))
    return der(0x60, bytes.fromhex("06092a864886f71201020201") + b"\0" + request)


@dialogue
def auth_gssapi_ticket():
    """GSSAPI with a ticket of Kerberos: realm and service are to be seen, the user is not."""
    talk = Talk(port=587).greet(*PIPELINING, "AUTH GSSAPI PLAIN").client("AUTH GSSAPI").server("334 ")
    talk.client(b64(kerberos_request("EXAMPLE.COM", "smtp", "mail.example.com")))
    talk.server("334 " + b64(der(0x60, bytes.fromhex("06092a864886f71201020202") + b"\0" + der(0x6F, hashlib.sha256(b"reply").digest()))))
    talk.client("").server("334 " + b64(hashlib.sha256(b"layers").digest())).client(b64(hashlib.sha256(b"choice").digest()))
    return talk.server("235 2.7.0 Authentication successful").envelope().mail(*HEADER, "hi").quit()


AUTH_ANSWERS = (
    ("432 4.7.12 A password transition is needed", "454 4.7.0 Temporary authentication failure", "534 5.7.9 Authentication mechanism is too weak",
     "535 5.7.8 Authentication credentials invalid", "538 5.7.11 Encryption required for requested authentication mechanism",
     "500 5.5.6 Authentication exchange line is too long", "501 5.5.2 Cannot decode response",
     "502 5.5.1 Command not implemented", "503 5.5.1 Bad sequence of commands", "504 5.5.4 Unrecognized authentication type"))


@dialogue
def auth_codes():
    """AUTH answered with each code that has a meaning of its own, a connection each."""
    return [Talk(port=587, client_port=40020 + at, start=10 * at).greet(*PIPELINING, "AUTH PLAIN CRAM-MD5")
            .client("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}")).server(answer).quit() for at, answer in enumerate(AUTH_ANSWERS)]


# ---- roles that change


def reversed_mail(talk, name):
    """The server hands on what it has for the client."""
    talk.client(f"220 {name} ready to receive").server("EHLO mail.example.com").client(f"250-{name}", "250 SIZE 1000000")
    for recipient in ("lisa", "nobody"):
        talk.server("MAIL FROM:<carol@example.net> SIZE=200").client("250 2.1.0 Ok").server(f"RCPT TO:<{recipient}@example.org>")
        if recipient == "nobody":
            talk.client("550 5.1.1 No such user").server("RSET").client("250 2.0.0 Ok")
        else:
            talk.client("250 2.1.5 Ok").server("DATA").client("354 go on")
            talk.server("From: carol@example.net", "To: lisa@example.org", "Subject: waited for you", "", "hi", ".").client("250 2.0.0 Ok: queued")
    return talk.server("QUIT").client("221 2.0.0 Bye").close()


@dialogue
def odmr_atrn():
    """On-demand mail relay (RFC 2645): after ATRN the server is the client."""
    talk = Talk().greet("ATRN", "AUTH PLAIN", banner="mail.example.com ESMTP on-demand mail relay")
    talk.client("AUTH PLAIN " + b64(f"\0alice\0{PASSWORD}")).server("235 2.7.0 Authentication successful")
    talk.client("ATRN example.org").server("250 2.0.0 OK now reversing the connection")
    return reversed_mail(talk, "relay.example.org")


@dialogue
def turn():
    """TURN as RFC 821 has it."""
    talk = Talk().server("220 mail.example.com SMTP").client("HELO relay.example.org").server("250 mail.example.com").envelope()
    talk.mail(*HEADER, "hi").client("TURN").server("250 2.0.0 Ok")
    return reversed_mail(talk, "relay.example.org")


@dialogue
def turn_refused():
    talk = Talk().greet(*PIPELINING, "ATRN").client("TURN").server("502 5.5.1 Not implemented")
    return talk.client("ATRN example.org").server("450 4.7.0 ATRN request refused").envelope().mail(*HEADER, "hi").quit()


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


@dialogue
def limits_exceeded():
    """Two recipients, two domains and two mails, where one of each is allowed."""
    talk = Talk().greet(*PIPELINING, "LIMITS MAILMAX=1 RCPTMAX=1 RCPTDOMAINMAX=1").envelope()
    talk.client("RCPT TO:<bob@example.net>").server("452 4.5.3 Too many recipients").mail(*HEADER, "hi")
    return talk.client("MAIL FROM:<carol@example.org>").server("421 4.7.0 Too many messages").close()


@dialogue
def limits_kept():
    """As many as are allowed; the domain comes in two spellings."""
    talk = Talk().greet(*PIPELINING, "LIMITS MAILMAX=1 RCPTMAX=2 RCPTDOMAINMAX=1").envelope()
    return talk.client("RCPT TO:<bob@EXAMPLE.com>").server("250 2.1.5 Ok").mail(*HEADER, "hi").quit()


@dialogue
def smtputf8_not_offered():
    """An address in UTF-8 and SMTPUTF8, to a server that does not know it; then one with neither."""
    talk = Talk().greet(*PIPELINING).client("MAIL FROM:<jos\xc3\xa9@example.org> SMTPUTF8").server("555 5.5.4 Unsupported option: SMTPUTF8")
    return talk.envelope().mail(*HEADER, "hi").quit()


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


@dialogue
def syn_repeated():
    """The SYN is sent again after a second: which of them was answered, and so how long the way is, is not known."""
    return Talk(syn_again=(1,)).greet(*PIPELINING).envelope().mail(*HEADER, "hi").quit()


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
