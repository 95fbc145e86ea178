# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocked ports, servers that are down, relays, attackers, stripped STARTTLS, greylisting: each with what only looks like it."""
from . import faces
from .benign import OFFICE_MX, calm_office
from .faces import postfix
from .scene import Scene
from .stories import USERS, Office


# ---- port 25

def three_elsewhere(scene: Scene) -> list:
    """Mail servers of other people."""
    return [scene.server(scene.outside("mx", 25), 25, faces.mx("mx.example.net", "example.net")),
            scene.server(scene.far("mx2", 25), 25, faces.mx("mx2.example.org", "example.org")),
            scene.server(scene.far("mx3", 99), 25, faces.mx("mx3.example.org", "example.org"))]


def to_all(scene: Scene, client: object, servers: list) -> None:
    for server in servers:
        scene.send_without_login(client, server, "alice@example.com", to=(f"dave@{server.pool[0].domains[0]}",))
        scene.wait(minutes=1)


def port_blocked(scene: Scene, verdict: str = "drop", worked_before: bool = False) -> None:
    """The provider keeps its customers from port 25; submission works."""
    office = calm_office(scene)
    servers = three_elsewhere(scene)
    if worked_before:
        to_all(scene, office.desks["alice"], servers)
    scene.block(25, verdict)
    for _ in range(2):
        for user in USERS:
            to_all(scene, office.desks[user], servers)
        office.all_send(pause_s=20)


def one_server_refuses(scene: Scene) -> None:
    """One of the servers elsewhere is not there; port 25 of the others works."""
    office = calm_office(scene)
    servers = three_elsewhere(scene)
    servers[1].verdict = "reset"
    for _ in range(3):
        to_all(scene, office.desks["alice"], servers)
        office.all_send(pause_s=20)


def network_down(scene: Scene) -> None:
    """Nothing works, whatever the port."""
    office = calm_office(scene)
    face = postfix("alice", name="smtp.provider.example")
    provider = scene.server(scene.far("provider", 5, face.name), 587, face)
    servers = three_elsewhere(scene)
    to_all(scene, office.desks["alice"], servers)
    scene.login_and_send(office.desks["alice"], provider, "alice")
    for port in (25, 587):
        scene.block(port, "drop")
    for _ in range(2):
        to_all(scene, office.desks["alice"], servers)
        scene.login_and_send(office.desks["alice"], provider, "alice")
        scene.wait(minutes=1)


def blocked_for_one_network(scene: Scene) -> None:
    """Guests may not use port 25, the mail server may: as it should be."""
    office = calm_office(scene)
    servers = three_elsewhere(scene)
    guests = [scene.host("outside", f"guest{number}", 150 + number) for number in range(2)]
    scene.block(25, "prohibited", *guests)
    for _ in range(2):
        for guest in guests:
            to_all(scene, guest, servers[1:])
            scene.login_and_send(guest, office.submission, "alice")
        to_all(scene, office.mail, servers)
        office.all_send(pause_s=20)


# ---- a server that is down

def service_down(scene: Scene, verdict: str = "reset", comes_back: bool = True) -> None:
    office = calm_office(scene, ("alice", "bob", "chie"))
    other = scene.server(office.mail, 25, OFFICE_MX)
    sender = scene.outside("mta", 100)

    def mail_comes() -> None:
        scene.send_without_login(sender, other, "news@example.net", to=("alice@example.com",))
    office.all_send()
    mail_comes()
    office.submission.verdict = verdict
    for _ in range(3):
        office.all_send(pause_s=100)
        mail_comes()
    office.submission.verdict = "up"
    for _ in range(2 if comes_back else 0):
        office.all_send()
    mail_comes()


def never_there(scene: Scene) -> None:
    """A program is set to a port on which nothing ever listened."""
    office = calm_office(scene)
    wrong = scene.server(office.mail, 2525, postfix(*USERS))
    wrong.verdict = "reset"
    for _ in range(4):
        scene.send(office.desks["bob"], wrong, "bob")
        scene.wait(minutes=5)
        office.all_send(pause_s=30)


def kept_out(scene: Scene) -> None:
    """A firewall keeps one client from a server that answers all others."""
    office = calm_office(scene, ("alice", "bob", "chie"))
    office.all_send(pause_s=20)
    scene.block(587, "reset", office.desks["bob"])
    for _ in range(4):
        office.all_send(pause_s=20)


# ---- relaying

def open_relay_on_submission(scene: Scene) -> None:
    """Whoever asks may send to whomever, on port 587."""
    office = calm_office(scene)
    office.submission.face = office.postfix.but(relays_for_all=True)
    office.all_send()
    for number in range(4):
        stranger = scene.outside("stranger", 50)
        scene.relay_attempt(stranger, office.submission, (f"victim{number}@example.org", f"prey{number}@example.edu"))
        scene.wait(minutes=2)
    office.all_send()


def open_relay_on_25(scene: Scene) -> None:
    office = calm_office(scene)
    inbound = scene.server(office.mail, 25, OFFICE_MX.but(relays_for_all=True))
    stranger = scene.far("stranger", 50)
    for number in range(4):
        scene.relay_attempt(stranger, inbound, (f"victim{number}@example.net",))
        scene.wait(minutes=2)
    scene.send_without_login(scene.outside("mx", 25), inbound, "dave@example.net", to=("alice@example.com",))
    office.all_send()


