# SPDX-License-Identifier: GPL-3.0-or-later
"""The incident and its variants: what answers on the submission port changes, and some can no longer log in."""
from . import faces
from .faces import gateway, postfix
from .scene import Host, Scene
from .wire import CLIENT, SERVER

USERS = ("alice", "bob")

class Office:
    """A mail host with its submission port, a mailbox server, and a desk for each user."""

    def __init__(self, scene: Scene, users: tuple = USERS, forgotten: tuple = ("bob",), polls: str = "POP3"):
        self.scene, self.users, self.polls = scene, users, polls
        self.mail = scene.inside("mail", 10)
        self.gateway, self.postfix = gateway(*users), postfix(*(user for user in users if user not in forgotten))
        self.submission = scene.server(self.mail, 587, self.gateway)
        self.mailboxes = scene.server(self.mail, 143 if polls == "IMAP" else 110)
        self.desks = {user: scene.inside(f"{user}-pc", 21 + number) for number, user in enumerate(users)}

    def poll(self) -> None:
        for user in self.users if self.polls else ():
            fetch = self.scene.poll_imap if self.polls == "IMAP" else self.scene.poll_pop3
            fetch(self.desks[user], self.mailboxes, user)
            self.scene.wait(seconds=2)

    def all_send(self, mechanisms: tuple = ("LOGIN",), pause_s: float = 60) -> list:
        """Each sends once with each mechanism. Returns what came of it."""
        calls = []
        for mechanism in mechanisms:
            self.poll()
            for user in self.users:
                calls.append(self.scene.login_and_send(self.desks[user], self.submission, user, mechanism))
                self.scene.wait(seconds=pause_s)
        return calls

    def gateway_dies(self, refused: bool = True) -> None:
        if refused:
            self.submission.verdict = "reset"
            for user in self.users:
                self.scene.send(self.desks[user], self.submission, user)
                self.scene.wait(seconds=1)
            self.submission.verdict = "up"
        self.submission.face = self.postfix

    def gateway_returns(self) -> None:
        self.submission.face = self.gateway

    def send_without(self, user: str, times: int = 2) -> list:
        calls = []
        for _ in range(times):
            calls.append(self.scene.send_without_login(self.desks[user], self.submission, f"{user}@example.com"))
            self.scene.wait(minutes=2)
        return calls

def gateway_dies(scene: Scene, users: tuple = USERS, forgotten: tuple = ("bob",), mechanisms: tuple = ("LOGIN",),
                 rounds: int = 2, refused: bool = True, unticks: bool = True, returns: bool = False, pause_s: float = 60,
                 polls: str = "POP3") -> Office:
    """All send through the gateway; it dies and Postfix answers; who was forgotten there cannot log in, and turns login off."""
    office = Office(scene, users, forgotten, polls)
    for _ in range(rounds):
        office.all_send(mechanisms, pause_s)
    office.gateway_dies(refused)
    for _ in range(rounds):
        office.all_send(mechanisms, pause_s)
    if unticks:
        for user in forgotten:
            office.poll()
            office.send_without(user)
    office.scene.login_and_send(office.desks[users[0]], office.submission, users[0])
    if returns:
        scene.wait(minutes=10)
        office.gateway_returns()
        for _ in range(rounds):
            office.all_send(mechanisms, pause_s)
    return office

def capture_misses_frames(scene: Scene) -> None:
    gateway_dies(scene, rounds=4)
    scene.lose(0.03)

def capture_of_one_side(scene: Scene, server: bool) -> None:
    """A mirror port that shows what one side sends only."""
    gateway_dies(scene, mechanisms=("LOGIN", "PLAIN"), polls="", refused=False)
    for call in scene.calls:
        call.lose_side(CLIENT if server else SERVER)


def capture_begins_in_a_session(scene: Scene) -> None:
    gateway_dies(scene)
    scene.calls[2].lose_before(b"334 UGFz")
    scene.calls = scene.calls[2:]
    scene.calls[-1].lose(b"QUIT")

