# SPDX-License-Identifier: GPL-3.0-or-later
"""Days on which nothing is wrong, though it may look so."""
from . import faces
from .faces import postfix
from .scene import Host, Scene
from .stories import USERS, Office, take_turns

OFFICE_MX = faces.mx("mail.example.com", "example.com")


def calm_office(scene: Scene, users: tuple = USERS) -> Office:
    """Postfix on the submission port, which knows everybody."""
    office = Office(scene, users, ())
    office.submission.face = office.postfix
    return office


def healthy(scene: Scene) -> None:
    """Of everything a bit: mail in and out, STARTTLS, a recipient that does not exist, a mistake, a monitor."""
    office = calm_office(scene, ("alice", "bob", "chie"))
    office.submission.face = office.postfix.but(extensions=office.postfix.extensions + ("STARTTLS",))
    inbound = scene.server(office.mail, 25, OFFICE_MX.but(unknown_recipients=("bab@example.com",)))
    elsewhere = scene.server(scene.outside("mx", 25), 25, faces.mx("mx.example.net", "example.net"))
    monitor = scene.inside("monitor", 5)
    for _ in range(3):
        office.all_send(("LOGIN", "PLAIN", "CRAM-MD5"), pause_s=30)
        scene.look_only(monitor, office.submission)
        scene.starttls_session(office.desks["chie"], office.submission)
        scene.send_without_login(elsewhere.host, inbound, "dave@example.net", to=("alice@example.com", "bob@example.com"))
        scene.send_without_login(elsewhere.host, inbound, "dave@example.net", to=("bab@example.com",))
        scene.send_without_login(office.mail, elsewhere, "alice@example.com", to=("dave@example.net",))
        scene.look_only(monitor, inbound)
        scene.wait(minutes=20)
    scene.wrong_password(office.desks["bob"], office.submission, "bob")
    scene.wait(seconds=20)
    office.all_send()


def server_upgrade(scene: Scene) -> None:
    """The same server with a newer version, which its greeting tells; and an extension more."""
    office = calm_office(scene)
    office.submission.face = faces.exim(*USERS, version="4.94.2")
    office.all_send(("LOGIN", "PLAIN"))
    office.all_send(("LOGIN", "PLAIN"))
    scene.connect_refused(office.desks["alice"], office.submission)
    scene.wait(seconds=3)
    newer = faces.exim(*USERS, version="4.97")
    office.submission.face = newer.but(extensions=newer.extensions[:-1] + ("LIMITS MAILMAX=1000", "HELP"))
    office.all_send(("LOGIN", "PLAIN"))
    office.all_send(("LOGIN", "PLAIN"))


def greeting_with_date(scene: Scene, face: faces.Face) -> None:
    office = calm_office(scene)
    office.submission.face = face
    for _ in range(5):
        office.all_send(pause_s=700)


def greeting_with_token(scene: Scene) -> None:
    """A provider's mail server, whose greeting differs each time."""
    office = calm_office(scene)
    face = faces.big_mx("mx.provider.example", "provider.example")
    provider = scene.server(scene.far("provider", 26, face.name), 25, face)
    for number in range(8):
        scene.send_without_login(office.mail, provider, "alice@example.com", to=(f"friend{number}@provider.example",))
        scene.wait(minutes=11)


def load_balancer(scene: Scene, shares: tuple = (1, 1), starttls_on_both: bool = True) -> None:
    """Two servers of different make behind one address, all day the same, with the same users."""
    office = calm_office(scene)
    first = postfix(*USERS, name="mail-a.example.com").but(title="mail a", relays_for=())
    second = faces.exim(*USERS, name="mail-b.example.com").but(title="mail b")
    if not starttls_on_both:
        second = faces.without(second, "STARTTLS")
    first = first.but(extensions=first.extensions + ("STARTTLS",))
    office.submission.pool = [first] * shares[0] + [second] * shares[1]
    for mechanism in ("LOGIN", "PLAIN") * 4:
        take_turns(scene, office, mechanism)


