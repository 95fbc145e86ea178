#!/usr/bin/env python3
"""Conversations of which both sides are in the script: for servers that cannot be had here, and for what none says when asked.

usage: dialogues.py list
       dialogues.py port NAME
       dialogues.py server NAME ADDRESS
       dialogues.py client NAME ADDRESS

Both sides play the same script over a real TCP connection: each says its lines and waits for the other's. The digests in the SASL
exchanges are worked out from the passwords of the lab, so they are right (or wrong, where the script wants that).
"""

import base64
import hashlib
import hmac
import socket
import struct
import sys

SECONDS_MAX = 20
ALICE, BOB, WRONG = "Tr0ub4dor-alice", "c0rrect-horse-bob", "wr0ng-pony-guess"
TOKEN = "ya29.lab-Xn3fQ0k7token-of-bob"

DIALOGUES = {}


def dialogue(port=587):
    def add(function):
        DIALOGUES[function.__name__.replace("_", "-")] = (port, function)
        return function
    return add


def server(*lines):
    return ("S", "".join(line + "\r\n" for line in lines).encode("latin-1"))


def client(*lines):
    return ("C", "".join(line + "\r\n" for line in lines).encode("latin-1"))


def raw(side, data):
    return (side, data)


def b64(data):
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def hello(*extensions, banner="mail.example.com ESMTP", client_name="client.example.com"):
    lines = ["mail.example.com", *extensions]
    return [
        server(f"220 {banner}"),
        client(f"EHLO {client_name}"),
        server(*(f"250{' ' if i + 1 == len(lines) else '-'}{line}" for i, line in enumerate(lines))),
    ]


def quit_():
    return [client("QUIT"), server("221 2.0.0 Bye")]


def mail(sender="bob@example.com", recipient="carol@example.org", subject="lab", parameters=""):
    return [
        client(f"MAIL FROM:<{sender}>{parameters}"), server("250 2.1.0 Ok"),
        client(f"RCPT TO:<{recipient}>"), server("250 2.1.5 Ok"),
        client("DATA"), server("354 End data with <CR><LF>.<CR><LF>"),
        client(f"From: <{sender}>", f"To: <{recipient}>", f"Subject: {subject}", "", "A message of the lab.", "."),
        server("250 2.0.0 Ok: queued as 4F2A7"),
    ]


# ---- SASL


def ntlm_negotiate():
    return b64(b"NTLMSSP\0" + struct.pack("<II", 1, 0xA2088207) + bytes(16) + bytes([10, 0, 0x5D, 0x58, 0, 0, 0, 15]))


def ntlm_challenge(challenge, target="EXAMPLE", host="EX1", dns="ex1.example.com"):
    def pair(kind, text):
        data = text.encode("utf-16-le")
        return struct.pack("<HH", kind, len(data)) + data
    name = target.encode("utf-16-le")
    info = pair(2, target) + pair(1, host) + pair(3, dns) + struct.pack("<HH", 0, 0)
    return b64(b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), 56, 0xA2898205) + challenge + bytes(8)
               + struct.pack("<HHI", len(info), len(info), 56 + len(name)) + bytes([10, 0, 0x5D, 0x58, 0, 0, 0, 15]) + name + info)


def ntlm_authenticate(user, domain, workstation, proof):
    parts = [bytes(24), proof, *(text.encode("utf-16-le") for text in (domain, user, workstation)), bytes(16)]
    offset, fields = 72, b""
    for part in parts:
        fields += struct.pack("<HHI", len(part), len(part), offset)
        offset += len(part)
    return b64(b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I", 0xA2888205) + bytes([10, 0, 0x5D, 0x58, 0, 0, 0, 15])
               + b"".join(parts))


def ntlm_proof(user, domain, password, challenge):
    """NTLMv2 with a made-up NT hash (MD4 is not to be had): what matters is its form."""
    key = hmac.new(hashlib.sha256(password.encode("utf-16-le")).digest()[:16], (user.upper() + domain).encode("utf-16-le"), "md5").digest()
    blob = b"\x01\x01" + bytes(6) + bytes.fromhex("0090d336b734c301") + bytes.fromhex("ffffff0011223344") + bytes(8)
    return hmac.new(key, challenge + blob, "md5").digest() + blob