def begins_in_the_outage(scene: Scene) -> None:
    """The capture was started because something was wrong; then the gateway came back."""
    office = Office(scene)
    office.submission.face = office.postfix
    office.all_send(("LOGIN", "PLAIN"))
    office.send_without("bob")
    scene.wait(minutes=30)
    office.gateway_returns()
    office.all_send(("LOGIN", "PLAIN"))
    office.all_send()

def only_the_outage(scene: Scene) -> None:
    """What answered before is not in the capture."""
    office = Office(scene)
    office.submission.face = office.postfix
    office.all_send(("LOGIN", "PLAIN", "CRAM-MD5"))
    office.send_without("bob")

def two_captures(scene: Scene, clock_off_s: float = 40, latest_first: bool = False) -> None:
    """The gateway's last hour and the time after it are in files of two machines; the clock of one is off."""
    office = Office(scene)
    office.all_send(("LOGIN", "PLAIN"))
    scene.wait(minutes=5)
    scene.next_capture(clock_off_s)
    office.gateway_dies(refused=False)
    office.all_send(("LOGIN", "PLAIN"))
    office.send_without("bob")
    scene.source_order = [1, 0] if latest_first else None

def wrong_password_on_both(scene: Scene) -> None:
    """Bob's password is wrong, whoever asks for it."""
    office = Office(scene, forgotten=())
    for face in (office.gateway, office.postfix):
        office.submission.face = face
        for mechanism in ("LOGIN", "PLAIN"):
            scene.login_and_send(office.desks["alice"], office.submission, "alice", mechanism)
            scene.wait(minutes=3)
            scene.wrong_password(office.desks["bob"], office.submission, "bob", mechanism, "summer-2025")
            scene.wait(minutes=20)

def all_passwords_wrong(scene: Scene) -> None:
    """One server, on which nobody can log in: its user database is gone. There is no second face."""
    office = Office(scene, ("alice", "bob", "chie"), ())
    office.submission.face = postfix("alice", "bob", "chie").but(login_broken=True)
    for _ in range(2):
        office.all_send(pause_s=200)

def password_changed(scene: Scene) -> None:
    """Bob's password was changed at noon, and his mail program does not know."""
    office = Office(scene, forgotten=())
    office.submission.face = office.postfix
    for _ in range(3):
        office.all_send(pause_s=400)
    users = {**office.postfix.users, "bob": "a-new-one"}
    office.submission.face = office.postfix.but(users=users)
    office.all_send(pause_s=400)
    office.all_send(pause_s=400)

def behind_one_address(scene: Scene, users: tuple = USERS, forgotten: tuple = ("bob",), unticks: bool = True) -> None:
    """A branch office behind a router that translates addresses."""
    office = Office(scene, users, forgotten, polls="")
    desks = office.desks
    router = scene.inside("router", 1)
    names = {user: Host(f"{user}-pc", router.address, desk.name, next_port=20000 + 1000 * number)
             for number, (user, desk) in enumerate(desks.items())}
    office.desks = names
    office.all_send(pause_s=20)
    office.gateway_dies(refused=False)
    office.all_send(pause_s=20)
    office.all_send(pause_s=20)
    if unticks:
        for user in forgotten:
            office.send_without(user, 1)
        office.all_send(pause_s=20)

def one_pc_two_users(scene: Scene) -> None:
    """A shared desk: its mail program has both accounts."""
    office = Office(scene)
    desk = scene.inside("desk", 33)
    office.desks = {user: desk for user in USERS}
    office.all_send(("LOGIN", "PLAIN"))
    office.gateway_dies(refused=False)
    office.all_send(("LOGIN", "PLAIN"))

