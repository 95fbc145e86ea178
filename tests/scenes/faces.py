# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers on an address: a little SMTP server, and some that are like those people run."""
import base64
import dataclasses
import hashlib
import hmac
import ipaddress
import re
import typing

MILLISECOND, SECOND = 10**6, 10**9


def base64_text(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def cram_digest(password: str, challenge: str) -> str:
    return hmac.new(password.encode(), challenge.encode(), hashlib.md5).hexdigest()


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


@dataclasses.dataclass(frozen=True)
class Face:
    title: str                      # what the table calls it
    name: str                       # host name
    greeting: str                   # after the host name; {date} and {token} are filled in anew each time
    extensions: tuple
    users: dict = dataclasses.field(default_factory=dict)  # user name: password
    domains: tuple = ("example.com",)                      # mail to these is taken from anybody
    relays_for: tuple = ()                                 # networks that may send without login
    relays_for_all: bool = False
    login_first: bool = False                              # MAIL only after login
    login_broken: bool = False                             # nobody's password is right
    greylists: bool = False
    unavailable: str = ""                                  # a greeting with 421, then goodbye
    greeting_code: str = "220"
    login_accepted: str = "235 2.7.0 Authentication successful"
    login_rejected: str = "535 5.7.8 Error: authentication failed: authentication failure"
    login_required: str = "530 5.7.0 Authentication required"
    relay_denied: str = "554 5.7.1 <{to}>: Relay access denied"
    ehlo_adds: str = ""                                    # after the host name in the reply to EHLO; may hold {client}
    reject_delay_ms: int = 2000
    unknown_recipients: tuple = ()

    def but(self, **changes: object) -> "Face":
        return dataclasses.replace(self, **changes)

    @property
    def mechanisms(self) -> list:
        return [word for line in self.extensions if line.startswith("AUTH ") for word in line.split()[1:]]

    def may_relay(self, client: str) -> bool:
        address = ipaddress.ip_address(client)
        return self.relays_for_all or any(address in ipaddress.ip_network(network) for network in self.relays_for)


class Answer(typing.NamedTuple):
    lines: list
    after: int = 2 * MILLISECOND


class Dialogue:
    """The server's side of one session."""

    def __init__(self, face: Face, client: str, date: str, token: str, greylist: dict, now: typing.Callable):
        self.face, self.client, self.date, self.token = face, client, date, token
        self.greylist, self.now = greylist, now
        self.expects = self.command
        self.user, self.sender, self.recipients = "", "", []
        self.closed = False
        self.queued = 0

    def greeting(self) -> Answer:
        face = self.face
        if face.unavailable:
            self.closed = True
            return Answer([f"421 {face.name} {face.unavailable}"])
        return Answer([f"{face.greeting_code} {face.name} " + face.greeting.format(date=self.date, token=self.token)])

    def answer(self, line: str) -> Answer:
        return self.expects(line)

    def command(self, line: str) -> Answer:
        verb, _, argument = line.partition(" ")
        handler = getattr(self, "on_" + verb.lower(), None)
        return handler(argument) if handler else Answer(["502 5.5.2 Error: command not recognized"])

    # ---- commands

    def on_ehlo(self, argument: str) -> Answer:
        first = self.face.name + self.face.ehlo_adds.format(client=self.client, helo=argument)
        lines = [first, *self.face.extensions]
        return Answer([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"])

    def on_helo(self, argument: str) -> Answer:
        return Answer([f"250 {self.face.name}"])

    def on_noop(self, argument: str) -> Answer:
        return Answer(["250 2.0.0 Ok"])

    def on_starttls(self, argument: str) -> Answer:
        return Answer(["220 2.0.0 Ready to start TLS"])

    def on_quit(self, argument: str) -> Answer:
        self.closed = True
        return Answer(["221 2.0.0 Bye"])

    def on_mail(self, argument: str) -> Answer:
        if self.face.login_first and not self.user:
            return Answer([self.face.login_required])
        self.sender, self.recipients = argument[len("FROM:<"):].partition(">")[0], []
        return Answer(["250 2.1.0 Ok"])

    def on_rcpt(self, argument: str) -> Answer:
        to, face = argument[len("TO:<"):].partition(">")[0], self.face
        if domain_of(to) not in face.domains and not self.user and not face.may_relay(self.client):
            return Answer([face.relay_denied.format(to=to)])
        if to in face.unknown_recipients:
            return Answer([f"550 5.1.1 <{to}>: Recipient address rejected: User unknown in local recipient table"])
        if face.greylists and not self.user and self.too_early(to):
            return Answer([f"450 4.2.0 <{to}>: Recipient address rejected: Greylisted, see http://postgrey.example.org/help"])
        self.recipients.append(to)
        return Answer(["250 2.1.5 Ok"])

    def too_early(self, to: str) -> bool:
        """As postgrey: the client's network, sender and recipient must have been seen five minutes ago."""
        network = str(ipaddress.ip_network(f"{self.client}/{24 if '.' in self.client else 64}", strict=False))
        first = self.greylist.setdefault((network, self.sender, to), self.now())
        return self.now() - first < 300 * SECOND

    def on_data(self, argument: str) -> Answer:
        if not self.recipients:
            return Answer(["554 5.5.1 Error: no valid recipients"])
        self.expects = self.body
        return Answer(["354 End data with <CR><LF>.<CR><LF>"])

    def body(self, line: str) -> Answer:
        self.expects = self.command
        return Answer([f"250 2.0.0 Ok: queued as {self.token}"], 9 * MILLISECOND)

    # ---- AUTH

    def on_auth(self, argument: str) -> Answer:
        mechanism, _, initial = argument.partition(" ")
        if mechanism not in self.face.mechanisms:
            return Answer(["535 5.7.8 Error: authentication failed: Invalid authentication mechanism"])
        return getattr(self, "auth_" + re.sub(r"\W", "_", mechanism.lower()))(initial)

    def auth_plain(self, initial: str) -> Answer:
        if not initial:
            self.expects = self.plain_response
            return Answer(["334 "])
        return self.plain_response(initial)

    def plain_response(self, line: str) -> Answer:
        _, user, password = base64.b64decode(line).decode().split("\0")
        return self.login(user, self.face.users.get(user) == password)

    def auth_login(self, initial: str) -> Answer:
        if initial:
            return self.login_user(initial)
        self.expects = self.login_user
        return Answer(["334 VXNlcm5hbWU6"])

    def login_user(self, line: str) -> Answer:
        user = base64.b64decode(line).decode()
        self.expects = lambda response: self.login_password(user, response)
        return Answer(["334 UGFzc3dvcmQ6"])

    def login_password(self, user: str, line: str) -> Answer:
        return self.login(user, self.face.users.get(user) == base64.b64decode(line).decode())

    def auth_cram_md5(self, initial: str) -> Answer:
        challenge = f"<{self.token}@{self.face.name}>"
        self.expects = lambda line: self.cram_response(challenge, line)
        return Answer([f"334 {base64_text(challenge)}"])

    def cram_response(self, challenge: str, line: str) -> Answer:
        user, _, digest = base64.b64decode(line).decode().rpartition(" ")
        password = self.face.users.get(user)
        return self.login(user, password is not None and cram_digest(password, challenge) == digest)

    def login(self, user: str, right: bool) -> Answer:
        self.expects = self.command
        if not right or self.face.login_broken:
            return Answer([self.face.login_rejected], self.face.reject_delay_ms * MILLISECOND)
        self.user = user
        return Answer([self.face.login_accepted], 5 * MILLISECOND)


# ---- faces like those people run

OFFICE_NETWORKS = ("192.0.2.0/24", "2001:db8::/64")


def passwords(*users: str) -> dict:
    return {user: f"right-{user}-1966" for user in users}


def gateway(*users: str, name: str = "gateway.example.com") -> Face:
    return Face("gateway", name, "ESMTP ready", ("SIZE 10485760", "8BITMIME", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN CRAM-MD5"),
                passwords(*users), login_first=True, login_accepted="235 2.0.0 OK",
                login_rejected="535 5.7.0 Authentication failed: mailbox or password is wrong", reject_delay_ms=30,
                login_required="530 5.7.1 Authentication required")


def postfix(*users: str, name: str = "mail.example.com") -> Face:
    return Face("postfix", name, "ESMTP Postfix",
                ("PIPELINING", "SIZE 10240000", "VRFY", "ETRN", "AUTH PLAIN LOGIN CRAM-MD5", "ENHANCEDSTATUSCODES", "8BITMIME",
                 "DSN", "SMTPUTF8", "CHUNKING"), passwords(*users), relays_for=OFFICE_NETWORKS)


def exim(*users: str, name: str = "mail.example.com", version: str = "4.96") -> Face:
    return Face("exim", name, f"ESMTP Exim {version} {{date}}",
                ("SIZE 52428800", "8BITMIME", "PIPELINING", "PIPECONNECT", "AUTH PLAIN LOGIN", "STARTTLS", "HELP"),
                passwords(*users), login_first=True, login_accepted="235 Authentication succeeded",
                login_rejected="535 Incorrect authentication data", login_required="550 Authentication is required",
                ehlo_adds=" Hello {helo} [{client}]")


def exchange(*users: str, name: str = "ex01.example.com") -> Face:
    return Face("exchange", name, "Microsoft ESMTP MAIL Service ready at {date}",
                ("SIZE 37748736", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES", "STARTTLS", "AUTH LOGIN NTLM", "8BITMIME",
                 "BINARYMIME", "CHUNKING"), passwords(*users), login_first=True, ehlo_adds=" Hello [{client}]",
                login_accepted="235 2.7.0 Authentication successful", login_rejected="535 5.7.3 Authentication unsuccessful",
                login_required="530 5.7.57 Client not authenticated to send mail")


def mx(name: str, *domains: str) -> Face:
    """A mail server that takes mail for its own domains, on port 25, without login."""
    return Face("mx", name, "ESMTP Postfix",
                ("PIPELINING", "SIZE 10240000", "VRFY", "ETRN", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "CHUNKING"),
                domains=domains)


def big_mx(name: str, *domains: str) -> Face:
    """A provider's, whose greeting has a token of the session."""
    return Face("big mx", name, "ESMTP {token} - gsmtp",
                ("SIZE 157286400", "8BITMIME", "STARTTLS", "ENHANCEDSTATUSCODES", "PIPELINING", "CHUNKING", "SMTPUTF8"),
                domains=domains, ehlo_adds=" at your service, [{client}]")


def without(face: Face, *words: str) -> Face:
    """The same server without the extensions that begin with these words."""
    return face.but(extensions=tuple(line for line in face.extensions if line.split()[0] not in words))