def scram(user, password, mechanism="sha256"):
    """The four messages of RFC 5802."""
    nonce, salt, count = "fyko+d2lbbFgONRv9qkxdawL", b"lab-salt-0123456", 4096
    bare = f"n={user},r={nonce}"
    first = f"r={nonce}3rfcNHYJY1ZVvWVs7j,s={b64(salt)},i={count}"
    without_proof = f"c=biws,r={nonce}3rfcNHYJY1ZVvWVs7j"
    salted = hashlib.pbkdf2_hmac(mechanism, password.encode(), salt, count)
    key = hmac.new(salted, b"Client Key", mechanism).digest()
    message = f"{bare},{first},{without_proof}".encode()
    signature = hmac.new(hashlib.new(mechanism, key).digest(), message, mechanism).digest()
    proof = bytes(a ^ b for a, b in zip(key, signature))
    verifier = hmac.new(hmac.new(salted, b"Server Key", mechanism).digest(), message, mechanism).digest()
    return [b64(text) for text in (f"n,,{bare}", first, f"{without_proof},p={b64(proof)}", f"v={b64(verifier)}")]


EXCHANGE = ("SIZE 37748736", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "X-ANONYMOUSTLS", "AUTH NTLM",
            "X-EXPS GSSAPI NTLM", "8BITMIME", "BINARYMIME", "CHUNKING", "XEXCH50", "XRDST", "XSHADOW", "XSHADOWREQUEST")
EXCHANGE_BANNER = "ex1.example.com Microsoft ESMTP MAIL Service ready at Wed, 25 Nov 2026 12:00:00 +0000"


@dialogue(25)
def exchange_servers():
    """Exchange to Exchange: X-EXPS with NTLM, properties as binary data, XSHADOW."""
    challenge = bytes.fromhex("0123456789abcdef")
    data = b"\0\x01\r\nQUIT\r\n" + bytes(range(40)) + b"\r\n.\r\n"
    return [
        *hello(*EXCHANGE, banner=EXCHANGE_BANNER, client_name="ex2.example.com"),
        client("X-EXPS NTLM"), server("334 NTLM supported"),
        client(ntlm_negotiate()), server(f"334 {ntlm_challenge(challenge)}"),
        client(ntlm_authenticate("EX2$", "EXAMPLE", "EX2", ntlm_proof("EX2$", "EXAMPLE", BOB, challenge))),
        server("235 2.7.0 Authentication successful"),
        client("XSHADOWREQUEST ex2.example.com"), server("250 2.0.0 OK"),
        client("MAIL FROM:<bob@example.com> SIZE=345 AUTH=<> XSHADOW=2a2c1b90-lab"), server("250 2.1.0 Sender OK"),
        client("RCPT TO:<alice@example.com> XRDST=lab"), server("250 2.1.5 Recipient OK"),
        client(f"XEXCH50 {len(data)} 2"), server("354 Send binary data"),
        raw("C", data), server("250 XEXCH50 OK"),
        client("BDAT 20 LAST"), raw("C", b"Subject: lab\r\n\r\nHi\r\n"),
        server("250 2.6.0 Queued mail for delivery"),
        *quit_(),
    ]


@dialogue()
def auth_ntlm_rejected():
    challenge = bytes.fromhex("0123456789abcdef")
    return [
        *hello(*EXCHANGE, banner=EXCHANGE_BANNER),
        client(f"AUTH NTLM {ntlm_negotiate()}"), server(f"334 {ntlm_challenge(challenge)}"),
        client(ntlm_authenticate("bob", "EXAMPLE", "BOB-PC", ntlm_proof("bob", "EXAMPLE", WRONG, challenge))),
        server("535 5.7.3 Authentication unsuccessful"),
        *quit_(),
    ]


@dialogue()
def auth_scram_server_error():
    """The server says why in the last message of the mechanism."""
    first, challenge, final, _ = scram("alice", WRONG, "sha1")
    return [
        *hello("AUTH SCRAM-SHA-1", "8BITMIME"),
        client("AUTH SCRAM-SHA-1"), server("334 "),
        client(first), server(f"334 {challenge}"),
        client(final), server(f"334 {b64('e=invalid-proof')}"),
        client(""), server("535 5.7.8 Authentication credentials invalid"),
        *quit_(),
    ]