def one_user_two_devices(scene: Scene) -> None:
    """Bob has a PC and a telephone."""
    office = Office(scene)
    phone = scene.inside("bob-phone", 122)

    def bob_on_his_phone() -> None:
        scene.login_and_send(phone, office.submission, "bob", "PLAIN")
        scene.wait(minutes=1)
    office.all_send()
    bob_on_his_phone()
    office.gateway_dies(refused=False)
    office.all_send()
    bob_on_his_phone()

def program_tries_again(scene: Scene) -> None:
    """Bob's mail program tries each minute, in vain."""
    office = Office(scene)
    office.all_send()
    office.gateway_dies(refused=False)
    for _ in range(25):
        office.poll()
        scene.login_and_send(office.desks["bob"], office.submission, "bob")
        scene.wait(minutes=1)
    office.all_send()

def slips_and_newcomers(scene: Scene) -> None:
    """Bob mistyped his password once before, Alice does so afterwards, and Chie, who is new, has the wrong one."""
    office = Office(scene)
    scene.wrong_password(office.desks["bob"], office.submission, "bob")
    office.all_send(("LOGIN", "PLAIN"))
    office.gateway_dies(refused=False)
    scene.wrong_password(office.desks["alice"], office.submission, "alice")
    office.all_send(("LOGIN", "PLAIN"))
    newcomer = scene.inside("chie-pc", 29)
    for _ in range(2):
        scene.wrong_password(newcomer, office.submission, "chie")
        scene.wait(minutes=1)


def under_attack(scene: Scene) -> None:
    """The same day somebody outside guesses the passwords of Alice and of an administrator, on either server."""
    office = Office(scene)
    bot = scene.far("bot", 13, "ylmf-pc")

    def guess(times: int) -> None:
        for number in range(times):
            scene.wrong_password(bot, office.submission, ("alice", "admin")[number % 2], "LOGIN", f"password{number}")
            scene.wait(seconds=5)
    office.all_send()
    guess(24)
    office.all_send()
    office.gateway_dies(refused=False)
    office.all_send()
    guess(24)
    office.all_send()
    office.send_without("bob")


def all_encrypted(scene: Scene) -> None:
    """All use STARTTLS, before and after; whether they log in cannot be seen. Then Bob sends in the clear, without login."""
    office = Office(scene)
    with_tls = ("STARTTLS",)
    office.gateway = office.gateway.but(extensions=with_tls + office.gateway.extensions)
    office.postfix = office.postfix.but(extensions=office.postfix.extensions + with_tls)
    for face in (office.gateway, office.postfix):
        office.submission.face = face
        for _ in range(3):
            office.poll()
            for user in USERS:
                scene.starttls_session(office.desks[user], office.submission)
                scene.wait(minutes=2)
    office.send_without("bob")


def with_a_long_session(scene: Scene) -> None:
    """One client's connection to the gateway outlives it for new ones: its last half hour is idle."""
    office = Office(scene)
    office.all_send(("LOGIN", "PLAIN"))
    line = scene.dial(office.desks["alice"], office.submission)
    line.ehlo()
    begun = scene.now = line.wire.now
    line.wire.pass_time(1800 * faces.SECOND)
    line.end()
    scene.now = begun
    office.gateway_dies(refused=False)
    office.all_send(("LOGIN", "PLAIN"))
    office.send_without("bob")


def no_login_behind(scene: Scene) -> None:
    """What answers now offers no login at all; mail programs send without, for there is nothing else they can do."""
    office = Office(scene)
    office.all_send(("LOGIN", "PLAIN"))
    office.submission.face = faces.without(office.postfix, "AUTH")
    for user in USERS:
        office.send_without(user)


def lease_passes_on(scene: Scene) -> None:
    """Bob's PC is off, and a scanner gets its address: another device, which never logs in."""
    office = Office(scene, forgotten=())
    office.submission.face = office.postfix
    office.all_send(("LOGIN", "PLAIN"))
    office.all_send()
    scanner = Host("scanner", office.desks["bob"].address, "scanner-2f.example.com", next_port=30000)
    scene.wait(hours=20)
    for _ in range(4):
        scene.send_without_login(scanner, office.submission, "scanner@example.com")
        scene.wait(minutes=10)