def greeting_by_client(scene: Scene) -> None:
    """The server shows another list, and a friendlier greeting, to its own network."""
    office = calm_office(scene)
    friendly = postfix(*USERS)
    stern = faces.without(friendly, "AUTH", "VRFY", "ETRN", "CHUNKING")
    stern = stern.but(greeting="ESMTP Postfix - no spam here", title="stern")
    office.submission.face = friendly
    strangers = [scene.outside(f"stranger{number}", 60 + number) for number in range(3)]
    for _ in range(4):
        office.all_send(pause_s=50)
        for stranger in strangers:
            office.submission.face = stern
            scene.look_only(stranger, office.submission)
            office.submission.face = friendly
            scene.wait(minutes=3)


def mistyped_password(scene: Scene) -> None:
    """Three times wrong, then right."""
    office = calm_office(scene)
    office.all_send()
    for password in ("right-bob-1965", "Right-bob-1966", "right-bob-196"):
        scene.wrong_password(office.desks["bob"], office.submission, "bob", password=password)
        scene.wait(seconds=12)
    office.all_send()


def mistyped_behind_one_address(scene: Scene) -> None:
    """Monday morning in a branch office: twelve people, one address, three slips."""
    people = ("alice", "bob", "chie", "daiki", "emi", "fumio", "gen", "hana", "ichiro", "jun", "kei", "mio")
    office = calm_office(scene, people)
    router = scene.inside("router", 1)
    for number, user in enumerate(people):
        desk = Host(f"{user}-pc", router.address, f"{user}-pc.example.com", next_port=20000 + 1000 * number)
        if user in ("bob", "emi", "jun"):
            scene.wrong_password(desk, office.submission, user)
            scene.wait(seconds=15)
        scene.login_and_send(desk, office.submission, user)
        scene.wait(seconds=40)


def stale_password(scene: Scene) -> None:
    """Bob has changed his password, on his PC but not on his telephone, which goes on trying."""
    office = calm_office(scene)
    phone = scene.inside("bob-phone", 122)
    for _ in range(8):
        scene.wrong_password(phone, office.submission, "bob", "PLAIN", "the-old-one")
        scene.wait(minutes=7)
        office.all_send(pause_s=200)


def printer(scene: Scene, to: str = "carol@example.org") -> None:
    """A scanner never logs in: the server lets its address send. It does so all day."""
    office = calm_office(scene)
    scanner = scene.inside("scanner", 77)
    for _ in range(6):
        scene.send_without_login(scanner, office.submission, "scanner@example.com", to=(to,))
        scene.wait(minutes=10)
        office.all_send(pause_s=100)


def printer_behind_one_address(scene: Scene) -> None:
    """A PC that logs in and a scanner that does not, behind one address."""
    office = calm_office(scene)
    router = scene.inside("router", 1)
    desk = Host("alice-pc", router.address, "alice-pc.example.com", next_port=20000)
    scanner = Host("scanner", router.address, "scanner.example.com", next_port=30000)
    for _ in range(6):
        scene.login_and_send(desk, office.submission, "alice")
        scene.wait(minutes=4)
        scene.send_without_login(scanner, office.submission, "scanner@example.com")
        scene.wait(minutes=6)


def login_not_captured(scene: Scene) -> None:
    """Bob logs in each time, but of two sessions the capture lost that, and the last had begun before the second file did."""
    office = calm_office(scene)
    office.all_send()
    office.all_send()
    for lost in ((b"AUTH", b"334", b"235", b"Ym9i", b"cmln"), (b"AUTH", b"Ym9i", b"cmln", b"334 UGFz", b"235")):
        scene.login_and_send(office.desks["bob"], office.submission, "bob").lose(*lost)
        scene.wait(minutes=5)
    scene.next_capture()
    scene.login_and_send(office.desks["bob"], office.submission, "bob").lose_before(b"MAIL FROM")
    scene.wait(minutes=5)
    office.all_send()