@dialogue()
def auth_oauthbearer_error():
    """A token that has expired: the server says so in JSON, the client gives in, 535."""
    token = b64(f"n,a=bob@example.com,\x01host=mail.example.com\x01port=587\x01auth=Bearer {TOKEN}\x01\x01")
    error = b64('{"status":"invalid_token","scope":"smtp.send","openid-configuration":"https://login.example.com/.well-known/openid-configuration"}')
    return [
        *hello("AUTH OAUTHBEARER XOAUTH2", "8BITMIME"),
        client(f"AUTH OAUTHBEARER {token}"), server(f"334 {error}"),
        client("AQ=="), server("535 5.7.8 Token expired"),
        *quit_(),
    ]


@dialogue()
def auth_xoauth2_error():
    token = b64(f"user=bob@example.com\x01auth=Bearer {TOKEN}\x01\x01")
    error = b64('{"status":"400","schemes":"Bearer","scope":"https://mail.example.com/"}')
    return [
        *hello("AUTH LOGIN XOAUTH2", "8BITMIME"),
        client(f"AUTH XOAUTH2 {token}"), server(f"334 {error}"),
        client(""), server("535-5.7.8 Username and Password not accepted.", "535 5.7.8 See https://support.example.com/"),
        *quit_(),
    ]


@dialogue()
def auth_gssapi():
    """Tokens of the form, though of no content, that Kerberos has."""
    def token(name):
        return b64(bytes.fromhex("6082010006092a864886f71201020201") + hashlib.sha512(name.encode()).digest())
    return [
        *hello("AUTH GSSAPI PLAIN", "8BITMIME"),
        client("AUTH GSSAPI"), server("334 "),
        client(token("request")), server(f"334 {token('reply')}"),
        client(""), server(f"334 {token('layers')}"),
        client(token("choice")), server("235 2.7.0 Authentication successful"),
        *mail(), *quit_(),
    ]


@dialogue()
def auth_password_transition():
    return [
        *hello("AUTH CRAM-MD5 PLAIN", "8BITMIME"),
        client("AUTH CRAM-MD5"), server(f"334 {b64('<1896.697170952@mail.example.com>')}"),
        client(b64("bob " + hmac.new(BOB.encode(), b"<1896.697170952@mail.example.com>", "md5").hexdigest())),
        server("432 4.7.12 A password transition is needed"),
        *quit_(),
    ]


@dialogue()
def auth_mechanism_too_weak():
    return [
        *hello("AUTH PLAIN XOAUTH2", "8BITMIME"),
        client("AUTH PLAIN"), server("334 "),
        client(b64(f"\0bob\0{BOB}")), server("534 5.7.9 Application-specific password required"),
        *quit_(),
    ]


@dialogue()
def auth_out_of_order():
    """AUTH inside of a mail, then a login, then another."""
    return [
        *hello("AUTH PLAIN", "8BITMIME"),
        client("MAIL FROM:<alice@example.com>"), server("250 2.1.0 Ok"),
        client("AUTH PLAIN"), server("503 5.5.1 MAIL transaction in progress"),
        client("RSET"), server("250 2.0.0 Ok"),
        client(f"AUTH PLAIN {b64(chr(0) + 'alice' + chr(0) + ALICE)}"), server("235 2.7.0 Authentication successful"),
        client("AUTH PLAIN"), server("503 5.5.1 Already authenticated"),
        *mail("alice@example.com"), *quit_(),
    ]


@dialogue()
def auth_syntax():
    """A server that does not find base64 in the response, and one command later no AUTH at all."""
    return [
        *hello("AUTH CRAM-MD5", "8BITMIME"),
        client("AUTH CRAM-MD5"), server(f"334 {b64('<1@mail.example.com>')}"),
        client("Ym9i-no-base64"), server("501 5.5.2 Cannot decode response"),
        *quit_(),
    ]


@dialogue()
def auth_hello_again():
    """After the login the server offers less; what it is known by stays."""
    return [
        *hello("PIPELINING", "AUTH PLAIN", "8BITMIME"),
        client(f"AUTH PLAIN {b64(chr(0) + 'alice' + chr(0) + ALICE)}"), server("235 2.7.0 Authentication successful"),
        client("EHLO client.example.com"), server("250-mail.example.com", "250-PIPELINING", "250 8BITMIME"),
        *mail("alice@example.com", parameters=" AUTH=<>"), *quit_(),
    ]