def behind_the_same_greeting(scene: Scene) -> None:
    """The gateway greets with the mail server's own greeting; only the list of extensions tells them apart."""
    office = Office(scene)
    office.gateway = office.gateway.but(name=office.postfix.name, greeting=office.postfix.greeting)
    office.submission.face = office.gateway
    office.all_send(("LOGIN", "PLAIN"))
    office.gateway_dies(refused=False)
    office.all_send(("LOGIN", "PLAIN"))
    office.send_without("bob")


def two_gateways(scene: Scene) -> None:
    """Two gateways take turns on one address. One dies, and its share goes to Postfix: Bob can send every other time."""
    office = Office(scene)
    first = gateway(*USERS, name="gateway-a.example.com").but(title="gateway a")
    second = gateway(*USERS, name="gateway-b.example.com").but(title="gateway b")
    office.submission.pool = [first, second]
    for mechanism in ("LOGIN", "PLAIN", "LOGIN", "PLAIN"):
        take_turns(scene, office, mechanism)
    office.submission.pool = [office.postfix, second]
    for mechanism in ("LOGIN", "PLAIN", "LOGIN", "PLAIN"):
        take_turns(scene, office, mechanism)

def take_turns(scene: Scene, office: Office, mechanism: str) -> None:
    """Each sends twice in a row, and so meets both."""
    for user in office.users:
        for _ in range(2):
            scene.login_and_send(office.desks[user], office.submission, user, mechanism)
            scene.wait(seconds=90)

def one_of_two_lacks_a_user(scene: Scene) -> None:
    """A load balancer before two servers, all day the same; Bob was forgotten on one of them."""
    office = Office(scene)
    whole = postfix(*USERS, name="mail-a.example.com").but(title="mail a")
    lacking = exim("alice")
    office.submission.pool = [whole, lacking]
    for mechanism in ("LOGIN", "PLAIN") * 4:
        take_turns(scene, office, mechanism)

def exim(*users: str) -> faces.Face:
    return faces.exim(*users, name="mail-b.example.com").but(title="mail b")

def two_unrelated_servers(scene: Scene) -> None:
    """Bob has an account in the office; a Bob tries one at a provider, where he has none. Two endpoints, no change of either."""
    office = Office(scene, forgotten=())
    provider = scene.server(scene.far("provider", 5, "smtp.provider.example"), 587,
                            postfix("alice", name="smtp.provider.example").but(relays_for=()))
    for _ in range(3):
        office.all_send(pause_s=100)
        scene.login_and_send(office.desks["alice"], provider, "alice")
        scene.wait(minutes=2)
    scene.login_and_send(office.desks["bob"], provider, "bob")
    office.all_send()

def turns_login_off(scene: Scene, refused: bool = False) -> None:
    """Nothing was wrong: Bob unticked the box, and the server lets his network relay, or does not."""
    office = Office(scene, forgotten=())
    face = office.postfix.but(relays_for=()) if refused else office.postfix
    office.submission.face = face
    office.all_send(pause_s=300)
    office.all_send(pause_s=300)
    for _ in range(3):
        office.scene.login_and_send(office.desks["alice"], office.submission, "alice")
        office.scene.wait(minutes=4)
        office.send_without("bob", 1)

def planned_move(scene: Scene) -> None:
    """From Postfix to Exchange over the weekend, with all users."""
    office = Office(scene, forgotten=())
    office.submission.face = office.postfix.but(relays_for=())
    office.all_send(pause_s=200)
    scene.wait(hours=60)
    office.submission.face = faces.exchange(*USERS)
    office.all_send(pause_s=200)
    office.all_send(pause_s=200)