def list_not_captured(scene: Scene) -> None:
    """Parts of the EHLO list were lost, STARTTLS and AUTH among them. Nothing was stripped, and nobody else answered."""
    office = calm_office(scene)
    office.submission.face = office.postfix.but(extensions=office.postfix.extensions + ("STARTTLS",), relays_for=())
    for _ in range(3):
        office.all_send(pause_s=100)
    for missing in (b"250-AUTH PLAIN LOGIN CRAM-MD5\r\n", b"250 STARTTLS\r\n", b"VRFY\r\n250-ETRN\r\n250-AUTH"):
        call = scene.login_and_send(office.desks["bob"], office.submission, "bob")
        call.lose_inside(b"250-mail.example.com", missing)
        scene.wait(minutes=5)
    office.all_send()


def direct_to_others(scene: Scene) -> None:
    """A PC logs in to its own server, and sends to others' servers on port 25, where nobody logs in."""
    office = calm_office(scene)
    elsewhere = scene.server(scene.outside("mx", 25), 25, faces.mx("mx.example.net", "example.net"))
    for _ in range(4):
        office.all_send()
        scene.send_without_login(office.desks["alice"], elsewhere, "alice@example.com", to=("dave@example.net",))
        scene.wait(minutes=5)


def maintenance(scene: Scene) -> None:
    """Half an hour of 421, announced the day before."""
    office = calm_office(scene)
    office.all_send()
    closed = office.postfix.but(unavailable="Service not available, closed for maintenance until 09:00")
    office.submission.face = closed
    for _ in range(4):
        office.all_send(pause_s=200)
    office.submission.face = office.postfix
    office.all_send()
    office.all_send()


def restart(scene: Scene) -> None:
    """One connection met a server that was just starting again."""
    office = calm_office(scene)
    office.all_send()
    scene.connect_refused(office.desks["bob"], office.submission)
    scene.wait(seconds=2)
    office.all_send()
    office.all_send()


def lost_syn(scene: Scene) -> None:
    """A client did not get through at first; all others did, meanwhile and later."""
    office = calm_office(scene, ("alice", "bob", "chie"))
    office.all_send(pause_s=10)
    with scene.together():
        scene.connect_unanswered(office.desks["bob"], office.submission)
        scene.login_and_send(office.desks["alice"], office.submission, "alice")
        scene.login_and_send(office.desks["chie"], office.submission, "chie")
    office.all_send(pause_s=10)


def normal_mx(scene: Scene) -> None:
    """The world sends to the office's mail server, without login, as it should."""
    office = calm_office(scene)
    inbound = scene.server(office.mail, 25, OFFICE_MX)
    for number in range(8):
        sender = scene.outside(f"mta{number}", 100 + number)
        scene.send_without_login(sender, inbound, f"news{number}@example.net", to=("alice@example.com", "bob@example.com"))
        scene.wait(minutes=6)


def hosted_domains(scene: Scene) -> None:
    """The office sends to a provider that takes mail for many customers, by names unlike its own."""
    mail = scene.inside("mail", 10)
    customers = ("bakery.example", "florist.example", "garage.example", "harbour.example")
    face = faces.big_mx("aspmx.provider.example", *customers)
    provider = scene.server(scene.far("provider", 26, face.name), 25, face)
    for number in range(8):
        scene.send_without_login(mail, provider, "alice@example.com", to=(f"info@{customers[number % 4]}",))
        scene.wait(minutes=9)


def roaming_user(scene: Scene) -> None:
    """Alice travels: from outside to outside, but she logs in."""
    office = calm_office(scene)
    laptop = scene.outside("alice-laptop", 91)
    for _ in range(4):
        scene.login_and_send(laptop, office.submission, "alice")
        scene.wait(minutes=15)
        office.all_send(pause_s=50)


def over_midnight(scene: Scene) -> None:
    """The last night of the year; a server that has its date in the greeting."""
    office = calm_office(scene)
    office.submission.face = faces.exchange(*USERS)
    for _ in range(6):
        office.all_send(pause_s=300)