@dialogue(25)
def xclient():
    """A gateway tells who is behind it, with the user who has logged in there."""
    return [
        *hello("PIPELINING", "XCLIENT NAME ADDR PORT PROTO HELO LOGIN", "AUTH PLAIN", "8BITMIME", client_name="gateway.example.com"),
        client("XCLIENT NAME=bob-pc.example.net ADDR=203.0.113.50 PORT=49152 PROTO=ESMTP HELO=bob-pc LOGIN=bob"),
        server("220 mail.example.com ESMTP"),
        client("EHLO bob-pc"), server("250-mail.example.com", "250-AUTH PLAIN", "250 8BITMIME"),
        *mail(), *quit_(),
    ]


@dialogue(25)
def xclient_refused():
    """The same from a client that the server does not trust: nothing of it counts."""
    return [
        *hello("PIPELINING", "8BITMIME", client_name="outside.example.net"),
        client("XCLIENT ADDR=192.0.2.10 LOGIN=bob"), server("550 5.7.0 Error: insufficient authorization"),
        *quit_(),
    ]


@dialogue(25)
def xforward():
    """A content filter gives the mail back, and what it knows of its origin."""
    return [
        *hello("XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE", "8BITMIME", client_name="filter.example.com"),
        client("XFORWARD NAME=outside.example.net ADDR=IPV6:2001:db8:113::50"), server("250 2.0.0 Ok"),
        client("XFORWARD PORT=49152 PROTO=ESMTP HELO=outside.example.net"), server("250 2.0.0 Ok"),
        *mail(), *quit_(),
    ]


@dialogue()
def burl():
    """The message is fetched from an IMAP server; the token that allows it is a secret."""
    return [
        *hello("BURL imap", "CHUNKING", "AUTH PLAIN", "8BITMIME"),
        client(f"AUTH PLAIN {b64(chr(0) + 'bob' + chr(0) + BOB)}"), server("235 2.7.0 Authentication successful"),
        client("MAIL FROM:<bob@example.com>"), server("250 2.1.0 Ok"),
        client("RCPT TO:<carol@example.org>"), server("250 2.1.5 Ok"),
        client("BURL imap://bob@imap.example.com/Sent;uidvalidity=1078863300/;uid=25;urlauth=submit+bob:internal:91354a473744909de610943775f92038 LAST"),
        server("250 2.6.0 message accepted"),
        *quit_(),
    ]


@dialogue(25)
def parameters():
    """Every parameter of MAIL and RCPT that is known, offered and right."""
    return [
        *hello("SIZE 10000000", "8BITMIME", "DSN", "AUTH PLAIN", "SMTPUTF8", "DELIVERBY 120", "FUTURERELEASE 86400 2026-12-24T00:00:00Z",
               "MT-PRIORITY MIXER", "REQUIRETLS", "RRVS", "LIMITS MAILMAX=2 RCPTMAX=3", "SUBMITTER"),
        client("MAIL FROM:<bob@example.com> SIZE=345 BODY=8BITMIME RET=HDRS ENVID=lab+2B314159 AUTH=bob+2Blab@example.com SMTPUTF8 "
               "BY=600;NT HOLDFOR=60 MT-PRIORITY=-3 REQUIRETLS SUBMITTER=bob@example.com"),
        server("250 2.1.0 Ok"),
        client("RCPT TO:<carol@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;carol+2Blab@example.org RRVS=2014-04-03T23:01:00Z;C"),
        server("250 2.1.5 Ok"),
        client("RCPT TO:<dave@example.net> NOTIFY=NEVER"), server("250 2.1.5 Ok"),
        client("DATA"), server("354 go"), client("Subject: lab", "", "All of them.", "."), server("250 2.0.0 Ok"),
        client("MAIL FROM:<>"), server("250 2.1.0 Ok"),
        client("RSET"), server("250 2.0.0 Ok"),
        *quit_(),
    ]