def relay_refused(scene: Scene) -> None:
    """Strangers ask, and are refused."""
    office = calm_office(scene)
    inbound = scene.server(office.mail, 25, OFFICE_MX)
    stranger = scene.outside("stranger", 50)
    for number in range(4):
        for server in (office.submission, inbound):
            scene.relay_attempt(stranger, server, (f"victim{number}@example.org",))
            scene.wait(minutes=2)
    office.all_send()


# ---- guessing passwords

def brute_force(scene: Scene, attempts: int = 40, users: tuple = ("alice",), pause_s: float = 3, success: bool = False) -> None:
    """Somebody outside tries many passwords, of one user or of a few in turn."""
    office = calm_office(scene)
    face = office.postfix
    office.submission.face = face.but(reject_delay_ms=600)
    office.all_send()
    bot = scene.far("bot", 13, "ylmf-pc")
    for number in range(attempts):
        scene.wrong_password(bot, office.submission, users[number % len(users)], "LOGIN", f"password{number}")
        scene.wait(seconds=pause_s)
    if success:
        scene.login_and_send(bot, office.submission, users[0])
    office.all_send()


def sprayed_users(count: int = 30) -> tuple:
    return tuple(f"user{number:02}" for number in range(count))


def password_spray(scene: Scene) -> None:
    """One password, tried on many users."""
    office = calm_office(scene)
    office.all_send()
    bot = scene.far("bot", 13, "mail-client")
    for user in sprayed_users():
        scene.wrong_password(bot, office.submission, user, "PLAIN", "Spring2026!")
        scene.wait(seconds=9)
    office.all_send()


# ---- STARTTLS

def starttls_office(scene: Scene) -> Office:
    office = calm_office(scene, ("alice", "bob", "chie"))
    extensions = office.postfix.extensions[:-1] + ("STARTTLS", "CHUNKING")
    office.submission.face = office.postfix.but(extensions=extensions, relays_for=())
    return office


def removing_starttls(lines: list) -> list:
    return [line for line in lines if line[4:] != "STARTTLS"]


def masking_starttls(lines: list) -> list:
    return [line.replace("STARTTLS", "XXXXXXXA") for line in lines]


def starttls_stripped(scene: Scene, masked: bool = False) -> None:
    """Something between Bob and the server takes STARTTLS out of the list; the others see it, before, meanwhile and after."""
    office = starttls_office(scene)
    office.desks["bob"].middlebox = masking_starttls if masked else removing_starttls
    for _ in range(3):
        for user in ("alice", "chie"):
            scene.starttls_session(office.desks[user], office.submission)
            scene.wait(minutes=2)
        scene.login_and_send(office.desks["bob"], office.submission, "bob")
        scene.wait(minutes=2)


def starttls_gone(scene: Scene) -> None:
    """From noon on nobody is offered STARTTLS, by a server that is otherwise the same."""
    office = starttls_office(scene)
    for _ in range(2):
        for user in office.users:
            scene.starttls_session(office.desks[user], office.submission)
            scene.wait(minutes=9)
    office.submission.face = faces.without(office.submission.face, "STARTTLS").but(title="without")
    for _ in range(2):
        office.all_send(pause_s=300)


def starttls_never(scene: Scene) -> None:
    """This server does not offer it, another one does, and a client that says HELO sees no list."""
    office = calm_office(scene)
    inbound = scene.server(office.mail, 25, OFFICE_MX)
    mta = scene.outside("mta", 100)
    for _ in range(3):
        office.all_send(pause_s=60)
        scene.starttls_session(mta, inbound)
        line = scene.dial(mta, inbound)
        line.ask("HELO mta.example.net")
        line.mail("news@example.net", ("alice@example.com",))
        line.end()
        scene.wait(minutes=5)


# ---- greylisting

def greylisted(scene: Scene, retry_after_min: tuple = (), pool: tuple = ("mta",), rest_h: float = 8) -> None:
    """The office's program sends to a server that greylists, and comes back after these minutes, or never."""
    office = calm_office(scene)
    partner = scene.server(scene.far("partner", 25, "mx.partner.example"), 25,
                           faces.mx("mx.partner.example", "partner.example").but(greylists=True))
    senders = [scene.inside(nick, 40 + number) for number, nick in enumerate(pool)]

    def send(number: int) -> None:
        scene.send_without_login(senders[number % len(senders)], partner, "orders@example.com", to=("sales@partner.example",))
    office.all_send()
    send(0)
    for number, minutes in enumerate(retry_after_min):
        scene.wait(minutes=minutes)
        send(number + 1)
    for _ in range(int(rest_h * 2)):
        scene.wait(minutes=30)
        office.all_send(pause_s=5)


def spammer_greylisted(scene: Scene) -> None:
    """Our own server greylists, a spammer does not come back, a real sender does: what greylisting is for."""
    office = calm_office(scene)
    inbound = scene.server(office.mail, 25, OFFICE_MX.but(greylists=True))
    bot, mta = scene.far("bot", 13, "dsl-13.example.org"), scene.outside("mta", 100)
    scene.send_without_login(bot, inbound, "win@example.org", to=("alice@example.com",))
    for _ in range(2):
        scene.send_without_login(mta, inbound, "dave@example.net", to=("bob@example.com",))
        scene.wait(minutes=12)
    for _ in range(12):
        scene.wait(minutes=30)
        office.all_send(pause_s=5)
