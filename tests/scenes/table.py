# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenes, and of each what must be said, what may be said, and what must not.

A row passes when every diagnosis that must be there is, with these facts; when whatever else is above `info` is one that may be
there, with these facts; and when none has an id that must not be there, of whatever severity. Even what is only said as
information must not be wrong: see `only`.
"""
import dataclasses
import typing

from . import benign, faces, stories, troubles
from .expect import ALL_IDS, Diagnosis, may, must

THREE = ("LOGIN", "PLAIN", "CRAM-MD5")
MANY = ("alice", "bob", "chie", "daiki", "emi", "fumio", "gen", "hana")
MOST = MANY[1:]

ATTACKS = ("brute-force", "password-spray")


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    build: typing.Callable
    arguments: dict = dataclasses.field(default_factory=dict)
    expected: tuple = ()
    allowed: tuple = ()
    forbidden: tuple = ()
    only: tuple = ()         # what is said with these ids, even as information, is so
    secrets: tuple = ()      # words that are nowhere in a diagnosis
    options: tuple = ()      # of the command line
    packet_options: tuple = ()  # these only with packets
    ipv6: bool = False
    start: str = ""
    benign: bool = False     # nothing above info, at all


def row(name: str, build: typing.Callable, *expected: Diagnosis, **more: object) -> Row:
    fields = {field.name for field in dataclasses.fields(Row)}
    arguments = {key: value for key, value in more.items() if key not in fields}
    return Row(name, build, arguments, expected, **{key: value for key, value in more.items() if key in fields})


def calm(name: str, build: typing.Callable, *forbidden: str, **more: object) -> Row:
    """Nothing above info."""
    return row(name, build, benign=True, forbidden=forbidden, **more)


# ---- what is said again and again

def changed(change: str = "gateway -> postfix", **facts: object) -> Diagnosis:
    return must("server-changed", **{"server": "mail:587", "change": change, **facts})


def one_face(users: tuple = ("bob",), unaffected: tuple = ("alice",), clients: tuple = ("bob-pc",), **facts: object) -> Diagnosis:
    return must("auth-fails-on-one-face", **{"least": "high", "server": "mail:587", "users": users, "unaffected": unaffected,
                                             "clients": clients, **facts})


def stopped(*clients: str, **facts: object) -> Diagnosis:
    facts = {"least": "medium", "server": "mail:587", "clients": clients or ("bob-pc",), **facts}
    return must("client-stopped-authenticating", **facts)


def relayed(*clients: str) -> Diagnosis:
    """Information: it is how the server is set up. Those who see a risk in it may say so."""
    return must("relay-by-address", least="info", most="medium", server="mail:587", clients=clients or ("bob-pc",))


def refused_meanwhile() -> Diagnosis:
    return may("service-down", most="medium", server="mail:587", outage="mail:587")


def story(change: str = "gateway -> postfix") -> tuple:
    """The incident: another server answers, it does not know Bob, Bob turns login off, and his address may relay."""
    return changed(change), one_face(), stopped(), relayed()


# The second face is gone again, or both are there all the time: then nothing is so "since" or "now".
NOT_NOW = ("answers now", "since another server")
BACK_AGAIN = may("server-changed", server="mail:587", change="postfix -> gateway")
ALSO_BRUTE = may("brute-force", clients=("bot",))
# Which domains are the server's own is only inferred here.
OPEN_RELAY = must("open-relay", least="medium", server="mail:587", clients=("stranger",))
# Port 587 of another server says nothing about these.
PORT_BLOCKED = must("port-blocked", clients=("alice-pc", "bob-pc"), no_text=("the way to them are fine",))
DOWN = must("service-down", least="medium", server="mail:587", outage="mail:587", ongoing=False)
DOWN_FOR_GOOD = must("service-down", least="medium", server="mail:587", outage="mail:587", ongoing=True)
STRIPPED = must("starttls-stripped", least="medium", server="mail:587", clients=("bob-pc",))
TOLD = ("--local-net", "192.0.2.0/24", "--local-domain", "example.com")

ROWS = (
    # ---- the incident
    row("gateway-dies", stories.gateway_dies, *story(), allowed=(refused_meanwhile(),), forbidden=("open-relay", *ATTACKS)),
    row("gateway-dies-and-returns", stories.gateway_dies, changed(ongoing=False, over=True), one_face(no_text=NOT_NOW), stopped(),
        relayed(), returns=True, allowed=(refused_meanwhile(), BACK_AGAIN), forbidden=("open-relay", *ATTACKS)),
    row("gateway-dies-plain", stories.gateway_dies, changed(ongoing=True), one_face(), stopped(), relayed(),
        mechanisms=("PLAIN",), refused=False, forbidden=("service-down", *ATTACKS)),
    row("gateway-dies-cram-md5", stories.gateway_dies, *story(), mechanisms=("CRAM-MD5",), refused=False,
        forbidden=("service-down", *ATTACKS)),
    row("gateway-dies-each-mechanism", stories.gateway_dies, *story(), mechanisms=THREE, rounds=1, allowed=(refused_meanwhile(),),
        forbidden=ATTACKS),
    row("gateway-dies-ipv6", stories.gateway_dies, *story(), ipv6=True, mechanisms=("LOGIN", "PLAIN"),
        allowed=(refused_meanwhile(),), forbidden=("open-relay", *ATTACKS)),
    row("gateway-dies-over-new-year", stories.gateway_dies, *story(), start="2026-12-31T23:40:00Z", pause_s=400,
        allowed=(refused_meanwhile(),)),
    row("gateway-dies-slowly", stories.gateway_dies, *story(), pause_s=4 * 3600, allowed=(refused_meanwhile(),)),
    row("gateway-dies-receiving-by-pop3", stories.gateway_dies, changed(), one_face(text=("POP3",), no_text=("IMAP",)), stopped(),
        relayed(), refused=False),
    row("gateway-dies-receiving-by-imap", stories.gateway_dies, changed(), one_face(text=("IMAP",), no_text=("POP3",)), stopped(),
        relayed(), polls="IMAP", refused=False),
    row("gateway-dies-nobody-receives", stories.gateway_dies, changed(), one_face(no_text=("receiving works",)), stopped(),
        relayed(), polls="", refused=False),
    row("gateway-dies-bob-gives-up", stories.gateway_dies, changed(), one_face(), unticks=False, allowed=(refused_meanwhile(),),
        forbidden=("client-stopped-authenticating", "relay-by-address", "open-relay", *ATTACKS)),
    row("gateway-dies-all-are-known", stories.gateway_dies, changed(), forgotten=(), unticks=False, refused=False,
        forbidden=("auth-fails-on-one-face", "client-stopped-authenticating", "relay-by-address", *ATTACKS)),
    row("gateway-dies-only-bob-sends", stories.gateway_dies, changed(), one_face(unaffected=()), users=("bob",), unticks=False,
        refused=False, forbidden=ATTACKS),
    row("gateway-dies-all-are-forgotten", stories.gateway_dies,
        changed(), one_face(users=("alice", "bob", "chie"), unaffected=(), clients=("alice-pc", "bob-pc", "chie-pc")),
        users=("alice", "bob", "chie"), forgotten=("alice", "bob", "chie"), unticks=False, refused=False, forbidden=ATTACKS),
    row("gateway-dies-most-are-forgotten", stories.gateway_dies,
        changed(), one_face(users=MOST, unaffected=("alice",), clients=tuple(f"{user}-pc" for user in MOST)),
        users=MANY, forgotten=MOST, unticks=False, refused=False, forbidden=ATTACKS),
    row("gateway-dies-program-tries-again", stories.program_tries_again, changed(), one_face(text=("POP3",)), forbidden=ATTACKS),
    row("one-address-many-users", stories.behind_one_address, changed(), one_face(clients=("router",)),
        allowed=(may("client-stopped-authenticating", server="mail:587", clients=("router",)),
                 may("relay-by-address", most="medium", clients=("router",))), forbidden=ATTACKS),
    row("one-address-most-are-forgotten", stories.behind_one_address,
        changed(), one_face(users=MOST, unaffected=("alice",), clients=("router",)),
        users=MANY, forgotten=MOST, unticks=False, forbidden=("client-stopped-authenticating", *ATTACKS)),
    row("one-pc-two-users", stories.one_pc_two_users, changed(), one_face(clients=("desk",)), forbidden=ATTACKS),
    row("one-user-two-devices", stories.one_user_two_devices, changed(), one_face(clients=("bob-pc", "bob-phone")),
        forbidden=ATTACKS),
    row("two-gateways-one-dies", stories.two_gateways, one_face(no_text=NOT_NOW),
        only=(may("server-alternates", no_text=("all the time",)),), allowed=(may("server-changed", server="mail:587"),),
        forbidden=ATTACKS),
    row("one-of-two-lacks-a-user", stories.one_of_two_lacks_a_user, one_face(no_text=NOT_NOW), forbidden=ATTACKS),
    row("begins-in-the-outage", stories.begins_in_the_outage, changed("postfix -> gateway"), one_face(no_text=NOT_NOW), stopped(),
        relayed(), forbidden=("open-relay", *ATTACKS)),
    row("only-the-outage", stories.only_the_outage, stopped(), relayed(),
        forbidden=("server-changed", "auth-fails-on-one-face", "open-relay", *ATTACKS)),
    row("two-captures", stories.two_captures, *story(), forbidden=ATTACKS),
    row("two-captures-latest-first", stories.two_captures, *story(), latest_first=True, clock_off_s=-70, forbidden=ATTACKS),
    row("capture-misses-frames", stories.capture_misses_frames, *story(), allowed=(refused_meanwhile(),), forbidden=ATTACKS),
    row("capture-begins-in-a-session", stories.capture_begins_in_a_session, *story(), allowed=(refused_meanwhile(),),
        forbidden=ATTACKS),

    row("slips-and-newcomers", stories.slips_and_newcomers, changed(), one_face(), forbidden=ATTACKS),
    row("under-attack", stories.under_attack, *story(), must("brute-force", clients=("bot",), users=("alice", "admin")),
        allowed=(may("password-spray", clients=("bot",)),)),
    row("all-encrypted", stories.all_encrypted, changed(), allowed=(relayed(),),
        forbidden=("auth-fails-on-one-face", "client-stopped-authenticating", "starttls-stripped")),
    row("with-a-long-session", stories.with_a_long_session, changed(), one_face(), stopped(), relayed(), forbidden=ATTACKS),
    row("no-login-behind", stories.no_login_behind, changed(), forbidden=("auth-fails-on-one-face",),
        allowed=(may("client-stopped-authenticating", server="mail:587", no_text=("although the server offers",)),
                 relayed("alice-pc", "bob-pc"))),
    row("behind-the-same-greeting", stories.behind_the_same_greeting, *story(), forbidden=ATTACKS),
    row("users-omitted", stories.gateway_dies, changed(), must("auth-fails-on-one-face", least="high", clients=("bob-pc",)),
        stopped(), relayed(), refused=False, packet_options=("--users", "omit"), secrets=("alice", "bob", "hash:")),
    row("users-hashed", stories.gateway_dies, changed(), must("auth-fails-on-one-face", least="high", clients=("bob-pc",)),
        stopped(), relayed(), refused=False, packet_options=("--users", "hash"), secrets=("alice", "bob")),
    row("only-what-servers-say", stories.capture_of_one_side, changed(), server=True,
        allowed=(may("auth-fails-on-one-face", server="mail:587", clients=("bob-pc",)),),
        forbidden=("client-stopped-authenticating", "open-relay", *ATTACKS)),
    calm("only-what-clients-say", stories.capture_of_one_side, *ALL_IDS, server=False),

    # ---- login troubles that are another story
    row("wrong-password-on-both", stories.wrong_password_on_both, changed(), forbidden=("auth-fails-on-one-face", *ATTACKS)),
    row("all-passwords-wrong", stories.all_passwords_wrong, forbidden=("auth-fails-on-one-face", "server-changed", *ATTACKS)),
    row("password-changed", stories.password_changed, forbidden=("auth-fails-on-one-face", "server-changed", *ATTACKS)),
    row("two-unrelated-servers", stories.two_unrelated_servers, forbidden=("auth-fails-on-one-face", "server-changed", *ATTACKS)),
    row("planned-move", stories.planned_move, changed("postfix -> exchange", least="info", most="medium"),
        forbidden=("auth-fails-on-one-face", "service-down", *ATTACKS)),
    row("turns-login-off", stories.turns_login_off, stopped(), relayed(),
        forbidden=("server-changed", "auth-fails-on-one-face", "open-relay")),
    row("turns-login-off-in-vain", stories.turns_login_off, stopped(least="low"), refused=True,
        forbidden=("server-changed", "auth-fails-on-one-face", "open-relay", "relay-by-address")),

    # ---- another server answers? No
    calm("server-upgrade", benign.server_upgrade, "auth-fails-on-one-face",
         only=(may("server-changed", no_text=("another server",)),)),
    calm("greeting-with-date", benign.greeting_with_date, "server-changed", face=faces.exim("alice", "bob")),
    calm("greeting-with-date-over-new-year", benign.over_midnight, "server-changed", start="2026-12-31T23:40:00Z"),
    calm("greeting-with-token", benign.greeting_with_token, "server-changed", "open-relay"),
    calm("load-balancer", benign.load_balancer, "auth-fails-on-one-face"),
    calm("load-balancer-unequal", benign.load_balancer, "auth-fails-on-one-face", shares=(4, 1)),
    calm("load-balancer-starttls-on-one", benign.load_balancer, starttls_on_both=False),
    calm("greeting-by-client", benign.greeting_by_client, "auth-fails-on-one-face", "starttls-stripped",
         only=(may("server-alternates", text=("client",)),)),
    calm("list-not-captured", benign.list_not_captured, "server-changed", "starttls-stripped", "client-stopped-authenticating"),

    # ---- login turned off? No
    calm("healthy-day", benign.healthy, *(id for id in ALL_IDS if id != "relay-by-address")),
    calm("healthy-day-ipv6", benign.healthy, *(id for id in ALL_IDS if id != "relay-by-address"), ipv6=True),
    calm("printer", benign.printer, "client-stopped-authenticating", "open-relay"),
    calm("printer-to-own-domain", benign.printer, "client-stopped-authenticating", "open-relay", "relay-by-address",
         to="bob@example.com"),
    calm("printer-behind-one-address", benign.printer_behind_one_address, "client-stopped-authenticating", "open-relay"),
    calm("lease-passes-on", stories.lease_passes_on, "auth-fails-on-one-face", "open-relay"),
    calm("login-not-captured", benign.login_not_captured, "client-stopped-authenticating", "relay-by-address", "server-changed"),
    calm("direct-to-others", benign.direct_to_others, "client-stopped-authenticating", "relay-by-address", "open-relay"),

    # ---- relaying
    row("open-relay-on-submission", troubles.open_relay_on_submission, OPEN_RELAY,
        forbidden=("relay-by-address", "client-stopped-authenticating")),
    row("open-relay-on-25", troubles.open_relay_on_25, must("open-relay", least="high", server="mail:25", clients=("stranger",)),
        options=TOLD, forbidden=("relay-by-address",)),
    row("open-relay-ipv6", troubles.open_relay_on_submission, OPEN_RELAY,
        ipv6=True, options=("--local-net", "2001:db8::/64", "--local-domain", "example.com"), forbidden=("relay-by-address",)),
    calm("relay-refused", troubles.relay_refused, "open-relay", "relay-by-address", "client-stopped-authenticating"),
    calm("normal-mx", benign.normal_mx, "open-relay", "relay-by-address", "client-stopped-authenticating"),
    calm("normal-mx-told", benign.normal_mx, "open-relay", "relay-by-address", options=TOLD),
    calm("hosted-domains", benign.hosted_domains, "relay-by-address"),
    calm("hosted-domains-told", benign.hosted_domains, "open-relay", "relay-by-address", options=TOLD),
    calm("roaming-user", benign.roaming_user, "open-relay", "relay-by-address", "auth-fails-on-one-face"),

    # ---- port 25
    row("port-25-dropped", troubles.port_blocked, must("port-blocked", clients=("alice-pc", "bob-pc"), text=("25", "587")),
        forbidden=("service-down",)),
    row("port-25-reset", troubles.port_blocked, PORT_BLOCKED, verdict="reset", forbidden=("service-down",)),
    row("port-25-prohibited", troubles.port_blocked, PORT_BLOCKED, verdict="prohibited", forbidden=("service-down",)),
    row("port-25-prohibited-ipv6", troubles.port_blocked, PORT_BLOCKED, verdict="prohibited",
        ipv6=True, forbidden=("service-down",)),
    row("port-25-dropped-later", troubles.port_blocked, PORT_BLOCKED, worked_before=True,
        allowed=(may("service-down", most="low"),)),
    row("port-25-blocked-for-guests", troubles.blocked_for_one_network,
        must("port-blocked", least="info", clients=("guest0", "guest1")), forbidden=("service-down",)),
    row("one-server-refuses", troubles.one_server_refuses, forbidden=("port-blocked", "service-down")),
    row("network-down", troubles.network_down, allowed=(may("service-down"),), forbidden=("port-blocked",)),

    # ---- a server that is down
    row("service-down", troubles.service_down, DOWN, forbidden=("server-changed", "port-blocked")),
    row("service-down-unanswered", troubles.service_down, DOWN, verdict="drop", forbidden=("server-changed", "port-blocked")),
    row("service-down-for-good", troubles.service_down, DOWN_FOR_GOOD, comes_back=False,
        forbidden=("server-changed", "port-blocked")),
    row("never-there", troubles.never_there, forbidden=("service-down",)),
    row("kept-out", troubles.kept_out, forbidden=("service-down", "port-blocked")),
    row("restart", benign.restart, allowed=(may("service-down", most="low", outage="mail:587"),), forbidden=("server-changed",)),
    row("lost-syn", benign.lost_syn, forbidden=("service-down", "port-blocked")),
    row("maintenance", benign.maintenance, allowed=(may("service-down", server="mail:587"),),
        forbidden=("server-changed", "auth-fails-on-one-face")),

    # ---- guessing passwords
    row("brute-force", troubles.brute_force,
        must("brute-force", least="medium", clients=("bot",), users=("alice",), text=("40",)),
        forbidden=("password-spray", "auth-fails-on-one-face")),
    row("brute-force-succeeds", troubles.brute_force,
        must("brute-force", least="high", clients=("bot",), users=("alice",), text=("succe|accepted",)), success=True,
        forbidden=("password-spray", "auth-fails-on-one-face")),
    row("brute-force-few-users", troubles.brute_force,
        must("brute-force", least="medium", clients=("bot",), users=("alice", "admin", "info")),
        users=("alice", "admin", "info"), attempts=60, allowed=(may("password-spray", clients=("bot",)),),
        forbidden=("auth-fails-on-one-face",)),
    row("brute-force-many-users", troubles.brute_force,
        must("password-spray", least="medium", clients=("bot",), users=troubles.sprayed_users(25)),
        users=troubles.sprayed_users(25), attempts=100, allowed=(ALSO_BRUTE,), forbidden=("auth-fails-on-one-face",)),
    row("password-spray", troubles.password_spray,
        must("password-spray", least="medium", clients=("bot",), users=troubles.sprayed_users(), text=("30",)),
        allowed=(ALSO_BRUTE,), forbidden=("auth-fails-on-one-face",)),
    calm("mistyped-password", benign.mistyped_password, "auth-fails-on-one-face", *ATTACKS),
    calm("mistyped-behind-one-address", benign.mistyped_behind_one_address, "auth-fails-on-one-face", *ATTACKS),
    row("stale-password", benign.stale_password, allowed=(may("brute-force", most="low", clients=("bob-phone",)),),
        forbidden=("password-spray", "auth-fails-on-one-face")),

    # ---- STARTTLS
    row("starttls-stripped", troubles.starttls_stripped, STRIPPED, forbidden=("server-alternates",)),
    row("starttls-masked", troubles.starttls_stripped, STRIPPED, masked=True, forbidden=("server-alternates",)),
    row("starttls-gone", troubles.starttls_gone, must("starttls-stripped", server="mail:587"),
        allowed=(may("server-changed", server="mail:587"),)),
    calm("starttls-never", troubles.starttls_never, "starttls-stripped"),

    # ---- greylisting
    row("greylist-not-retried", troubles.greylisted, must("greylist-not-retried", server="partner:25", clients=("mta",))),
    row("greylist-retried", troubles.greylisted, must("greylisted-then-delivered", least="info", most="info", server="partner:25",
                                                      clients=("mta",), text=("15 min",)),
        forbidden=("greylist-not-retried",), retry_after_min=(15,)),
    calm("greylist-retried-too-early", troubles.greylisted, "greylist-not-retried", retry_after_min=(2, 30)),
    calm("greylist-retried-from-another-address", troubles.greylisted, "greylist-not-retried", retry_after_min=(20,),
         pool=("mta", "mta-b")),
    calm("greylist-capture-ends", troubles.greylisted, "greylist-not-retried", rest_h=0),
    calm("greylist-again-and-again", troubles.greylisted, "greylisted-then-delivered", retry_after_min=(1, 2)),
    row("greylist-stops-a-spammer", troubles.spammer_greylisted,
        must("greylist-not-retried", least="info", most="low", server="mail:25", clients=("bot",))),
)