@dialogue(25)
def parameters_not_offered():
    """The same parameters to a server that does not offer them, and some with values that are none."""
    return [
        *hello("SIZE 10000000", "8BITMIME", "LIMITS MAILMAX=5 RCPTMAX=1"),
        client("MAIL FROM:<bob@example.com> SIZE=345 RET=HDRS BODY=8BIT"), server("555 5.5.4 Unsupported option: RET=HDRS"),
        client("MAIL FROM:<bob@example.com> SIZE=3kB MT-PRIORITY=3"), server("501 5.5.4 Bad message size syntax"),
        client("MAIL FROM:<bob@example.com> SIZE=345"), server("250 2.1.0 Ok"),
        client("RCPT TO:<carol@example.org> NOTIFY=NEVER,DELAY"), server("250 2.1.5 Ok"),
        client("RCPT TO:<dave@example.net>"), server("452 4.5.3 Too many recipients"),
        client("DATA"), server("354 go"), client("Subject: lab", "", "One.", "."), server("250 2.0.0 Ok"),
        *quit_(),
    ]


@dialogue(25)
def size_understated():
    return [
        *hello("SIZE 2000", "8BITMIME"),
        client("MAIL FROM:<bob@example.com> SIZE=100"), server("250 2.1.0 Ok"),
        client("RCPT TO:<carol@example.org>"), server("250 2.1.5 Ok"),
        client("DATA"), server("354 go"),
        client("Subject: lab", "", *(f"Line {number:02} of a message that is larger than was said." for number in range(60)), "."),
        server("552 5.3.4 Message too big"),
        *quit_(),
    ]


@dialogue(25)
def etrn_and_others():
    """Commands for the queue, and roles that are not reversed."""
    return [
        *hello("ETRN", "8BITMIME"),
        client("ETRN example.org"), server("250 2.0.0 Queuing started"),
        client("ETRN @example.net"), server("458 4.0.0 Unable to queue messages"),
        client("TURN"), server("502 5.5.1 Not implemented"),
        client("VRFY bob"), server("252 2.0.0 bob"),
        client("HELP"), server("214 2.0.0 See RFC 5321"),
        *quit_(),
    ]


@dialogue(25)
def odd_codes():
    """Codes that few know; the session stays in step."""
    return [
        server("220 mail.example.com ESMTP"),
        client("EHLO client.example.com"), server("472 4.0.0 not now"),
        client("HELO client.example.com"), server("259 mail.example.com"),
        client("AUTH LOGIN"), server("538 5.7.11 Encryption required for requested authentication mechanism"),
        client("MAIL FROM:<bob@example.com>"), server("523 5.7.10 Encryption needed"),
        client("MAIL FROM:<>"), server("298 fine"),
        client("RCPT TO:<carol@example.org>"), server("556 5.1.10 Recipient address has null MX"),
        client("RCPT TO:<dave@example.net>"), server("297 fine"),
        client("NOOP"), server("599 no"),
        client("DATA"), server("355 go"),
        client("Subject: lab", "", "Odd codes.", "."), server("299 taken"),
        client("QUIT"), server("288 bye"),
    ]


# ---- playing


def play(connection, mine, steps):
    buffered = b""
    for side, data in steps:
        if side == mine:
            connection.sendall(data)
            continue
        while len(buffered) < len(data):
            more = connection.recv(65536)
            if not more:
                raise EOFError("the other side left")
            buffered += more
        if not buffered.startswith(data):
            raise ValueError(f"{data!r} was to come, not {buffered!r}")
        buffered = buffered[len(data):]


def main():
    if sys.argv[1:] == ["list"]:
        print("\n".join(sorted(DIALOGUES)))
        return
    action, name = sys.argv[1:3]
    port, steps = DIALOGUES[name][0], DIALOGUES[name][1]()
    if action == "port":
        print(port)
        return
    address = sys.argv[3]
    if action == "client":
        connection = socket.create_connection((address, port), SECONDS_MAX)
    else:
        with socket.create_server((address, port)) as listener:
            listener.settimeout(SECONDS_MAX)
            connection = listener.accept()[0]
            connection.settimeout(SECONDS_MAX)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        play(connection, "C" if action == "client" else "S", steps)
        # The client leaves first, so that its port and not the server's is in use for a while.
        if action == "server":
            connection.recv(1)


if __name__ == "__main__":
    main()
