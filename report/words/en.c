/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * English.
 */
#include "report/words/catalogues.h"

static const char *const texts[WORDS_COUNT] = {
	/* ---- Lists of values ---- */
	[WORDS_LIST_COMMA] = ", ",
	[WORDS_LIST_LAST] = " and ",
	[WORDS_LIST_MORE] = " and {count} more",
	[WORDS_UNKNOWN] = "unknown",

	/* ---- Diagnoses: an endpoint that changed its face ---- */
	[WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE] = "Another server answers on {server}",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_EXPLANATION] =
		"Connections to {server} were answered by {before}; between {when} and {until} it was {after}. What differs: "
		"{changes}.",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_TITLE_UPGRADED] = "The server on {server} was upgraded or configured anew",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_EXPLANATION_UPGRADED] =
		"{after} on {server} answers in another way since {when}, but greets as the same server. What differs: {changes}.",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CAUSE_1] =
		"A gateway, proxy or load balancer in front of the mail server is down or was taken out, so that connections "
		"reach the server behind it",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CAUSE_2] = "The mail server was replaced, upgraded or configured anew",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CAUSE_3] =
		"The address was moved to another machine (failover, forwarding rule, DNS)",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_1] =
		"What should answer there? Look at what does: swaks --server {server} --quit-after EHLO",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_2] =
		"On the gateway: is its service running (systemctl status), does it listen on the port (ss -ltnp)?",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_3] =
		"What leads connections to the one or the other: nft list ruleset, keepalived, the pool of the load balancer",
	[WORDS_DIAGNOSIS_SERVER_CHANGED_CHECK_4] = "Ask who worked on the mail system at {when}",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_TITLE] = "Several servers answer on {server} in turn",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_EXPLANATION] =
		"Connections to {server} show {count:face|faces} in turn. Most likely a load balancer spreads them over several "
		"servers. This is no fault by itself.",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_EXPLANATION_BY_CLIENT] =
		"Connections to {server} show {count:face|faces}, but each client always the same one: what answers depends on who "
		"asks. This is no fault by itself.",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_CAUSE_1] =
		"A load balancer or a proxy with several servers behind it that are not configured alike",
	[WORDS_DIAGNOSIS_SERVER_ALTERNATES_CHECK_1] =
		"If only some logins or mails fail, compare the configuration of these servers: postconf -n on each, and the "
		"account databases",

	/* ---- Diagnoses: logins that fail on one face ---- */
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_TITLE] =
		"Logins of {users} fail while another server answers on {server}",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_EXPLANATION] =
		"When {before} answers on {server}, it accepts the logins of {users}. Between {when} and {until} {after} answered "
		"there and rejected them with {code}, while {unaffected} could log in. So that server apparently has an account "
		"database of its own that lacks {users}. Nothing points to the settings at the clients: the same logins "
		"work on the other server.{mailbox}",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_EXPLANATION_NO_OTHERS] =
		"When {before} answers on {server}, it accepts the logins of {users}. Between {when} and {until} {after} answered "
		"there and rejected them with {code}; nobody else was seen to log in then. So that server apparently has an "
		"account database of its own that lacks {users}. Nothing points to the settings at the clients: the same "
		"logins work on the other server.{mailbox}",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CAUSE_1] =
		"The gateway or proxy in front of the mail server is down or bypassed, and connections reach the server "
		"behind it, which has its own account database",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CAUSE_2] =
		"The accounts of {users} were never created in the database that {after} uses, or are gone from it",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CAUSE_3] =
		"That server checks logins in the wrong place (Postfix: smtpd_sasl_type, smtpd_sasl_path)",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_1] =
		"The gateway in front of {server}: is its service running (systemctl status), does it listen on the port (ss "
		"-ltnp)?",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_2] =
		"On the server that rejects: postconf smtpd_sasl_type smtpd_sasl_path, then doveadm auth test USER (Dovecot) "
		"or sasldblistusers2 (Cyrus SASL)",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_3] =
		"What leads connections past the gateway: nft list ruleset, keepalived, the pool of the load balancer",
	[WORDS_DIAGNOSIS_AUTH_FAILS_ON_ONE_FACE_CHECK_4] =
		"Leave the clients as they are: no new passwords, and nobody should turn the login off",

	/* ---- Diagnoses: clients that send without a login ---- */
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_TITLE] =
		"{client} sent mail without its login",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_EXPLANATION] =
		"{client} had logged in to {server} as {user}, or tried to. From {when} to {until} it sent {mails:mail|mails} "
		"without a login, although the server offers one. {outcome}",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CAUSE_1] =
		"After failed logins somebody turned the login off in the mail program (\"My outgoing server requires "
		"authentication\")",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CAUSE_2] =
		"The account was set up anew in the mail program, without a login for sending",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CAUSE_3] =
		"Another program or device behind the same address sends the mail",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CHECK_1] =
		"Why the logins failed before: see the other diagnoses and the finding auth-rejected",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CHECK_2] =
		"Outlook: Account Settings, More Settings, Outgoing Server; Thunderbird: Outgoing Server (SMTP), "
		"Authentication method. Turn the login on again once logins work",
	[WORDS_DIAGNOSIS_CLIENT_STOPPED_AUTHENTICATING_CHECK_3] =
		"Who may send without a login: postconf mynetworks smtpd_relay_restrictions",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_TITLE] = "{server} relays for {client} without a login",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_EXPLANATION] =
		"{server} accepted {mails:mail|mails} from {client} for recipients elsewhere without a login: the client's "
		"address in a local network was enough. Whoever is in that network, infected machines too, can send there in "
		"anybody's name.",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CAUSE_1] =
		"The client's network is in the server's list of trusted networks (Postfix: mynetworks)",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CAUSE_2] = "The submission port has the same relay rules as port 25",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_1] =
		"postconf mynetworks mynetworks_style smtpd_relay_restrictions smtpd_recipient_restrictions",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_2] =
		"For submission, in master.cf: -o smtpd_relay_restrictions=permit_sasl_authenticated,reject",
	[WORDS_DIAGNOSIS_RELAY_BY_ADDRESS_CHECK_3] =
		"Printers and scanners that cannot log in: allow their addresses one by one, not the whole network",
	[WORDS_DIAGNOSIS_OPEN_RELAY_TITLE] = "{server} is an open relay",
	[WORDS_DIAGNOSIS_OPEN_RELAY_EXPLANATION] =
		"{client}, which is no local client, sent mail to {recipient} without a login, and {server} accepted it "
		"although the recipient is none of its own. Anybody can send spam through it, and it will soon be on block "
		"lists.",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CAUSE_1] =
		"The relay rules let everybody pass, or the trusted networks are too wide (Postfix: mynetworks)",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CAUSE_2] =
		"A proxy or NAT in front of the server hides where connections come from, so all look local",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CAUSE_3] =
		"The recipient's domain is one of the server's after all (then --local-domain names it)",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_1] =
		"postconf mynetworks smtpd_relay_restrictions smtpd_recipient_restrictions relay_domains",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_2] =
		"From outside: swaks --server {server} --to ADDRESS-ELSEWHERE --quit-after RCPT",
	[WORDS_DIAGNOSIS_OPEN_RELAY_CHECK_3] = "Close the relay at once; then look at what is in the queue: postqueue -p",

	/* ---- Diagnoses: connections that come to nothing ---- */
	[WORDS_DIAGNOSIS_PORT_BLOCKED_TITLE] =
		"Port 25 was blocked for {network}",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_EXPLANATION] =
		"From {from} until {until} {attempts:connection|connections} from {network} to port 25 of "
		"{servers:server|servers} came to nothing ({kinds}), while connections to port {works} worked. So the network as "
		"such works, but something in it or on the way blocks port 25: many providers do that to their customers (outbound "
		"port 25 blocking).",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CAUSE_1] = "The provider blocks outbound port 25",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CAUSE_2] = "A firewall of the own network allows port 25 to the mail server only",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CHECK_1] =
		"People's mail programs: use port 587 with STARTTLS, or 465 with TLS, and log in",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CHECK_2] = "From a client: nc -vz SERVER 25, then nc -vz SERVER 587",
	[WORDS_DIAGNOSIS_PORT_BLOCKED_CHECK_3] =
		"Mail servers: ask the provider to open port 25, or hand outgoing mail to its relay (Postfix: relayhost)",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_TITLE] = "{server} did not answer for some time",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_EXPLANATION] =
		"From {from} until {until} no connection to {server} came about ({attempts:attempt|attempts}: {how}), while it "
		"works at other times.",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CAUSE_1] =
		"The mail service on it, or the gateway in front of it, was stopped, restarted or crashed",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CAUSE_2] = "A firewall in between began to block it",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CAUSE_3] = "The machine or the network to it was down",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CHECK_1] =
		"On the server: systemctl status postfix, ss -ltnp, and its log for that time (journalctl --since)",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CHECK_2] = "From a client: swaks --server {server} --quit-after BANNER",
	[WORDS_DIAGNOSIS_SERVICE_DOWN_CHECK_3] = "What changed in firewalls at {from}",

	/* ---- Diagnoses: attacks ---- */
	[WORDS_DIAGNOSIS_MORE_USERS] = "more than {count} user names",
	[WORDS_DIAGNOSIS_LOGIN_SUCCEEDED] = " After these a login as {user} succeeded: somebody may have got in.",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_TITLE] = "{client} guesses passwords on {server}",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_EXPLANATION] =
		"{client} made {attempts:failed login|failed logins} on {server} with {users:user name|user names}. That "
		"many failures are hardly a person's typing errors.{success}",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CAUSE_1] = "Somebody tries out passwords",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CAUSE_2] = "A mail program or device that goes on trying with an old password",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CHECK_1] =
		"Whose address is {client}? If it is no client of yours, block it (fail2ban, or Postfix: "
		"smtpd_client_auth_rate_limit)",
	[WORDS_DIAGNOSIS_BRUTE_FORCE_CHECK_2] =
		"Did any login from there succeed? Then change that password and look at what was sent",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_TITLE] = "{client} tries many user names on {server}",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_EXPLANATION] =
		"{client} made {attempts:failed login|failed logins} on {server} with {users:user name|user names}: a few "
		"passwords tried on many accounts (password spraying).{success}",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CAUSE_1] = "Somebody tries out well-known or stolen passwords on many accounts",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CAUSE_2] =
		"Many people log in through one address (NAT, a proxy), and the server's account check fails for all",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CHECK_1] =
		"Whose address is {client}? If it is no client of yours, block it (fail2ban, or Postfix: "
		"smtpd_client_auth_rate_limit)",
	[WORDS_DIAGNOSIS_PASSWORD_SPRAY_CHECK_2] =
		"Did any login from there succeed? Then change that password and look at what was sent",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_TITLE] = "Encryption is missing from the offers of {server}",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_EXPLANATION] =
		"{server} offered STARTTLS {before}, but it does not reach {clients}. Something on the way may take it out, "
		"so that mail and passwords stay readable.",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CAUSE_1] =
		"A firewall or virus scanner that inspects SMTP removes it (Cisco: inspect esmtp; antivirus mail shields)",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CAUSE_2] =
		"The server's certificate or TLS configuration was lost (Postfix: smtpd_tls_security_level)",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CAUSE_3] = "Somebody on the way wants to read along",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CHECK_1] =
		"From the client and from elsewhere, and compare: swaks --server {server} --quit-after EHLO",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CHECK_2] = "On the server: postconf smtpd_tls_security_level smtpd_tls_cert_file",
	[WORDS_DIAGNOSIS_STARTTLS_STRIPPED_CHECK_3] =
		"Set the clients to insist on encryption, not \"if available\", or use port 465",
	[WORDS_DIAGNOSIS_STARTTLS_OFFERED_BEFORE] = "until {when}",
	[WORDS_DIAGNOSIS_STARTTLS_OFFERED_OTHERS] = "to {clients}",

	/* ---- Diagnoses: mail that waits ---- */
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_TITLE] = "{client} does not try again after greylisting",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_EXPLANATION] =
		"{server} turned mail from {client} to {recipient} away for a first time, as it does with senders it does "
		"not know, and waits for another try. None came in the time that was captured: the mail is lost or still "
		"waits at the client.",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CAUSE_1] =
		"The client is a program or device that sends directly and has no queue",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CAUSE_2] =
		"The client tries again later than the capture lasts, or from another address",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CHECK_1] = "The client's queue: postqueue -p, mailq",
	[WORDS_DIAGNOSIS_GREYLIST_NOT_RETRIED_CHECK_2] =
		"Programs and devices should hand their mail to the own mail server, with a login",

	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_TITLE] = "{server} greylists; mail that came again was accepted",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_EXPLANATION] =
		"{server} turned a mail away for a first time, as it does with senders it does not know, and the mail was accepted "
		"when it came again: {longest} later than without greylisting. This is no fault.",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_EXPLANATION_MANY] =
		"{server} turned {mails:mail|mails} away for a first time, as it does with senders it does not know, and they were "
		"accepted when they came again: {shortest} to {longest} later than without greylisting. This is no fault.",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_CAUSE_1] = "How the server keeps out senders that do not try again",
	[WORDS_DIAGNOSIS_GREYLISTED_THEN_DELIVERED_CHECK_1] =
		"If the delay matters: how soon the sender tries again (Postfix: postconf minimal_backoff_time), and who is exempt on "
		"the server (postgrey: whitelist_clients)",

	/* ---- Diagnoses: phrases ---- */
	[WORDS_DIAGNOSIS_FACE_SOFTWARE] = "{software}",
	[WORDS_DIAGNOSIS_FACE_BANNER] = "a server with the greeting \"{banner}\"",
	[WORDS_DIAGNOSIS_FACE_UNNAMED] = "a server without a greeting",
	[WORDS_DIAGNOSIS_CHANGE_BANNER] = "greeting \"{before}\" became \"{after}\"",
	[WORDS_DIAGNOSIS_CHANGE_SOFTWARE] = "software {before} became {after}",
	[WORDS_DIAGNOSIS_CHANGE_EXTENSIONS_GONE] = "no longer offered: {list}",
	[WORDS_DIAGNOSIS_CHANGE_EXTENSIONS_NEW] = "newly offered: {list}",
	[WORDS_DIAGNOSIS_CHANGE_AUTH_GONE] = "login methods no longer offered: {list}",
	[WORDS_DIAGNOSIS_CHANGE_AUTH_NEW] = "login methods newly offered: {list}",
	[WORDS_DIAGNOSIS_CHANGE_ORDER] = "the extensions stand in another order",
	[WORDS_DIAGNOSIS_MAILBOX_WORKS] =
		" Receiving works: {pop3:POP3 connection|POP3 connections} and {imap:IMAP connection|IMAP connections} of "
		"the same client completed in the same minutes.",
	[WORDS_DIAGNOSIS_MAILBOX_WORKS_POP3] =
		" Receiving works: {pop3:POP3 connection|POP3 connections} of the same client completed in the same minutes.",
	[WORDS_DIAGNOSIS_MAILBOX_WORKS_IMAP] =
		" Receiving works: {imap:IMAP connection|IMAP connections} of the same client completed in the same minutes.",
	[WORDS_DIAGNOSIS_OUTCOME_ACCEPTED] =
		"The server accepted them all the same.",
	[WORDS_DIAGNOSIS_OUTCOME_REFUSED] = "The server refused them.",
	[WORDS_DIAGNOSIS_OUTCOME_MIXED] = "The server accepted some of them and refused others.",
	[WORDS_DIAGNOSIS_OUTCOME_UNKNOWN] = "What became of them was not captured.",
	[WORDS_DIAGNOSIS_KIND_UNANSWERED] = "no answer",
	[WORDS_DIAGNOSIS_KIND_RESET] = "refused with RST",
	[WORDS_DIAGNOSIS_KIND_UNREACHABLE] = "unreachable, says ICMP",
	[WORDS_DIAGNOSIS_KIND_PROHIBITED] = "prohibited, says ICMP",
	[WORDS_DIAGNOSIS_CONSIDERED_LOAD_BALANCER] =
		"A load balancer: its servers would answer in turn, but here one ended when the other began",
	[WORDS_DIAGNOSIS_CONSIDERED_UPGRADE] = "An upgrade of the same server: more changed than a version",
	[WORDS_DIAGNOSIS_CONSIDERED_VARYING_BANNER] =
		"A server that greets each client differently: the same client saw both",
	[WORDS_DIAGNOSIS_CONSIDERED_BRUTE_FORCE] =
		"Guessing of passwords: the same clients log in as these users on the other server",
	[WORDS_DIAGNOSIS_CONSIDERED_WRONG_PASSWORD] =
		"Wrong passwords: from the same place {users} can log in on the other server",
	[WORDS_DIAGNOSIS_ASSUMED_LOCAL_NETWORKS] = "Taken for local networks: {networks} (--local-net says otherwise)",
	[WORDS_DIAGNOSIS_LOCAL_NETWORKS_DEFAULT] = "private addresses, the server's own /24 or /64",
	[WORDS_DIAGNOSIS_GIVEN_LOCAL_NETWORKS] = "Local networks, as given: {networks}",
	[WORDS_DIAGNOSIS_ASSUMED_LOCAL_DOMAINS] =
		"Taken for the server's own domains: {domains} (--local-domain says otherwise)",
	[WORDS_DIAGNOSIS_GIVEN_LOCAL_DOMAINS] = "The server's own domains, as given: {domains}",
	[WORDS_DIAGNOSIS_ASSUMED_NO_LOCAL_DOMAINS] = "No domain of the server's own is known (--local-domain names them)",
	[WORDS_DIAGNOSIS_STILL] = "the end of the capture",
	[WORDS_DIAGNOSIS_STILL_NOW] = "now",

	/* ---- Findings: pieces that several share ---- */
	[WORDS_SENTENCES_JOIN] = " ",
	[WORDS_SEVERITY_INFO] = "info",
	[WORDS_SEVERITY_LOW] = "low",
	[WORDS_SEVERITY_MEDIUM] = "medium",
	[WORDS_SEVERITY_HIGH] = "high",
	[WORDS_SEVERITY_CRITICAL] = "critical",
	[WORDS_FINDING_TRIES] = " ({tries} tries in {seconds} seconds)",
	[WORDS_FINDING_USER] = "user {users}",
	[WORDS_FINDING_USERS] = "users {users}",
	[WORDS_FINDING_USERS_MORE] = "users {users} and others",
	[WORDS_FINDING_USER_UNKNOWN] = "a user whose name was not seen",
	[WORDS_FINDING_SENDER_UNKNOWN] = "a sender that was not captured",
	[WORDS_FINDING_SENDER_NULL] = "the null sender <>",
	[WORDS_FINDING_THE_MESSAGE] = "the message itself",
	[WORDS_FINDING_LATER] = " This is for now; the client is expected to try again.",

	/* ---- Findings: the connection ---- */
	[WORDS_FINDING_CONNECTION_REFUSED_TITLE] = "Connection refused",
	[WORDS_FINDING_CONNECTION_REFUSED_EXPLANATION] =
		"{server} refused the connection with a TCP reset{tries}. No program listens on port {port} there, or a "
		"firewall answers in its place.",
	[WORDS_FINDING_CONNECTION_REFUSED_CAUSE_1] = "The mail service, or the gateway in front of it, is not running",
	[WORDS_FINDING_CONNECTION_REFUSED_CAUSE_2] = "The mail program is set to a wrong port or server",
	[WORDS_FINDING_CONNECTION_REFUSED_CAUSE_3] = "A firewall refuses connections to port {port}",
	[WORDS_FINDING_CONNECTION_REFUSED_CHECK_1] = "On the server: ss -ltnp | grep :{port}; systemctl status postfix",
	[WORDS_FINDING_CONNECTION_REFUSED_CHECK_2] = "From the client: nc -vz {address} {port}",
	[WORDS_FINDING_CONNECTION_REFUSED_CHECK_3] = "Submission is switched on in master.cf (Postfix: submission, smtps)?",
	[WORDS_FINDING_CONNECTION_UNANSWERED_TITLE] = "No answer from the server",
	[WORDS_FINDING_CONNECTION_UNANSWERED_TITLE_ICMP] = "Server unreachable",
	[WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION] =
		"{server} did not answer the connection attempt{tries}. The host is down, or a firewall drops connections to "
		"port {port}.",
	[WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION_25] =
		"{server} did not answer the connection attempt{tries}. The host is down, or a firewall drops connections to "
		"port {port} (many providers block port 25; submission uses 587 or 465).",
	[WORDS_FINDING_CONNECTION_UNANSWERED_EXPLANATION_ICMP] =
		"{server} cannot be reached: the network answered with an ICMP error{icmp}{tries}.",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CAUSE_1] = "A firewall or the provider blocks port {port} on the way",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CAUSE_2] = "The server is down, or its address is wrong",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CHECK_1] =
		"From the client: nc -vz {address} {port}, and for comparison nc -vz {address} 587",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CHECK_2] = "Where it ends: tcptraceroute {address} {port}",
	[WORDS_FINDING_CONNECTION_UNANSWERED_CHECK_3] =
		"In the mail program: outgoing server on port 587 (STARTTLS) or 465 (TLS), not 25",
	[WORDS_FINDING_NO_GREETING_TITLE] = "Server says nothing",
	[WORDS_FINDING_NO_GREETING_EXPLANATION] =
		"{server} took the connection and then said nothing for {seconds} seconds. The mail program behind it hangs, "
		"or something in between (a firewall, a proxy, a virus scanner) accepts connections in its place.",
	[WORDS_FINDING_NO_GREETING_CAUSE_1] = "All server processes are busy, or wait for something (DNS, disk)",
	[WORDS_FINDING_NO_GREETING_CAUSE_2] =
		"The port speaks TLS from the start, and the mail program waits for a greeting in the clear",
	[WORDS_FINDING_NO_GREETING_CAUSE_3] =
		"A proxy or virus scanner in between accepts connections although the server is down",
	[WORDS_FINDING_NO_GREETING_CHECK_1] =
		"swaks --server {server} --quit-after BANNER, on the server itself and from the client",
	[WORDS_FINDING_NO_GREETING_CHECK_2] = "openssl s_client -connect {server} (does it answer with TLS?)",
	[WORDS_FINDING_NO_GREETING_CHECK_3] = "The server's log; postconf default_process_limit smtpd_peername_lookup",
	[WORDS_FINDING_BANNER_REFUSED_TITLE] = "Server turned the client away at once",
	[WORDS_FINDING_BANNER_REFUSED_EXPLANATION] =
		"{server} answered the connection with {reply}: it wants no mail from {client}.",
	[WORDS_FINDING_BANNER_REFUSED_EXPLANATION_LATER] =
		"{server} answered the connection with {reply}: it takes no mail from {client} at the moment.",
	[WORDS_FINDING_BANNER_REFUSED_CAUSE_1] =
		"The client's address is on a block list, or in an access list of the server",
	[WORDS_FINDING_BANNER_REFUSED_CAUSE_2] = "A dynamic address that should send through its provider or over port 587",
	[WORDS_FINDING_BANNER_REFUSED_CHECK_1] = "Whether {client} is listed: https://check.spamhaus.org/",
	[WORDS_FINDING_BANNER_REFUSED_CHECK_2] =
		"On the server: postconf smtpd_client_restrictions postscreen_access_list postscreen_dnsbl_sites",
	[WORDS_FINDING_SERVER_BUSY_TITLE] = "Server closed the session: not available",
	[WORDS_FINDING_SERVER_BUSY_EXPLANATION] =
		"{server} answered {reply} and closes the session: it is busy, shutting down or limits this client. Trying "
		"again later is expected to work.",
	[WORDS_FINDING_SERVER_BUSY_EXPLANATION_GREETING] =
		"{server} answered the connection with {reply} and closes the session: it is busy, shutting down or limits "
		"this client. Trying again later is expected to work.",
	[WORDS_FINDING_SERVER_BUSY_CAUSE_1] = "Too many connections at a time, in all or from this client",
	[WORDS_FINDING_SERVER_BUSY_CAUSE_2] = "The server is being restarted, or lacks memory or disk space",
	[WORDS_FINDING_SERVER_BUSY_CHECK_1] =
		"postconf smtpd_client_connection_count_limit smtpd_client_connection_rate_limit default_process_limit",
	[WORDS_FINDING_SERVER_BUSY_CHECK_2] = "On the server: df -h, free -m, and its log at that time",
	[WORDS_FINDING_EARLY_TALKER_TITLE] = "Client did not wait for the greeting",
	[WORDS_FINDING_EARLY_TALKER_EXPLANATION] =
		"{client} sent commands before the server's greeting. Mail programs wait for it; spam software often does "
		"not, and some servers refuse such clients.",
	[WORDS_FINDING_EARLY_TALKER_CAUSE_1] = "Spam software, or a script that writes without reading",
	[WORDS_FINDING_EARLY_TALKER_CHECK_1] = "What runs on {client}; postconf postscreen_greet_action",
	[WORDS_FINDING_CAPABILITY_MASKED_TITLE] = "Server's extensions masked on the way",
	[WORDS_FINDING_CAPABILITY_MASKED_EXPLANATION] =
		"{count:extension|extensions} in the server's list read \"{line}\": a firewall that inspects SMTP (such as "
		"Cisco's \"fixup\" or \"inspect esmtp\") overwrites what it does not allow. Login or encryption may be "
		"missing because of it.",
	[WORDS_FINDING_CAPABILITY_MASKED_TITLE_BANNER] = "Server's greeting masked on the way",
	[WORDS_FINDING_CAPABILITY_MASKED_EXPLANATION_BANNER] =
		"The server's greeting is overwritten with asterisks: a firewall that inspects SMTP (such as Cisco's \"fixup\" or "
		"\"inspect esmtp\") hides what answers, and may keep login or encryption from the client.",
	[WORDS_FINDING_CAPABILITY_MASKED_CAUSE_1] = "SMTP inspection in a firewall between client and server",
	[WORDS_FINDING_CAPABILITY_MASKED_CHECK_1] =
		"On the firewall: show service-policy | include esmtp; then no inspect esmtp, or allow-tls in its policy map",
	[WORDS_FINDING_CAPABILITY_MASKED_CHECK_2] =
		"What the server itself says: swaks --server 127.0.0.1 --quit-after EHLO, on the server",
	[WORDS_FINDING_EXTENSION_REFUSED] = " The server answered {reply}.",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_TITLE] = "Extension used that was not offered",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_EXPLANATION] = "The client used {names}, which the server did not offer.",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CAUSE_1] =
		"The client is set to use it whatever the server says, or is badly written",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CAUSE_2] = "A device on the way took it out of the server's list",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CHECK_1] =
		"What the server offers when asked from elsewhere: swaks --server {server} --quit-after EHLO",
	[WORDS_FINDING_EXTENSION_NOT_OFFERED_CHECK_2] =
		"The settings of the client for this server (DSN, 8BITMIME, CHUNKING)",
	[WORDS_FINDING_PARAMETER_WRONG_TITLE] = "Wrong value in MAIL or RCPT",
	[WORDS_FINDING_PARAMETER_WRONG_EXPLANATION] =
		"The value of {names} is not one that the extension knows, or it was given twice.",
	[WORDS_FINDING_PARAMETER_WRONG_CAUSE_1] = "A fault of the sending program",
	[WORDS_FINDING_PARAMETER_WRONG_CHECK_1] = "The command at the frames named here",
	[WORDS_FINDING_LIMIT_EXCEEDED_TITLE] = "More than the server allows in a session",
	[WORDS_FINDING_LIMIT_EXCEEDED_EXPLANATION] =
		"The client went beyond what the server allows: {names} (LIMITS).",
	[WORDS_FINDING_LIMIT_EXCEEDED_CAUSE_1] = "The client does not know the extension LIMITS (RFC 9422)",
	[WORDS_FINDING_LIMIT_EXCEEDED_CHECK_1] =
		"The client's limit of recipients in a mail, and of mails in a connection",
	[WORDS_FINDING_HELLO_NOT_REPEATED_TITLE] = "Client did not introduce itself again",
	[WORDS_FINDING_HELLO_NOT_REPEATED_EXPLANATION] =
		"After {names} the session begins anew, but the client went on without EHLO. It does not know what the server offers now.",
	[WORDS_FINDING_HELLO_NOT_REPEATED_CAUSE_1] = "The client is not written as RFC 3207 says",
	[WORDS_FINDING_HELLO_NOT_REPEATED_CHECK_1] = "The version of the client, and whether it is known for this",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_TITLE] = "Bytes were sent twice, with different content",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_EXPLANATION] =
		"{segments:retransmitted segment|retransmitted segments} carried other bytes than the first time. What is told here is "
		"what came first; the other side may have read the other.",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CAUSE_1] = "Somebody wants to deceive whoever watches the connection",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CAUSE_2] = "A device on the way that rewrites packets, and not all alike",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CHECK_1] = "Compare the segments in Wireshark: tcp.analysis.retransmission, tcp.overlap.conflict",
	[WORDS_FINDING_CONFLICTING_RETRANSMISSION_CHECK_2] = "Which devices between client and server look into SMTP (firewall, antivirus, NAT helper)",
	[WORDS_FINDING_CAPTURE_LOSS_TITLE] = "Capture is not complete",
	[WORDS_FINDING_CAPTURE_LOSS_BYTES] = "The capture lacks {bytes:byte|bytes} of this session.",
	[WORDS_FINDING_CAPTURE_LOSS_BYTES_IN_PLACES] =
		"The capture lacks {bytes:byte|bytes} in {places:place|places} of this session.",
	[WORDS_FINDING_CAPTURE_LOSS_DROPPED] = "While it was open, the capturing machine was too slow and dropped"
		" {packets:packet|packets}, of all connections together.",
	[WORDS_FINDING_CAPTURE_LOSS_START] = "Its start was not captured.",
	[WORDS_FINDING_CAPTURE_LOSS_ONE_DIRECTION] = "Only one direction was captured.",
	[WORDS_FINDING_CAPTURE_LOSS_EVICTED] = "Its end was not followed for lack of memory.",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN] = "It cannot be said {list}.",
	[WORDS_FINDING_CAPTURE_LOSS_OR] = ", or ",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_LOGIN] = "whether the client logged in",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_SENT] = "whether it sent mail",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_MAILS] = "what became of {mails:mail|mails}",
	[WORDS_FINDING_CAPTURE_LOSS_UNKNOWN_REPLIES] = "what some replies answered",
	[WORDS_FINDING_CAPTURE_LOSS_HARMLESS] = "What is said about login and mail does not depend on it.",
	[WORDS_FINDING_CAPTURE_LOSS_CAUSE_1] =
		"The capturing machine was too slow, its buffer too small, or the mirror port overloaded",
	[WORDS_FINDING_CAPTURE_LOSS_CAUSE_2] =
		"A snap length cut the packets, or the capture began or ended within the session",
	[WORDS_FINDING_CAPTURE_LOSS_CHECK_1] =
		"Capture again with: tcpdump -s 0 -B 65536 -w FILE, and look at \"dropped by kernel\"",

	/* ---- Findings: attacks, who does not keep to the protocol, and time ---- */
	[WORDS_FINDING_SMUGGLING_TITLE] = "A second mail may be hidden in a message (SMTP smuggling)",
	[WORDS_FINDING_SMUGGLING_EXPLANATION] =
		"In a message stands {sequence}, which is not the end of it, and behind it the command {command}: a server "
		"that takes it for the end takes what follows for another mail, sent in anybody's name.",
	[WORDS_FINDING_SMUGGLING_TAKEN] =
		" {server} fell for it: it sent {replies:reply|replies} more than the client asked for.",
	[WORDS_FINDING_SMUGGLING_TAKEN_EARLY] = " {server} fell for it: it answered before the message had ended.",
	[WORDS_FINDING_SMUGGLING_NOT_TAKEN] = " {server} did not fall for it: it answered no more often than it was asked.",
	[WORDS_FINDING_SMUGGLING_UNKNOWN] = " Whether {server} fell for it cannot be seen here.",
	[WORDS_FINDING_SMUGGLING_CAUSE_1] =
		"Somebody tries to send mail in another's name past the checks of sender addresses",
	[WORDS_FINDING_SMUGGLING_CAUSE_2] = "A test of the server (smtpsmug, SMTP Smuggling Scanner)",
	[WORDS_FINDING_SMUGGLING_CHECK_1] =
		"On the server, Postfix: postconf smtpd_forbid_bare_newline smtpd_data_restrictions "
		"(reject_unauth_pipelining); Exim: version 4.97.1 or later",
	[WORDS_FINDING_SMUGGLING_CHECK_2] =
		"The mails that came in with this session: are there more than the sender's log says?",
	[WORDS_FINDING_STARTTLS_INJECTION_TITLE] = "Commands in the clear behind STARTTLS",
	[WORDS_FINDING_STARTTLS_INJECTION_EXPLANATION] =
		"{client} sent {command} in the clear behind STARTTLS, before it could know the answer. A server that reads "
		"it only after TLS has begun takes it for encrypted: so somebody on the way can put commands into the "
		"connection.",
	[WORDS_FINDING_STARTTLS_INJECTION_EXPLANATION_TEXT] =
		"{client} sent text in the clear behind STARTTLS, before it could know the answer. A server that reads it "
		"only after TLS has begun takes it for encrypted: so somebody on the way can put commands into the "
		"connection.",
	[WORDS_FINDING_STARTTLS_INJECTION_CAUSE_1] = "Somebody on the way, or a test for it (CVE-2011-0411)",
	[WORDS_FINDING_STARTTLS_INJECTION_CAUSE_2] = "A client that sends all its commands at once, STARTTLS among them",
	[WORDS_FINDING_STARTTLS_INJECTION_CHECK_1] = "Capture at the client too: did it send these bytes?",
	[WORDS_FINDING_STARTTLS_INJECTION_CHECK_2] =
		"The server's version: Postfix discards them since 2.8, others got the correction later",
	[WORDS_FINDING_RESPONSE_INJECTION_TITLE] = "Replies in the clear behind the answer to STARTTLS",
	[WORDS_FINDING_RESPONSE_INJECTION_EXPLANATION] =
		"Behind its answer to STARTTLS, {server} sent more text in the clear, although the client had sent nothing "
		"more. A client that reads it only after TLS has begun takes it for encrypted: so somebody on the way can "
		"deceive it.",
	[WORDS_FINDING_RESPONSE_INJECTION_CAUSE_1] = "Somebody on the way puts replies into the connection",
	[WORDS_FINDING_RESPONSE_INJECTION_CAUSE_2] = "A server or proxy that counts its replies wrongly",
	[WORDS_FINDING_RESPONSE_INJECTION_CHECK_1] = "Capture at the server too: did it send these bytes?",
	[WORDS_FINDING_RESPONSE_INJECTION_CHECK_2] =
		"Is the mail program up to date? (see https://nostarttls.secvuln.info/)",
	[WORDS_FINDING_HEADER_INJECTION_TITLE] = "A line end hidden in an address or parameter",
	[WORDS_FINDING_HEADER_INJECTION_EXPLANATION] =
		"{client} sent {commands:command|commands} with a line end or a control character in the argument, as it is "
		"or encoded, the first {command} {argument}. A program that decodes it later sends another command or header "
		"line.",
	[WORDS_FINDING_HEADER_INJECTION_CAUSE_1] =
		"A web form hands on what was typed into it without a check, and somebody uses it",
	[WORDS_FINDING_HEADER_INJECTION_CAUSE_2] = "A program that puts its lines together wrongly",
	[WORDS_FINDING_HEADER_INJECTION_CHECK_1] = "What runs on {client}, and where the address came from",
	[WORDS_FINDING_NOT_SMTP_TITLE] = "Not SMTP",
	[WORDS_FINDING_NOT_SMTP_EXPLANATION] = "{client} does not speak SMTP to {server} but {protocol}.",
	[WORDS_FINDING_NOT_SMTP_EXPLANATION_SERVER] = "{server} does not speak SMTP but {protocol}.",
	[WORDS_FINDING_NOT_SMTP_EXPLANATION_TLS] =
		"The client began TLS with the first byte, but {server} greets in the clear: on port {port} TLS begins with "
		"STARTTLS, after the greeting.",
	[WORDS_FINDING_NOT_SMTP_BINARY] = "something that is no text",
	[WORDS_FINDING_NOT_SMTP_UNKNOWN] = "something unknown",
	[WORDS_FINDING_NOT_SMTP_COMMANDS] =
		" Behind it came {commands:SMTP command|SMTP commands} all the same: somebody may use a web browser or a "
		"server to send mail.",
	[WORDS_FINDING_NOT_SMTP_CAUSE_1] =
		"A mail program with the wrong kind of encryption for the port (\"SSL/TLS\" instead of \"STARTTLS\")",
	[WORDS_FINDING_NOT_SMTP_CAUSE_2] = "A scanner that tries every port, or a program with a wrong port",
	[WORDS_FINDING_NOT_SMTP_CAUSE_3] = "Another service listens on this port",
	[WORDS_FINDING_NOT_SMTP_CHECK_1] = "In the mail program: port 587 with STARTTLS, or port 465 with SSL/TLS",
	[WORDS_FINDING_NOT_SMTP_CHECK_2] = "On the server: ss -ltnp | grep :{port}",
	[WORDS_FINDING_PIPELINING_VIOLATION_TITLE] = "Client did not wait for replies",
	[WORDS_FINDING_PIPELINING_VIOLATION_EXPLANATION] =
		"{client} sent {commands:command|commands} before the reply to the one before, although the server does not "
		"offer that (PIPELINING).",
	[WORDS_FINDING_PIPELINING_VIOLATION_EXPLANATION_EARLY] =
		"{client} sent {commands:command|commands} before the server could say whether it allows that (PIPELINING).",
	[WORDS_FINDING_PIPELINING_VIOLATION_CAUSE_1] = "Spam software, or a script that writes without reading",
	[WORDS_FINDING_PIPELINING_VIOLATION_CHECK_1] =
		"What runs on {client}; postconf smtpd_data_restrictions (reject_unauth_pipelining)",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_TITLE] = "Commands after QUIT",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_EXPLANATION] =
		"{client} sent {commands:command|commands} after QUIT, the first {command}. With QUIT the session ends: no "
		"server reads them.",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_EXPLANATION_TEXT] =
		"{client} sent {commands:line|lines} after QUIT. With QUIT the session ends: no server reads them.",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_CAUSE_1] =
		"A script that writes without reading, or a proxy that puts two sessions into one",
	[WORDS_FINDING_COMMANDS_AFTER_QUIT_CHECK_1] = "What runs on {client}",
	[WORDS_FINDING_BARE_NEWLINE_TITLE] = "Line ends that are none",
	[WORDS_FINDING_BARE_NEWLINE_LINES] =
		"{lines:line of the dialogue ends|lines of the dialogue end} with LF alone instead of CR LF.",
	[WORDS_FINDING_BARE_NEWLINE_RETURNS] = "In lines of the dialogue {returns:CR stands|CRs stand} without LF.",
	[WORDS_FINDING_BARE_NEWLINE_BODY_LF] = "In messages {lf:LF stands|LFs stand} without CR.",
	[WORDS_FINDING_BARE_NEWLINE_BODY_CR] = "In messages {cr:CR stands|CRs stand} without LF.",
	[WORDS_FINDING_BARE_NEWLINE_END] =
		" Servers read them differently; some refuse such mail, for it is how a mail is hidden in another.",
	[WORDS_FINDING_BARE_NEWLINE_CAUSE_1] = "A script or device that sends its text as it stands in a file",
	[WORDS_FINDING_BARE_NEWLINE_CHECK_1] = "What runs on {client}; Postfix: postconf smtpd_forbid_bare_newline",
	[WORDS_FINDING_NUL_BYTE_TITLE] = "NUL bytes",
	[WORDS_FINDING_NUL_BYTE_EXPLANATION] =
		"{lines:line of the dialogue holds|lines of the dialogue hold} NUL bytes, and messages hold {bytes:of them|of them}. NUL is not "
		"allowed there; some programs take it for the end of a line, others drop it.",
	[WORDS_FINDING_NUL_BYTE_EXPLANATION_LINES] =
		"{lines:line of the dialogue holds|lines of the dialogue hold} NUL bytes. NUL is not allowed there; some programs take it for "
		"the end of a line, others drop it.",
	[WORDS_FINDING_NUL_BYTE_EXPLANATION_BODIES] =
		"Messages hold {bytes:NUL byte|NUL bytes}. NUL is not allowed there; some programs take it for the end of a "
		"line, others drop it.",
	[WORDS_FINDING_NUL_BYTE_CAUSE_1] = "A program that sends text in UTF-16, or a file without encoding it",
	[WORDS_FINDING_NUL_BYTE_CAUSE_2] = "Somebody wants two programs to read the same text differently",
	[WORDS_FINDING_NUL_BYTE_CHECK_1] = "What runs on {client}",
	[WORDS_FINDING_LINE_TOO_LONG_TITLE] = "Lines longer than allowed",
	[WORDS_FINDING_LINE_TOO_LONG_LINES] =
		"{lines:command or reply is|commands and replies are} longer than RFC 5321 allows; the longest has "
		"{bytes:byte|bytes}.",
	[WORDS_FINDING_LINE_TOO_LONG_MESSAGES] =
		"{messages:message has|messages have} lines of more than 1,000 bytes; the longest has {bytes:byte|bytes}. "
		"Servers may break such lines, which makes signatures (DKIM) invalid.",
	[WORDS_FINDING_LINE_TOO_LONG_CAUSE_1] = "A program that does not break its lines",
	[WORDS_FINDING_LINE_TOO_LONG_CAUSE_2] = "A test for buffers that are too small",
	[WORDS_FINDING_LINE_TOO_LONG_CHECK_1] = "What runs on {client}; postconf line_length_limit smtp_line_length_limit",
	[WORDS_FINDING_SLOW_REPLY_TITLE] = "Server answers slowly",
	[WORDS_FINDING_SLOW_REPLY_TITLE_NONE] = "Client left without an answer",
	[WORDS_FINDING_SLOW_REPLY_EXPLANATION] = "{server} took {seconds} seconds to answer {asked}.",
	[WORDS_FINDING_SLOW_REPLY_EXPLANATION_NONE] =
		"{server} did not answer {asked} in the {seconds} seconds until the session ended.",
	[WORDS_FINDING_SLOW_REPLY_MORE] = " {count:more reply was|more replies were} slow, too.",
	[WORDS_FINDING_SLOW_REPLY_RFC] =
		" A client need not wait so long: RFC 5321 lets it give up after {minutes:minute|minutes}.",
	[WORDS_FINDING_SLOW_REPLY_GREETING] = "the connection with its greeting",
	[WORDS_FINDING_SLOW_REPLY_BODY] = "the message",
	[WORDS_FINDING_SLOW_REPLY_AUTH] = "the login",
	[WORDS_FINDING_SLOW_REPLY_COMMAND] = "a command",
	[WORDS_FINDING_SLOW_REPLY_CAUSE_1] =
		"The server waits for something itself: DNS, a block list, a directory, another server",
	[WORDS_FINDING_SLOW_REPLY_CAUSE_2] = "Mail is looked through for spam and viruses while the client waits",
	[WORDS_FINDING_SLOW_REPLY_CAUSE_3] = "The server is overloaded, or delays clients that it does not trust",
	[WORDS_FINDING_SLOW_REPLY_CHECK_1] =
		"The server's log at that time: which step takes long; dig -x {client} on the server",
	[WORDS_FINDING_SLOW_REPLY_CHECK_2] =
		"The time limit of the mail program (Outlook: Server Timeouts; Thunderbird: mailnews.tcptimeout)",
	[WORDS_FINDING_TARPIT_TITLE] = "Server slows the client down on purpose",
	[WORDS_FINDING_TARPIT_DRIP] = "{server} sent {replies:reply|replies} in small pieces with pauses between them.",
	[WORDS_FINDING_TARPIT_DELAYS] =
		"{server} delayed {replies:reply|replies} that take no work, by {seconds} seconds in all.",
	[WORDS_FINDING_TARPIT_GROWING] = " The delays grow.",
	[WORDS_FINDING_TARPIT_END] = " So servers treat clients that they take for spammers.",
	[WORDS_FINDING_TARPIT_CAUSE_1] =
		"The client is on a block list, or made errors, or the server does so to all that it does not know",
	[WORDS_FINDING_TARPIT_CAUSE_2] = "An overloaded server, or a slow DNS server behind it, looks alike",
	[WORDS_FINDING_TARPIT_CHECK_1] = "Whether {client} is listed: https://check.spamhaus.org/",
	[WORDS_FINDING_TARPIT_CHECK_2] =
		"On the server: postconf smtpd_error_sleep_time smtpd_soft_error_limit; Exim: delay in its ACLs; spamd",

	/* ---- Findings: logging in ---- */
	[WORDS_FINDING_AUTH_REJECTED_TITLE] = "Login rejected",
	[WORDS_FINDING_AUTH_REJECTED_ONE] = "The server rejected {count:login|logins}{mechanisms} of {users} with {reply}.",
	[WORDS_FINDING_AUTH_REJECTED_EACH] =
		"The server rejected {count:login|logins}{mechanisms} of {users}, each time with {reply}.",
	[WORDS_FINDING_AUTH_REJECTED_FIRST] =
		"The server rejected {count:login|logins}{mechanisms} of {users}, the first with {reply}.",
	[WORDS_FINDING_AUTH_REJECTED_ACCEPTED] = " In the same session another login was accepted.",
	[WORDS_FINDING_AUTH_REJECTED_NOT_OFFERED] = " None was accepted: the server does not offer this way to log in.",
	[WORDS_FINDING_AUTH_REJECTED_GUESSING] = " None was accepted; so many in one session look like password guessing.",
	[WORDS_FINDING_AUTH_REJECTED_WRONG] =
		" None was accepted: the user name or password is wrong, or this server does not know the user.",
	[WORDS_FINDING_AUTH_REJECTED_TOKEN] =
		" None was accepted: the access token has expired, is not valid here, or is not the user's. No password was sent.",
	[WORDS_FINDING_AUTH_REJECTED_TOKEN_CAUSE] =
		"The access token has expired or was withdrawn, and the mail program did not get another one",
	[WORDS_FINDING_AUTH_REJECTED_TOKEN_CHECK] =
		"In the mail program: sign in to the account again; at the provider: whether the program may still send for the user",
	[WORDS_FINDING_AUTH_REJECTED_BINDING] =
		" None was accepted: client and server do not see the same TLS connection. This says nothing about the password.",
	[WORDS_FINDING_AUTH_REJECTED_BINDING_CAUSE] =
		"A proxy or virus scanner between the two ends TLS and begins it anew, or somebody reads along in this way",
	[WORDS_FINDING_AUTH_REJECTED_BINDING_CHECK] =
		"Whether the certificate that the client sees is the server's: openssl s_client -connect {server}, and -starttls smtp but for "
		"port 465",
	[WORDS_FINDING_AUTH_REJECTED_ERROR] = " The server gave as the reason: {error}.",
	[WORDS_FINDING_AUTH_REJECTED_CAUSE_1] =
		"A wrong user name or password in the mail program (did it work before? then see the next ones)",
	[WORDS_FINDING_AUTH_REJECTED_CAUSE_2] =
		"The server that answers has another account database than the one before, and the user is missing in it",
	[WORDS_FINDING_AUTH_REJECTED_CAUSE_3] = "The account is locked or expired, or needs a password for applications",
	[WORDS_FINDING_AUTH_REJECTED_CHECK_1] =
		"On the server: doveadm auth test USER (Dovecot), or testsaslauthd -u USER -p PASSWORD (Cyrus SASL)",
	[WORDS_FINDING_AUTH_REJECTED_CHECK_2] = "Which database is asked: postconf smtpd_sasl_type smtpd_sasl_path",
	[WORDS_FINDING_AUTH_REJECTED_CHECK_3] =
		"From elsewhere: swaks --to ADDRESS --server {server} --auth --auth-user USER",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_TITLE] = "Server could not check the login",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_EXPLANATION] =
		"The server could not check {count:login|logins}{mechanisms} and answered {reply}. This says nothing about "
		"the password: what the server asks about users fails at the moment.",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CAUSE_1] =
		"The service that checks passwords is down (Dovecot, saslauthd, LDAP, SQL, RADIUS)",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CAUSE_2] =
		"Too many failed logins: some servers then answer like this for a time",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CHECK_1] =
		"systemctl status dovecot saslauthd; ls -l $(postconf -h queue_directory)/private/auth",
	[WORDS_FINDING_AUTH_TEMPORARY_FAILURE_CHECK_2] = "On the server: doveadm auth test USER, and the log for \"SASL\"",
	[WORDS_FINDING_AUTH_NEEDS_TLS_TITLE] = "Login needs encryption first",
	[WORDS_FINDING_AUTH_NEEDS_TLS_EXPLANATION] =
		"The server answered {command} with {reply}: it takes logins only over an encrypted connection. The mail "
		"program must be set to use TLS.",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CAUSE_1] = "Encryption is off in the mail program's settings for the outgoing server",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CHECK_1] =
		"Outlook: More Settings, Advanced, encrypted connection: TLS, port 587; Thunderbird: Outgoing Server (SMTP), "
		"Connection security: STARTTLS",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CHECK_2] = "swaks --to ADDRESS --server {server} --tls --auth",
	[WORDS_FINDING_AUTH_NEEDS_TLS_CHECK_3] = "On the server: postconf smtpd_tls_auth_only",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_TITLE] = "Login needs the password itself once",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_EXPLANATION] =
		"The server does not have what it needs to check a login{mechanisms} of {users} and answered {reply}. It will, once the user has logged in with the password itself (PLAIN or LOGIN, under TLS).",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_CAUSE_1] =
		"The password database was moved to another form, or the user is new in it",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_CHECK_1] = "Let the user log in once with \"Normal password\" and TLS",
	[WORDS_FINDING_AUTH_PASSWORD_TRANSITION_NEEDED_CHECK_2] =
		"On the server: set the user's password anew, in a form that the method can use",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_TITLE] = "Login method too weak for this user",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_EXPLANATION] =
		"The server does not take a login{mechanisms} of {users} by this method and answered {reply}: a stronger one is asked for. This says nothing about the password.",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CAUSE_1] =
		"The account is set to need OAuth, two factors or a password for applications",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CAUSE_2] =
		"The server does not take passwords in the clear for this user",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CHECK_1] =
		"In the mail program: another authentication method (OAuth2, encrypted password), or a password for applications",
	[WORDS_FINDING_AUTH_MECHANISM_TOO_WEAK_CHECK_2] =
		"On the server or at the provider: which methods the account may use",
	[WORDS_FINDING_AUTH_SYNTAX_TITLE] = "Server does not take the login command",
	[WORDS_FINDING_AUTH_SYNTAX_EXPLANATION] =
		"The server did not take {count:login|logins}{mechanisms} and answered {reply}: {why}. This says nothing about the password.",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_MALFORMED] = "it did not understand what the client sent",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_NOT_AVAILABLE] = "it has no login here",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_MECHANISM] = "it does not have this method",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_AGAIN] = "the client was logged in already",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_DURING_MAIL] = "a login must not come while a mail is being sent",
	[WORDS_FINDING_AUTH_SYNTAX_WHY_NOT_NOW] = "not here, or not at this time",
	[WORDS_FINDING_AUTH_SYNTAX_CAUSE_1] =
		"A fault of the mail program, or of a device between it and the server",
	[WORDS_FINDING_AUTH_SYNTAX_CAUSE_2] = "The server is not set up for logins on this port",
	[WORDS_FINDING_AUTH_SYNTAX_CHECK_1] = "swaks --to ADDRESS --server {server} --auth",
	[WORDS_FINDING_AUTH_SYNTAX_CHECK_2] = "On the server: postconf smtpd_sasl_auth_enable, and its log",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_TITLE] = "Login method the server does not offer",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_EXPLANATION] =
		"The client tried to log in with {mechanism}{others}, but the server offers {offered}",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_EXPLANATION_NONE] =
		"The client tried to log in with {mechanism}{others}, but the server offers no login at all here",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_OTHERS] = " and in {count:other attempt|other attempts}",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END] = ".",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END_ANSWERED] = "; it answered {reply}.",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_END_ACCEPTED] = "; it was accepted all the same.",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CAUSE_1] =
		"The mail program is set to a fixed login method (\"secure password authentication\", \"encrypted password\")",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CAUSE_2] = "Another server than usual answers, with other login methods",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CHECK_1] =
		"Outlook: no SPA; Thunderbird: Authentication method \"Normal password\", with TLS",
	[WORDS_FINDING_AUTH_MECHANISM_NOT_OFFERED_CHECK_2] =
		"On the server: postconf smtpd_sasl_security_options; doveconf auth_mechanisms",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_TITLE] = "Submission server offers no login",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_EXPLANATION] =
		"{server} is a submission port, but its list of extensions offers no login and no encryption after which "
		"there could be one. A mail program that is set to log in cannot send here.",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_EXPLANATION_TLS] =
		"{server} is a submission port, but its list of extensions offers no login, even after encryption. A mail "
		"program that is set to log in cannot send here.",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CAUSE_1] =
		"SASL is not switched on for this service (Postfix: smtpd_sasl_auth_enable)",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CAUSE_2] =
		"The service that checks passwords is down, or a firewall masks the offer",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CHECK_1] =
		"postconf -M submission/inet; postconf smtpd_sasl_auth_enable smtpd_tls_auth_only "
		"smtpd_sasl_exceptions_networks",
	[WORDS_FINDING_AUTH_NOT_OFFERED_ON_SUBMISSION_CHECK_2] =
		"swaks --server {server} --quit-after EHLO, from the client and on the server",
	[WORDS_FINDING_AUTH_CLEARTEXT_TITLE] = "Password sent in the clear",
	[WORDS_FINDING_AUTH_CLEARTEXT_TITLE_TOKEN] = "Access token sent in the clear",
	[WORDS_FINDING_AUTH_CLEARTEXT_EXPLANATION] =
		"The client sent the password{user} with AUTH {mechanism} over an unencrypted connection{logins}. Whoever "
		"can see the packets can read it{starttls}.",
	[WORDS_FINDING_AUTH_CLEARTEXT_EXPLANATION_TOKEN] =
		"The client sent the access token{user} with AUTH {mechanism} over an unencrypted connection{logins}. "
		"Whoever can see the packets can read it{starttls}.",
	[WORDS_FINDING_AUTH_CLEARTEXT_USER] = " of user {user}",
	[WORDS_FINDING_AUTH_CLEARTEXT_LOGINS] = " ({count:login|logins} in all)",
	[WORDS_FINDING_AUTH_CLEARTEXT_STARTTLS] = "; the server offers encryption (STARTTLS)",
	[WORDS_FINDING_AUTH_CLEARTEXT_CAUSE_1] = "Encryption is off in the mail program, or only \"if available\"",
	[WORDS_FINDING_AUTH_CLEARTEXT_CAUSE_2] = "The server allows logins without encryption",
	[WORDS_FINDING_AUTH_CLEARTEXT_CHECK_1] =
		"On the server: postconf smtpd_tls_auth_only (yes), doveconf disable_plaintext_auth (yes)",
	[WORDS_FINDING_AUTH_CLEARTEXT_CHECK_2] =
		"In the mail program: port 587 with STARTTLS, or 465 with TLS; then change the password",
	[WORDS_FINDING_STARTTLS_REFUSED_TITLE] = "Server refused encryption",
	[WORDS_FINDING_STARTTLS_REFUSED_EXPLANATION] =
		"The client asked for encryption (STARTTLS) and the server answered {reply}.{why}{clear}",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_NOT_NOW] = " It means that TLS is not available for now.",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_SYNTAX] = " It means that the command was not written as it must be: STARTTLS takes no parameter.",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_UNKNOWN] = " It means that the server does not know the command, whatever it offered.",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_SEQUENCE] = " It means that the command came at the wrong moment.",
	[WORDS_FINDING_STARTTLS_REFUSED_CODE_POLICY] = " It means that the server refuses for good.",
	[WORDS_FINDING_STARTTLS_REFUSED_CLEAR] = " The client went on and sent mail in the clear.",
	[WORDS_FINDING_STARTTLS_REFUSED_CAUSE_1] = "The server's certificate or key cannot be read, or has a mistake",
	[WORDS_FINDING_STARTTLS_REFUSED_CAUSE_2] =
		"TLS is not configured on the server, or a firewall in between does not let it pass",
	[WORDS_FINDING_STARTTLS_REFUSED_CHECK_1] =
		"postconf smtpd_tls_security_level smtpd_tls_cert_file smtpd_tls_key_file, and the log for \"TLS\"",
	[WORDS_FINDING_STARTTLS_REFUSED_CHECK_2] = "openssl s_client -starttls smtp -connect {server}",
	[WORDS_FINDING_STARTTLS_NOT_USED_TITLE] = "Encryption offered but not used",
	[WORDS_FINDING_STARTTLS_NOT_USED_EXPLANATION] =
		"The server offers encryption (STARTTLS); the client did not use it and sent {what} in the clear.",
	[WORDS_FINDING_STARTTLS_NOT_USED_WHAT_LOGINS] = "{logins:login|logins}",
	[WORDS_FINDING_STARTTLS_NOT_USED_WHAT_MAILS] = "{mails:mail|mails}",
	[WORDS_FINDING_STARTTLS_NOT_USED_WHAT_BOTH] = "{logins:login|logins} and {mails:mail|mails}",
	[WORDS_FINDING_STARTTLS_NOT_USED_CAUSE_1] = "Encryption is off in the mail program",
	[WORDS_FINDING_STARTTLS_NOT_USED_CHECK_1] =
		"In the mail program: connection security STARTTLS; between servers: postconf smtp_tls_security_level (may)",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_TITLE] = "Encryption agreed on, but not begun",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_EXPLANATION_CLIENT] =
		"The server agreed to encryption (220 to STARTTLS), and the client went on in the clear.",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_EXPLANATION_SERVER] =
		"The server agreed to encryption (220 to STARTTLS), and when the client began it, the server answered in the clear.",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_CAUSE_1] = "A mistake in the client or server, which thinks that it is encrypting",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_CAUSE_2] = "A proxy or firewall in between that answers STARTTLS in place of the server",
	[WORDS_FINDING_STARTTLS_IN_CLEAR_CHECK_1] = "openssl s_client -starttls smtp -connect {server}, from the server itself and from the client",

	/* ---- Findings: TLS ---- */
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_TITLE] = "Encryption could not be started",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_CLIENT] =
		"The TLS handshake failed: the client gave it up with the alert {alert}.",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_SERVER] =
		"The TLS handshake failed: the server gave it up with the alert {alert}.",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_EXPLANATION_CLOSED] =
		"The TLS handshake failed: the connection ended before it was complete.",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CAUSE_1] =
		"The client does not trust the server's certificate (unknown_ca, bad_certificate, certificate_expired)",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CAUSE_2] =
		"They have no TLS version or cipher suite in common (protocol_version, handshake_failure, insufficient_security)",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CAUSE_3] = "The server has no certificate or key that it can use (handshake_failure)",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CHECK_1] =
		"openssl s_client -connect {server}, on other ports than 465 with -starttls smtp; its last lines say what is wrong",
	[WORDS_FINDING_TLS_HANDSHAKE_FAILED_CHECK_2] = "On the server: the mail log for \"TLS\" and \"SSL\" at that time",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_TITLE] = "The server's certificate has expired",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_EXPLANATION] = "The server's certificate ({subject}) was valid until {until}.",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CAUSE_1] = "The certificate was not renewed",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CAUSE_2] = "It was renewed, but the mail server still uses the old one and must be reloaded",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CHECK_1] =
		"On the server: postconf smtpd_tls_cert_file smtpd_tls_chain_files, and openssl x509 -enddate of that file",
	[WORDS_FINDING_TLS_CERTIFICATE_EXPIRED_CHECK_2] = "After the renewal: postfix reload, doveadm reload",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_TITLE] = "The server's certificate is not valid yet",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_EXPLANATION] = "The server's certificate ({subject}) is valid from {from} on.",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_CAUSE_1] = "A clock is wrong: that of who issued it, or that of the capture",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_CAUSE_2] = "The certificate was put in place too early",
	[WORDS_FINDING_TLS_CERTIFICATE_NOT_YET_VALID_CHECK_1] = "The clocks: timedatectl; the certificate: openssl x509 -startdate",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_TITLE] = "The certificate is for another name",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_EXPLANATION] =
		"The client asked for {host}; the server's certificate is for {names}.",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CAUSE_1] = "The mail program is set to another name of the server than the certificate has",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CAUSE_2] =
		"The name points to another server, or the server has one certificate for many names",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CHECK_1] = "In the mail program: the name of the outgoing server",
	[WORDS_FINDING_TLS_CERTIFICATE_NAME_MISMATCH_CHECK_2] =
		"On the server: postconf tls_server_sni_maps smtpd_tls_chain_files; a certificate with all names (subjectAltName)",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_TITLE] = "The server's certificate is self-signed",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_EXPLANATION] =
		"The server's certificate ({subject}) is signed by its own key. Mail programs warn of it or refuse it unless they were "
		"told to trust it.",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_CAUSE_1] = "The certificate that came with the installation was never replaced",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_CAUSE_2] = "A device between client and server shows a certificate of its own",
	[WORDS_FINDING_TLS_CERTIFICATE_SELF_SIGNED_CHECK_1] =
		"On the server: postconf smtpd_tls_cert_file smtpd_tls_chain_files; compare the SHA-256 with openssl x509 -fingerprint -sha256",
	[WORDS_FINDING_TLS_VERSION_WEAK_TITLE] = "Old version of TLS",
	[WORDS_FINDING_TLS_VERSION_WEAK_EXPLANATION] =
		"Client and server agreed on {version}, which is no longer considered safe (RFC 8996).",
	[WORDS_FINDING_TLS_VERSION_WEAK_SERVER] = " The client offered {version}, so it is the server that knows nothing newer.",
	[WORDS_FINDING_TLS_VERSION_WEAK_CLIENT] = " The client offers nothing newer.",
	[WORDS_FINDING_TLS_VERSION_WEAK_CAUSE_1] = "An old mail program, operating system or device (scanner, alarm system)",
	[WORDS_FINDING_TLS_VERSION_WEAK_CAUSE_2] = "An old server, or one that is set to old versions",
	[WORDS_FINDING_TLS_VERSION_WEAK_CHECK_1] = "On the server: postconf smtpd_tls_protocols (>=TLSv1.2)",
	[WORDS_FINDING_TLS_VERSION_WEAK_CHECK_2] = "The client at {client}: is there an update for it?",

	/* ---- Findings: mails ---- */
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE] = "Mail sent without login",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE_ACCEPTED] = "Mail accepted without login",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_TITLE_AFTER_REJECTED] = "Mail accepted without login after a rejected login",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_EXPLANATION] =
		"The client sent mail from {sender} without logging in, although the server offers {offered}{outcome}{mails}.",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_EXPLANATION_AFTER_REJECTED] =
		"After its login{user} was rejected ({code}), the client sent mail from {sender} without logging "
		"in{outcome}{mails}.",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_USER] = " as {user}",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_ACCEPTED] = ", and the server accepted it",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_REFUSED] = ", and the server refused it",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_OUTCOME_UNKNOWN] = "; what became of it is not known",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_MAILS] = " ({count:such mail|such mails}, {accepted} accepted)",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_PORT_25] =
		" On port 25 this is usual: mail servers deliver to each other without a login.",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_BY_ADDRESS] =
		" The server takes mail from this client's address without asking who sends it.",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CAUSE_1] = "The login is off in the mail program, perhaps since logins fail",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CAUSE_2] =
		"The client's network may relay without a login (Postfix: mynetworks, permit_mynetworks)",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CHECK_1] =
		"On the server: postconf mynetworks smtpd_relay_restrictions smtpd_recipient_restrictions",
	[WORDS_FINDING_MAIL_WITHOUT_AUTH_CHECK_2] =
		"Outlook: More Settings, Outgoing Server, \"My outgoing server (SMTP) requires authentication\"; "
		"Thunderbird: Authentication method is not \"No authentication\"",
	[WORDS_FINDING_AUTH_REQUIRED_TITLE] = "Server wants a login before mail",
	[WORDS_FINDING_AUTH_REQUIRED_EXPLANATION] =
		"The client sent mail from {sender} without logging in, and the server answered {command} with "
		"{reply}{mails}.",
	[WORDS_FINDING_AUTH_REQUIRED_MAILS] = " ({count:mail|mails})",
	[WORDS_FINDING_AUTH_REQUIRED_REJECTED] = " Its login had been rejected before.",
	[WORDS_FINDING_AUTH_REQUIRED_SETTINGS] = " The mail program must be set to log in to the outgoing server.",
	[WORDS_FINDING_AUTH_REQUIRED_CAUSE_1] = "The login for sending is off in the mail program",
	[WORDS_FINDING_AUTH_REQUIRED_CAUSE_2] = "The server offered no login method that the mail program knows",
	[WORDS_FINDING_AUTH_REQUIRED_CHECK_1] =
		"Outlook: More Settings, Outgoing Server, \"My outgoing server (SMTP) requires authentication\"; "
		"Thunderbird: Outgoing Server (SMTP), Authentication method \"Normal password\"",
	[WORDS_FINDING_AUTH_REQUIRED_CHECK_2] = "swaks --to ADDRESS --server {server} --auth --auth-user USER",
	[WORDS_FINDING_MAIL_REFUSED_TITLE] = "Mail refused",
	[WORDS_FINDING_MAIL_REFUSED_EXPLANATION] =
		"The server refused the mail from {sender}: it answered {command} with {reply}{reason}.",
	[WORDS_FINDING_MAIL_REFUSED_EXPLANATION_MANY] =
		"The server refused {count:mail|mails}, one of them from {sender}: it answered {command} with "
		"{reply}{reason}.",
	[WORDS_FINDING_MAIL_REFUSED_CAUSE_1] = "The server's own words in the reply name the reason",
	[WORDS_FINDING_MAIL_REFUSED_CAUSE_2] =
		"The sender's address is not allowed for this client or login, or the message was taken for spam or is too "
		"large",
	[WORDS_FINDING_MAIL_REFUSED_CHECK_1] = "The server's log at that time, for the queue id or the sender",
	[WORDS_FINDING_MAIL_REFUSED_CHECK_2] =
		"postconf smtpd_sender_restrictions smtpd_sender_login_maps message_size_limit smtpd_milters",
	[WORDS_FINDING_MAIL_REFUSED_CHECK_3] = "swaks --from SENDER --to ADDRESS --server {server}",
	[WORDS_FINDING_SIZE_OVER_LIMIT_TITLE] = "Mail larger than the server allows",
	[WORDS_FINDING_SIZE_OVER_LIMIT_EXPLANATION] =
		"The client sends, or announces, a mail of {size:byte|bytes}; the server's limit is {limit:byte|bytes}.",
	[WORDS_FINDING_SIZE_OVER_LIMIT_CAUSE_1] =
		"A large attachment; on the way it becomes a third larger than the file",
	[WORDS_FINDING_SIZE_OVER_LIMIT_CHECK_1] = "Send a link, or several smaller mails",
	[WORDS_FINDING_SIZE_OVER_LIMIT_CHECK_2] = "On the server: postconf message_size_limit",
	[WORDS_FINDING_SIZE_UNDERSTATED_TITLE] = "Mail larger than announced",
	[WORDS_FINDING_SIZE_UNDERSTATED_EXPLANATION] =
		"The client announced {declared:byte|bytes} (SIZE) and sent {size:byte|bytes}.",
	[WORDS_FINDING_SIZE_UNDERSTATED_CAUSE_1] = "A fault of the sending program",
	[WORDS_FINDING_SIZE_UNDERSTATED_CAUSE_2] = "Something on the way adds to the mail",
	[WORDS_FINDING_SIZE_UNDERSTATED_CHECK_1] =
		"Whether the server refuses such mails after it has received them (552)",
	[WORDS_FINDING_RECIPIENT_REFUSED_TITLE] = "Recipient refused",
	[WORDS_FINDING_RECIPIENT_REFUSED_TITLE_MANY] = "Recipients refused",
	[WORDS_FINDING_RECIPIENT_REFUSED_EXPLANATION] = "The server refused {list}.",
	[WORDS_FINDING_RECIPIENT_REFUSED_EXPLANATION_MANY] = "The server refused {count:recipient|recipients}: {list}.",
	[WORDS_FINDING_RECIPIENT_REFUSED_ONE] = "{recipient} with {reply}{reason}",
	[WORDS_FINDING_RECIPIENT_REFUSED_MORE] = "; and {count} more",
	[WORDS_FINDING_RECIPIENT_REFUSED_CAUSE_1] = "\"Relay\": the client is neither logged in nor in a trusted network",
	[WORDS_FINDING_RECIPIENT_REFUSED_CAUSE_2] = "\"Unknown\": the address does not exist, or is misspelt",
	[WORDS_FINDING_RECIPIENT_REFUSED_CAUSE_3] = "The server's policy: block lists, limits, greylisting",
	[WORDS_FINDING_RECIPIENT_REFUSED_CHECK_1] =
		"On the server: postconf smtpd_relay_restrictions smtpd_recipient_restrictions mynetworks mydestination",
	[WORDS_FINDING_RECIPIENT_REFUSED_CHECK_2] = "In the mail program: is the login for the outgoing server on?",
	[WORDS_FINDING_RECIPIENT_REFUSED_CHECK_3] =
		"swaks --to ADDRESS --server {server} --quit-after RCPT, with and without --auth",
	[WORDS_FINDING_GREYLISTED_TITLE] = "Greylisted: try again later",
	[WORDS_FINDING_GREYLISTED_EXPLANATION] =
		"The server greylists {recipient}{others}: it turns unknown senders away at first and takes the mail when "
		"they try again some minutes later. Mail servers do that by themselves; programs that send directly may not.",
	[WORDS_FINDING_GREYLISTED_OTHERS] = " and {count:other recipient|other recipients}",
	[WORDS_FINDING_GREYLISTED_CAUSE_1] = "The server's usual treatment of senders it does not know",
	[WORDS_FINDING_GREYLISTED_CHECK_1] = "Does the client try again? Its queue: postqueue -p",

	/* ---- What the person at the mail client reads ---- */
	[WORDS_CLIENT_OUTLOOK_CONNECT] = "Outlook cannot connect to your outgoing (SMTP) e-mail server. …",
	[WORDS_CLIENT_OUTLOOK_CONNECT_LATER] = "(Outlook 2003 and later, same message)",
	[WORDS_CLIENT_OUTLOOK_TIMEOUT] = "(waits, then reports a timeout)",
	[WORDS_CLIENT_OUTLOOK_DROPPED] = "Your server has unexpectedly terminated the connection. …",
	[WORDS_CLIENT_OUTLOOK_REPLY] = "(with the server's reply)",
	[WORDS_CLIENT_OUTLOOK_NO_STARTTLS] = "(reports that the server does not support the encryption that is set)",
	[WORDS_CLIENT_OUTLOOK_STARTTLS] = "(reports that encryption could not be started)",
	[WORDS_CLIENT_OUTLOOK_NO_MECHANISM] =
		"None of the authentication methods supported by this client are supported by your server.",
	[WORDS_CLIENT_OUTLOOK_AUTH] = "(asks for the user name and password again; the number differs by version)",
	[WORDS_CLIENT_OUTLOOK_AUTH_92] =
		"(by its definition POP3's number for a rejected password, but reported for sending too)",
	[WORDS_CLIENT_OUTLOOK_MAIL] =
		"Cannot send the message. Verify the e-mail address in your account properties. The server responded: …",
	[WORDS_CLIENT_OUTLOOK_RCPT] =
		"The message could not be sent because one of the recipients was rejected by the server. …",
	[WORDS_CLIENT_THUNDERBIRD_REFUSED] =
		"The message could not be sent because connecting to Outgoing server (SMTP) … failed.",
	[WORDS_CLIENT_THUNDERBIRD_TIMEOUT] =
		"The message could not be sent because the connection to Outgoing server (SMTP) … timed out.",
	[WORDS_CLIENT_THUNDERBIRD_DROPPED] =
		"The message could not be sent because the connection to Outgoing server (SMTP) … was lost in the middle of "
		"the transaction.",
	[WORDS_CLIENT_THUNDERBIRD_SERVER_ERROR] =
		"An error occurred while sending mail: Outgoing server (SMTP) error. The server responded: …",
	[WORDS_CLIENT_THUNDERBIRD_NO_STARTTLS] =
		"Unable to establish a secure link with Outgoing server (SMTP) … using STARTTLS since it doesn't advertise "
		"that feature. …",
	[WORDS_CLIENT_THUNDERBIRD_NO_MECHANISM] =
		"The Outgoing server (SMTP) … does not support the selected authentication method. …",
	[WORDS_CLIENT_THUNDERBIRD_AUTH] = "Unable to authenticate to Outgoing server (SMTP) …. Please check the password …",
	[WORDS_CLIENT_THUNDERBIRD_MAIL] =
		"An error occurred while sending mail. The mail server responded: … Please verify that your email address is "
		"correct …",
	[WORDS_CLIENT_THUNDERBIRD_RCPT] =
		"An error occurred while sending mail. The mail server responded: … Please check the message recipient …",
	[WORDS_CLIENT_THUNDERBIRD_SIZE] = "(says that the message exceeds the size limit of the server)",
	[WORDS_CLIENT_THUNDERBIRD_BODY] =
		"An error occurred while sending mail. The mail server responded: … Please check the message and try again.",
	[WORDS_CLIENT_APPLE_CONNECT] = "(says that the message can't be sent with this outgoing server)",
	[WORDS_CLIENT_APPLE_AUTH] = "(asks for the password again)",
	[WORDS_CLIENT_APPLE_RELAY] = "Cannot Send Mail. … was rejected by the server because it does not allow relaying.",
	[WORDS_CLIENT_APPLE_RCPT] = "Cannot Send Mail. … was rejected by the server.",
	[WORDS_CLIENT_APPLE_BODY] = "Cannot Send Mail. The message was rejected by the server.",

	/* ---- What commands and replies mean: why a server refuses ---- */
	[WORDS_REASON_SENDER_POLICY] = "sender's domain fails SPF/DKIM/DMARC",
	[WORDS_REASON_ENCRYPTION] = "encryption (TLS) wanted first",
	[WORDS_REASON_LOGIN] = "login wanted first",
	[WORDS_REASON_GREYLISTED] = "greylisted, try again later",
	[WORDS_REASON_RELAY] = "relaying denied",
	[WORDS_REASON_BLOCKLISTED] = "client is on a block list",
	[WORDS_REASON_SPAM] = "taken for spam or malware",
	[WORDS_REASON_FULL] = "mailbox or disk full",
	[WORDS_REASON_NO_MAILBOX] = "no such mailbox",
	[WORDS_REASON_RATE] = "too many at a time",
	[WORDS_REASON_TIMEOUT] = "client was silent too long",
	[WORDS_REASON_SIZE] = "message too large",

	/* ---- What commands and replies mean: enhanced status codes, by subject and detail ---- */
	[WORDS_ENHANCED_1_0] = "address problem",
	[WORDS_ENHANCED_1_1] = "no such mailbox",
	[WORDS_ENHANCED_1_2] = "no such domain",
	[WORDS_ENHANCED_1_3] = "address not valid",
	[WORDS_ENHANCED_1_4] = "address is ambiguous",
	[WORDS_ENHANCED_1_6] = "mailbox has moved",
	[WORDS_ENHANCED_1_7] = "sender address not valid",
	[WORDS_ENHANCED_1_8] = "sender's domain not found",
	[WORDS_ENHANCED_1_10] = "domain takes no mail (null MX)",
	[WORDS_ENHANCED_2_0] = "mailbox problem",
	[WORDS_ENHANCED_2_1] = "mailbox disabled",
	[WORDS_ENHANCED_2_2] = "mailbox full",
	[WORDS_ENHANCED_2_3] = "message too large for the mailbox",
	[WORDS_ENHANCED_3_0] = "mail system problem",
	[WORDS_ENHANCED_3_1] = "mail system full",
	[WORDS_ENHANCED_3_2] = "server takes no mail now",
	[WORDS_ENHANCED_3_4] = "message too large",
	[WORDS_ENHANCED_3_5] = "server is not set up right",
	[WORDS_ENHANCED_4_0] = "network problem",
	[WORDS_ENHANCED_4_1] = "next server does not answer",
	[WORDS_ENHANCED_4_2] = "bad connection",
	[WORDS_ENHANCED_4_3] = "directory or DNS lookup failed",
	[WORDS_ENHANCED_4_4] = "no route to the next server",
	[WORDS_ENHANCED_4_5] = "server overloaded",
	[WORDS_ENHANCED_4_6] = "mail loop",
	[WORDS_ENHANCED_4_7] = "delivery took too long",
	[WORDS_ENHANCED_5_1] = "command not allowed now",
	[WORDS_ENHANCED_5_2] = "syntax error",
	[WORDS_ENHANCED_5_3] = "too many recipients",
	[WORDS_ENHANCED_5_4] = "arguments not valid",
	[WORDS_ENHANCED_5_6] = "AUTH exchange line too long",
	[WORDS_ENHANCED_6_0] = "message content problem",
	[WORDS_ENHANCED_6_1] = "content type not supported",
	[WORDS_ENHANCED_6_7] = "internationalised address not supported",
	[WORDS_ENHANCED_7_1] = "not allowed",
	[WORDS_ENHANCED_7_4] = "security feature not supported",
	[WORDS_ENHANCED_7_5] = "cryptographic failure",
	[WORDS_ENHANCED_7_7] = "message integrity failure",
	[WORDS_ENHANCED_7_8] = "wrong user name or password",
	[WORDS_ENHANCED_7_9] = "login mechanism too weak",
	[WORDS_ENHANCED_7_10] = "encryption needed",
	[WORDS_ENHANCED_7_11] = "encryption needed for this login",
	[WORDS_ENHANCED_7_12] = "password change needed",
	[WORDS_ENHANCED_7_13] = "account disabled",
	[WORDS_ENHANCED_7_14] = "trust relationship needed",
	[WORDS_ENHANCED_7_20] = "no valid DKIM signature",
	[WORDS_ENHANCED_7_21] = "DKIM signature not acceptable",
	[WORDS_ENHANCED_7_22] = "DKIM signature not of the author",
	[WORDS_ENHANCED_7_23] = "SPF check failed",
	[WORDS_ENHANCED_7_24] = "SPF check failed with an error",
	[WORDS_ENHANCED_7_25] = "reverse DNS check failed",
	[WORDS_ENHANCED_7_26] = "SPF/DKIM/DMARC checks failed",
	[WORDS_ENHANCED_7_27] = "sender's domain takes no mail",
	[WORDS_ENHANCED_7_28] = "mail flood",

	/* ---- What commands and replies mean: commands ---- */
	[WORDS_COMMAND_HELO] = "says hello (no extensions)",
	[WORDS_COMMAND_EHLO] = "says hello",
	[WORDS_COMMAND_LHLO] = "says hello (LMTP)",
	[WORDS_COMMAND_AUTH] = "asks to log in",
	[WORDS_COMMAND_STARTTLS] = "asks for encryption (TLS)",
	[WORDS_COMMAND_MAIL] = "sender",
	[WORDS_COMMAND_RCPT] = "recipient",
	[WORDS_COMMAND_DATA] = "wants to send the message",
	[WORDS_COMMAND_BDAT] = "sends a piece of the message",
	[WORDS_COMMAND_RSET] = "starts over",
	[WORDS_COMMAND_NOOP] = "does nothing (keep-alive)",
	[WORDS_COMMAND_VRFY] = "asks whether an address exists",
	[WORDS_COMMAND_EXPN] = "asks who is on a list",
	[WORDS_COMMAND_HELP] = "asks for help",
	[WORDS_COMMAND_QUIT] = "says goodbye",
	[WORDS_COMMAND_XCLIENT] = "proxy tells the real client",
	[WORDS_COMMAND_XFORWARD] = "proxy tells where mail came from",
	[WORDS_COMMAND_ETRN] = "asks for queued mail",
	[WORDS_COMMAND_TURN] = "asks to swap roles",
	[WORDS_COMMAND_BURL] = "sends a message by reference",
	[WORDS_COMMAND_EXCHANGE] = "Exchange servers among themselves",
	[WORDS_COMMAND_OBSOLETE] = "obsolete command",
	[WORDS_COMMAND_HTTP] = "HTTP, not mail",
	[WORDS_COMMAND_UNKNOWN] = "no standard SMTP command",

	/* ---- What commands and replies mean: replies ---- */
	[WORDS_REPLY_DONE_OK] = "done",
	[WORDS_REPLY_DONE_LATER] = "refused for now",
	[WORDS_REPLY_DONE_NO] = "refused",
	[WORDS_REPLY_HELLO_OK] = "greets the client",
	[WORDS_REPLY_HELLO_LATER] = "hello refused for now",
	[WORDS_REPLY_HELLO_NO] = "hello refused",
	[WORDS_REPLY_AUTH_OK] = "login accepted",
	[WORDS_REPLY_AUTH_LATER] = "login not possible now",
	[WORDS_REPLY_AUTH_NO] = "login rejected",
	[WORDS_REPLY_STARTTLS_OK] = "go ahead, encrypt",
	[WORDS_REPLY_STARTTLS_LATER] = "encryption not available now",
	[WORDS_REPLY_STARTTLS_NO] = "encryption refused",
	[WORDS_REPLY_MAIL_OK] = "sender accepted",
	[WORDS_REPLY_MAIL_LATER] = "sender refused for now",
	[WORDS_REPLY_MAIL_NO] = "sender refused",
	[WORDS_REPLY_RCPT_OK] = "recipient accepted",
	[WORDS_REPLY_RCPT_LATER] = "recipient refused for now",
	[WORDS_REPLY_RCPT_NO] = "recipient refused",
	[WORDS_REPLY_MESSAGE_OK] = "message accepted",
	[WORDS_REPLY_MESSAGE_LATER] = "message refused for now",
	[WORDS_REPLY_MESSAGE_NO] = "message refused",
	[WORDS_REPLY_GREETING_OK] = "server is ready",
	[WORDS_REPLY_GREETING_LATER] = "server turns the client away for now",
	[WORDS_REPLY_GREETING_NO] = "server turns the client away",
	[WORDS_REPLY_GOODBYE_OK] = "goodbye",
	[WORDS_REPLY_GOODBYE_LATER] = "goodbye with an error",
	[WORDS_REPLY_CHUNK_OK] = "piece accepted",
	[WORDS_REPLY_RSET_OK] = "ready for a new mail",
	[WORDS_REPLY_NOOP_OK] = "still here",
	[WORDS_REPLY_VRFY_OK] = "says about the address",
	[WORDS_REPLY_EXPN_OK] = "lists the members",
	[WORDS_REPLY_CANNOT_SAY_LATER] = "cannot say now",
	[WORDS_REPLY_CANNOT_SAY_NO] = "does not say",
	[WORDS_REPLY_HELP_OK] = "helps",
	[WORDS_REPLY_HELP_LATER] = "cannot help now",
	[WORDS_REPLY_HELP_NO] = "does not help",
	[WORDS_REPLY_UNKNOWN_OK] = "yes",
	[WORDS_REPLY_LOST] = "lost in the capture",
	[WORDS_REPLY_MORE] = "waits for more",
	[WORDS_REPLY_421] = "server closes the connection",
	[WORDS_REPLY_251] = "recipient accepted, will be forwarded",
	[WORDS_REPLY_252] = "recipient accepted, not verified",
	[WORDS_REPLY_252_VRFY] = "does not say, but takes mail",
	[WORDS_REPLY_334] = "login: asks for the next step",
	[WORDS_REPLY_354] = "send the message now",
	[WORDS_REPLY_500_EHLO] = "does not know EHLO (old server)",
	[WORDS_REPLY_500] = "command not known here",
	[WORDS_REPLY_500_AUTH] = "login not offered here",
	[WORDS_REPLY_503_AUTH] = "login not possible at this point",
	[WORDS_REPLY_504_AUTH] = "login method not supported",
	[WORDS_REPLY_530_AUTH] = "encryption (TLS) wanted before login",
	[WORDS_REPLY_538_AUTH] = "encryption (TLS) wanted for this login",
	[WORDS_REPLY_432_AUTH] = "login: password change needed",
	[WORDS_REPLY_WITH_DETAILS] = "{reply}: {details}",

	/* ---- What commands and replies mean: codes alone ---- */
	[WORDS_CODE_432] = "password change needed",
	[WORDS_CODE_450] = "mailbox busy or blocked for now",
	[WORDS_CODE_451] = "server error",
	[WORDS_CODE_452] = "server is out of space",
	[WORDS_CODE_454] = "temporary failure",
	[WORDS_CODE_455] = "parameters not possible now",
	[WORDS_CODE_500] = "command not known",
	[WORDS_CODE_501] = "syntax error",
	[WORDS_CODE_502] = "command not offered",
	[WORDS_CODE_503] = "wrong order of commands",
	[WORDS_CODE_504] = "parameter not supported",
	[WORDS_CODE_521] = "host takes no mail",
	[WORDS_CODE_523] = "message too large",
	[WORDS_CODE_525] = "account disabled",
	[WORDS_CODE_530] = "login wanted first",
	[WORDS_CODE_534] = "login method too weak",
	[WORDS_CODE_535] = "wrong user name or password",
	[WORDS_CODE_538] = "encryption needed",
	[WORDS_CODE_550] = "mailbox missing or not allowed",
	[WORDS_CODE_551] = "user is not here",
	[WORDS_CODE_552] = "over the storage limit",
	[WORDS_CODE_553] = "address not allowed",
	[WORDS_CODE_554] = "no reason in the code",
	[WORDS_CODE_555] = "parameters not known",
	[WORDS_CODE_556] = "domain takes no mail",

	/* ---- How connections end ---- */
	[WORDS_CLOSE_FIN] = "connection closed in order",
	[WORDS_CLOSE_RESET_BY_CLIENT] = "connection cut off by the client (RST)",
	[WORDS_CLOSE_RESET_BY_SERVER] = "connection cut off by the server (RST)",
	[WORDS_CLOSE_IDLE_TIMEOUT] = "no more packets, counted as over",
	[WORDS_CLOSE_CAPTURE_ENDED] = "still open when the capture ended",
	[WORDS_CLOSE_REFUSED] = "connection refused",
	[WORDS_CLOSE_UNANSWERED] = "no answer to the connection attempt",
	[WORDS_CLOSE_UNREACHABLE] = "server unreachable",
	[WORDS_CLOSE_EVICTED] = "given up by smtpscope for lack of memory",
	[WORDS_CLOSE_NONE] = "goes on",
	[WORDS_CLOSE_OTHER] = "ended",
	[WORDS_ICMP_PROHIBITED] = "a router or firewall forbids it",
	[WORDS_ICMP_PORT] = "nothing listens on that port, or a firewall says so",
	[WORDS_ICMP_HOST] = "the host cannot be reached",
	[WORDS_ICMP_NET] = "there is no route to that network",

	/* ---- Anomalies ---- */
	[WORDS_ANOMALY_LINE_TOO_LONG] = "line too long, only its start was read",
	[WORDS_ANOMALY_BARE_NEWLINE] = "line ends with LF alone, not with CR LF",
	[WORDS_ANOMALY_NUL] = "NUL byte in a line",
	[WORDS_ANOMALY_NOT_A_REPLY] = "line that is no reply",
	[WORDS_ANOMALY_NOT_A_COMMAND] = "line that is no command",
	[WORDS_ANOMALY_REPLY_CODES_DIFFER] = "lines of one reply have different codes",
	[WORDS_ANOMALY_UNSOLICITED_REPLY] = "reply to nothing",
	[WORDS_ANOMALY_TOO_MANY_COMMANDS] = "more unanswered commands than are followed",
	[WORDS_ANOMALY_EARLY_TALKER] = "client spoke before the server's greeting",
	[WORDS_ANOMALY_NOT_SMTP] = "this is not SMTP",
	[WORDS_ANOMALY_PREFACE] = "bytes before the SMTP session (a proxy?)",
	[WORDS_ANOMALY_HELD_TOO_MUCH] = "server's answer did not come in time to judge this",
	[WORDS_ANOMALY_BODY_UNTERMINATED] = "server answered before the message ended",
	[WORDS_ANOMALY_BARE_RETURN] = "CR without LF inside a line",
	[WORDS_ANOMALY_LONG_LINE] = "line longer than RFC 5321 allows",
	[WORDS_ANOMALY_FALSE_END] = "in the message: a line of one dot that is not its end, and a command behind it",
	[WORDS_ANOMALY_COMMAND_BEFORE_TLS] = "text behind STARTTLS that did not wait for the answer",
	[WORDS_ANOMALY_REPLY_BEFORE_TLS] = "text behind the answer to STARTTLS, before TLS",
	[WORDS_ANOMALY_EXTENSION_NOT_OFFERED] = "extension used that was not offered",
	[WORDS_ANOMALY_PARAMETER_WRONG] = "parameter with a wrong value",
	[WORDS_ANOMALY_LIMIT_EXCEEDED] = "more than the server allows",
	[WORDS_ANOMALY_HELLO_NOT_REPEATED] = "EHLO is missing at the beginning of the new session",
	[WORDS_ANOMALY_ROLES_REVERSED] = "client and server change roles",
	[WORDS_ANOMALY_REVERSED_UNREAD] = "what follows is not read",
	[WORDS_ANOMALY_OTHER] = "something unusual",

	/* ---- The report for people: the header of a session ---- */
	[WORDS_TEXT_LABEL_WHEN] = "when",
	[WORDS_TEXT_LABEL_CAPTURE] = "capture",
	[WORDS_TEXT_LABEL_CLIENT] = "client",
	[WORDS_TEXT_LABEL_SERVER] = "server",
	[WORDS_TEXT_LABEL_TLS] = "TLS",
	[WORDS_TEXT_LABEL_LOGIN] = "login",
	[WORDS_TEXT_LABEL_MAIL] = "mail",
	[WORDS_TEXT_LABEL_TIME] = "time",
	[WORDS_TEXT_TIME_TO_SERVER] = "to the server and back {time}",
	[WORDS_TEXT_TIME_TO_CLIENT] = "to the client and back {time}",
	[WORDS_TEXT_TIME_SERVER] = "server {total}, at most {max}",
	[WORDS_TEXT_TIME_CLIENT] = "client {total}",
	[WORDS_TEXT_TIME_BODY] = "messages {rate}/s",
	[WORDS_TEXT_LABEL_ENDED] = "ended",
	[WORDS_TEXT_OMITTED] = "(omitted)",
	[WORDS_TEXT_TIME_UNKNOWN] = "unknown time",
	[WORDS_TEXT_DURATION_MS] = "{value} ms",
	[WORDS_TEXT_DURATION_S] = "{value} s",
	[WORDS_TEXT_DURATION_MIN] = "{minutes} min {seconds} s",
	[WORDS_TEXT_DURATION_H] = "{hours} h {minutes} min",
	[WORDS_TEXT_CAPTURE] = "{source}, frames {first}-{last}",
	[WORDS_TEXT_CLIENT_GUESSED] = " (which side is the client was guessed)",
	[WORDS_TEXT_CLIENT_PROXIED] = "through a proxy from {origin}",
	[WORDS_TEXT_CLIENT_FORWARDED] = "for {origin}",
	[WORDS_TEXT_CLIENT_GUESSED_ALONE] = "guessed, may be the server",
	[WORDS_TEXT_TLS_STARTTLS] = "encrypted from frame {frame} on (STARTTLS)",
	[WORDS_TEXT_TLS_ANONYMOUS] = "encrypted from frame {frame} on (X-ANONYMOUSTLS)",
	[WORDS_TEXT_TLS_IMPLICIT] = "encrypted from frame {frame} on (TLS from the start)",
	[WORDS_TEXT_TLS_REFUSED] = "refused by the server",
	[WORDS_TEXT_TLS_BEGUN] = "begun in frame {frame}, outcome unknown",
	[WORDS_TEXT_TLS_FAILED] = "begun in frame {frame}, but the handshake failed",
	[WORDS_TEXT_TLS_CERTIFICATE] = "certificate {subject}, until {until}",
	[WORDS_TEXT_TLS_DECRYPTED] = "; decrypted",
	[WORDS_TEXT_TLS_DECRYPTED_UNTIL] = "; decrypted up to frame {frame}: {reason}",
	[WORDS_TEXT_TLS_NOT_DECRYPTED] = "; not decrypted: {reason}",
	[WORDS_TEXT_TLS_NO_KEY] = "no key for it",
	[WORDS_TEXT_TLS_WRONG_KEY] = "the key does not fit",
	[WORDS_TEXT_TLS_UNSUPPORTED] = "version or cipher not supported",
	[WORDS_TEXT_TLS_GAP] = "packets are missing",
	[WORDS_TEXT_TLS_DAMAGED] = "a record is damaged",
	[WORDS_TEXT_TLS_EARLY_DATA] = "early data (0-RTT) is not supported",
	[WORDS_TEXT_ATTEMPT] = "{mechanism} {result}",
	[WORDS_TEXT_ATTEMPT_AS] = "{mechanism} as {user} {result}",
	[WORDS_TEXT_ATTEMPT_SERVICE] = ", with a ticket for {service}",
	[WORDS_TEXT_ATTEMPT_ENCRYPTED] = ", encrypted",
	[WORDS_TEXT_MORE] = "; and {count} more",
	[WORDS_TEXT_RESULT_ACCEPTED] = "accepted",
	[WORDS_TEXT_RESULT_REJECTED] = "rejected",
	[WORDS_TEXT_RESULT_CANCELLED] = "cancelled",
	[WORDS_TEXT_RESULT_UNKNOWN] = "outcome unknown",
	[WORDS_TEXT_RESULT_NOT_NOW] = "not possible now",
	[WORDS_TEXT_LOGIN_NOT_ATTEMPTED] = "none; mail was sent without one",
	[WORDS_TEXT_LOGIN_UNUSED] = "none tried",
	[WORDS_TEXT_LOGIN_NOT_OFFERED] = "not offered by the server",
	[WORDS_TEXT_LOGIN_UNKNOWN] = "unknown",
	[WORDS_TEXT_LOGIN_AT_GATEWAY] = "{user}, logged in at the gateway",
	[WORDS_TEXT_LOGIN_UNKNOWN_ENCRYPTED] = "unknown: encrypted",
	[WORDS_TEXT_LOGIN_OFFERED] = " (offered: {list})",
	[WORDS_TEXT_MAIL_ACCEPTED] = "accepted",
	[WORDS_TEXT_MAIL_REFUSED] = "refused",
	[WORDS_TEXT_MAIL_ABORTED] = "given up by the client",
	[WORDS_TEXT_MAIL_UNKNOWN] = "outcome unknown",
	[WORDS_TEXT_MAIL_WITHOUT_LOGIN] = " without login",
	[WORDS_TEXT_MAIL_REVERSED] = " by the client, from the server",
	[WORDS_TEXT_MAIL_SENDER_UNKNOWN] = "sender not captured",
	[WORDS_TEXT_MAIL_TO] = " to {recipient}",
	[WORDS_TEXT_MAIL_RECIPIENTS_MORE] = " and {count} more",
	[WORDS_TEXT_MAIL_SIZE] = ", {bytes:byte|bytes}",
	[WORDS_TEXT_ATTACHMENT] = "attached: {name} ({type}, {bytes:byte|bytes}), SHA-256",
	[WORDS_TEXT_ATTACHMENT_TRUNCATED] = "attached: {name} ({type}), {bytes:byte|bytes} of it were seen",
	[WORDS_TEXT_ATTACHMENT_UNNAMED] = "a part without a name",
	[WORDS_TEXT_ATTACHMENTS_MORE] = "attached: {count} more",
	[WORDS_TEXT_ATTACHMENTS_UNSEEN] = "the rest of the message was not looked at",
	[WORDS_TEXT_MAILS_MORE] = "and {count} more: {accepted} accepted, {refused} refused",
	[WORDS_TEXT_MAILS_MORE_OTHER] = ", {count} other",

	/* ---- The report for people: the timeline ---- */
	[WORDS_TEXT_COLUMN_MS] = "ms",
	[WORDS_TEXT_COLUMN_SECONDS] = "seconds",
	[WORDS_TEXT_COLUMN_FRAME] = "frame",
	[WORDS_TEXT_LINE_WITHHELD] = "(line not shown: it may hold a secret)",
	[WORDS_TEXT_AUTH_AS] = "asks to log in as {user}",
	[WORDS_TEXT_AUTH_WITH] = "asks to log in with {mechanism}",
	[WORDS_TEXT_SENDER_LOGGED_IN] = "sender, logged in",
	[WORDS_TEXT_SENDER_NOT_LOGGED_IN] = "sender, not logged in",
	[WORDS_TEXT_RECIPIENT_NUMBER] = "recipient {number}",
	[WORDS_TEXT_RESPONSE_PASSWORD] = "password",
	[WORDS_TEXT_RESPONSE] = "response",
	[WORDS_TEXT_RESPONSE_USER_NAME] = "user name",
	[WORDS_TEXT_RESPONSE_USER] = "user {user}",
	[WORDS_TEXT_RESPONSE_USER_AND_PASSWORD] = "user {user} and password",
	[WORDS_TEXT_RESPONSE_USER_AND] = "user {user} and response",
	[WORDS_TEXT_ASKS_PASSWORD] = "asks for the password",
	[WORDS_TEXT_ASKS_USER_NAME] = "asks for the user name",
	[WORDS_TEXT_ASKS_BOTH] = "asks for user and password",
	[WORDS_TEXT_CHALLENGE] = "sends a challenge",
	[WORDS_TEXT_LOGIN_CANCELLED] = "login cancelled",
	[WORDS_TEXT_GIVES_UP] = "gives this login up",
	[WORDS_TEXT_OFFERS] = "offers {count:extension|extensions}",
	[WORDS_TEXT_UNASKED] = ", unasked",
	[WORDS_TEXT_COMMAND_NOT_CAPTURED] = " (command not captured)",
	[WORDS_TEXT_AFTER] = ", after {duration}",
	[WORDS_TEXT_MORE_LINES] = "({count:more line|more lines})",
	[WORDS_TEXT_REPLY] = "(reply)",
	[WORDS_TEXT_START_LOST] = "(start lost)",
	[WORDS_TEXT_BODY] = "(message: {bytes:byte|bytes}, {lines:line|lines})",
	[WORDS_TEXT_BODY_LOST] = "{bytes:byte|bytes} not captured",
	[WORDS_TEXT_BODY_SENT] = "sends the message",
	[WORDS_TEXT_BODY_NOT_CAPTURED] = "not captured whole",
	[WORDS_TEXT_BODY_CUT] = "message cut short",
	[WORDS_TEXT_BODY_ELSEWHERE] = "the server fetches the message itself",
	[WORDS_TEXT_BODY_IN] = ", in {duration}",
	[WORDS_TEXT_CONNECTED] = "connected",
	[WORDS_TEXT_CONNECTED_IN] = "connected in {duration}",
	[WORDS_TEXT_ENCRYPTED] = "(encrypted)",
	[WORDS_TEXT_DECRYPTED] = "(decrypted)",
	[WORDS_TEXT_TLS_BEGINS] = "begins encryption",
	[WORDS_TEXT_TLS_AGREES] = "agrees to encryption",
	[WORDS_TEXT_TLS_UNREADABLE] = "unreadable from here on",
	[WORDS_TEXT_TLS_RETRIES] = "asks for another hello",
	[WORDS_TEXT_TLS_SHOWS_CERTIFICATE] = "shows its certificate",
	[WORDS_TEXT_TLS_GIVES_UP] = "gives encryption up",
	[WORDS_TEXT_TLS_WARNS] = "a warning",
	[WORDS_TEXT_TLS_ENDS] = "ends encryption",
	[WORDS_TEXT_TLS_READABLE] = "encrypted, read with its key from here on",
	[WORDS_TEXT_GAP_CLIENT] = "({bytes:byte|bytes} of the client missing from the capture)",
	[WORDS_TEXT_GAP_SERVER] = "({bytes:byte|bytes} of the server missing from the capture)",
	[WORDS_TEXT_TRIES] = "after {tries:try|tries}",
	[WORDS_TEXT_MORE_STEPS] = "({count:more step|more steps})",

	/* ---- The report for people: findings and diagnoses ---- */
	[WORDS_TEXT_LABEL_LIKELY] = "Likely",
	[WORDS_TEXT_LABEL_CHECK] = "Check",
	[WORDS_TEXT_LABEL_READS] = "User sees",
	[WORDS_TEXT_LABEL_NOT] = "Not",
	[WORDS_TEXT_LABEL_SEE] = "Evidence",
	[WORDS_TEXT_LABEL_CHANGES] = "Changed",
	[WORDS_TEXT_LABEL_FILTER] = "Wireshark",
	[WORDS_TEXT_SEVERITY] = "{severity}",
	[WORDS_TEXT_LABEL_SEEN] = "Seen",
	[WORDS_TEXT_SEEN] = "{first} to {last} UTC, {sessions:session|sessions}",
	[WORDS_TEXT_READS] = "{client} {code}: {text}",
	[WORDS_TEXT_READS_NO_CODE] = "{client}: {text}",
	[WORDS_TEXT_READS_PERHAPS] = "{client} {code}, perhaps: {text}",
	[WORDS_TEXT_READS_NO_CODE_PERHAPS] = "{client}, perhaps: {text}",
	[WORDS_TEXT_FINDING_FRAME] = "{id}: frame {frames}",
	[WORDS_TEXT_FINDING_FRAMES] = "{id}: frames {frames}",

	/* ---- The report for people: the end ---- */
	[WORDS_TEXT_HEADING_DIAGNOSES] = "Diagnosis",
	[WORDS_TEXT_HEADING_DIAGNOSIS_NEW] = "New",
	[WORDS_TEXT_HEADING_DIAGNOSIS_UPDATED] = "Changed",
	[WORDS_TEXT_HEADING_DIAGNOSIS_CLOSED] = "Over",
	[WORDS_TEXT_DIAGNOSES_LEFT_OUT] = "{count} more of {id} that are not told: those above are the worst of them",
	[WORDS_TEXT_HEADING_CLIENTS] = "Clients",
	[WORDS_TEXT_HEADING_SERVERS] = "Servers",
	[WORDS_TEXT_HEADING_ASSUMPTIONS] = "Assumed",
	[WORDS_TEXT_NO_DIAGNOSIS] = "Nothing that the sessions say together calls for action.",
	[WORDS_TEXT_COLUMN_CLIENT] = "client",
	[WORDS_TEXT_COLUMN_LOGINS] = "logins",
	[WORDS_TEXT_COLUMN_LOGINS_OK] = "ok",
	[WORDS_TEXT_COLUMN_REJECTED] = "rejected",
	[WORDS_TEXT_COLUMN_WITHOUT] = "no login",
	[WORDS_TEXT_COLUMN_MAILS_OK] = "mails ok",
	[WORDS_TEXT_COLUMN_REFUSED] = "refused",
	[WORDS_TEXT_COLUMN_FAILED] = "no conn.",
	[WORDS_TEXT_CLIENT_NAMED] = "{name}, {users}",
	[WORDS_TEXT_CLIENT_USERS] = "users {users}",
	[WORDS_TEXT_CLIENT_USER] = "user {users}",
	[WORDS_TEXT_CLIENT_MAILBOX] = "mailbox: {pop3} POP3, {imap} IMAP",
	[WORDS_TEXT_ROWS_MORE] = "and {count} more",
	[WORDS_TEXT_SERVER_SESSIONS] = "{sessions:session|sessions}",
	[WORDS_TEXT_SERVER_FAILED] = ", {failed} never connected",
	[WORDS_TEXT_FACE_AUTH] = "AUTH {list}",
	[WORDS_TEXT_FACE_NO_AUTH] = "no AUTH",
	[WORDS_TEXT_FACE_SEEN] = "{first} to {last} UTC, {sessions:session|sessions}",
	[WORDS_TEXT_FACE_LOGINS] = ", logins: {accepted} accepted, {rejected} rejected",
	[WORDS_TEXT_TOTAL_SESSIONS] = "{sessions:session|sessions}{details}.",
	[WORDS_TEXT_TOTAL_NOT_ESTABLISHED] = "{count} never connected",
	[WORDS_TEXT_TOTAL_ENCRYPTED] = "{count} encrypted",
	[WORDS_TEXT_TOTAL_MAIL] = "Mail: {list}.",
	[WORDS_TEXT_TOTAL_LOGINS] = "Logins: {list}.",
	[WORDS_TEXT_TOTAL_FINDINGS] = "Findings: {list}.",
	[WORDS_TEXT_TOTAL_NONE] = "none",
	[WORDS_TEXT_TOTAL_NONE_SEEN] = "none seen",
	[WORDS_TEXT_TOTAL_ACCEPTED] = "{count} accepted",
	[WORDS_TEXT_TOTAL_REFUSED] = "{count} refused",
	[WORDS_TEXT_TOTAL_ABORTED] = "{count} given up",
	[WORDS_TEXT_TOTAL_UNKNOWN] = "{count} unknown",
	[WORDS_TEXT_TOTAL_LOGINS_ACCEPTED] = "{count} accepted",
	[WORDS_TEXT_TOTAL_REJECTED] = "{count} rejected",
	[WORDS_TEXT_TOTAL_OTHER] = "{count} other",
	[WORDS_TEXT_TOTAL_SEVERITY] = "{count} {severity}",
	[WORDS_TEXT_NO_SESSION] =
		"No SMTP session was found in {frames:frame|frames} with {connections:TCP connection|TCP connections}.",
	[WORDS_TEXT_NO_SESSION_ALONE] = "No SMTP session was found.",
	[WORDS_TEXT_LOST] = "The capture lacks {bytes:byte|bytes} in {places:place|places}.",
	[WORDS_TEXT_EVICTED] = "{count:connection was|connections were} given up for lack of memory.",
	[WORDS_TEXT_DROPPED] = "The kernel or an interface dropped {count:packet|packets}.",
	[WORDS_TEXT_DOCUMENTS_LOST] =
		"{count:document was|documents were} lost: nowhere to write to.",
	[WORDS_TEXT_STATISTICS] =
		"{time}: {frames:packet|packets}, {dropped} dropped; {sessions:session|sessions}, {open} open",
	[WORDS_TEXT_DUPLICATES] = "{count:duplicate was|duplicates were} left out.",

	/* ---- The live screen ---- */
	[WORDS_TOP_INTERFACE_UP] = "up",
	[WORDS_TOP_INTERFACE_DOWN] = "down",
	[WORDS_TOP_INTERFACE_GONE] = "gone",
	[WORDS_TOP_PACKETS] = "{count} packets/s",
	[WORDS_TOP_DROPPED] = "{count} dropped",
	[WORDS_TOP_UPTIME] = "up {time}",
	[WORDS_TOP_PAUSED] = "paused",
	[WORDS_TOP_SESSIONS] = "Sessions",
	[WORDS_TOP_MAIL] = "Mail",
	[WORDS_TOP_LOGINS] = "Logins",
	[WORDS_TOP_RATE] = "{rate} a second",
	[WORDS_TOP_OPEN] = "{count} open",
	[WORDS_TOP_TOTAL] = "{count} in all",
	[WORDS_TOP_A_MINUTE] = "in the last minute",
	[WORDS_TOP_MEMORY] = "memory {size}",
	[WORDS_TOP_OUTPUT] = "queue {waiting}, lost {lost}",
	[WORDS_TOP_FINDINGS] = "Findings (times in UTC)",
	[WORDS_TOP_COLUMN_SERVER] = "server",
	[WORDS_TOP_COLUMN_FACE] = "what answers",
	[WORDS_TOP_COLUMN_SESSIONS] = "sessions",
	[WORDS_TOP_COLUMN_MINUTE] = "a minute",
	[WORDS_TOP_COLUMN_FAILED] = "failed",
	[WORDS_TOP_COLUMN_CODES] = "last replies",
	[WORDS_TOP_NO_SESSION] = "No session has ended yet.",
	[WORDS_TOP_NO_FINDING] = "None so far.",
	[WORDS_TOP_NO_DIAGNOSIS] = "None is open.",
	[WORDS_TOP_KEY_QUIT] = "quit",
	[WORDS_TOP_KEY_PAUSE] = "pause",
	[WORDS_TOP_KEY_LIST] = "next list",
	[WORDS_TOP_KEY_SCROLL] = "scroll",
	[WORDS_TOP_KEY_HELP] = "help",
	[WORDS_TOP_HELP_QUIT] = "ends smtpscope; what is open is written first",
	[WORDS_TOP_HELP_PAUSE] = "holds the screen still, or goes on; capturing goes on in any case",
	[WORDS_TOP_HELP_LIST] = "chooses the next list; so do the arrows to the left and right",
	[WORDS_TOP_HELP_SCROLL] = "scroll the list; so do the arrows, Page Up, Page Down, Home and End",
	[WORDS_TOP_HELP_HELP] = "shows this text, or hides it",
	[WORDS_TOP_HELP_NOTE_1] = "Dropped packets are red while their number rises.",
	[WORDS_TOP_HELP_NOTE_2] = "Failed sessions were refused or never connected; red: in the last minute.",
	[WORDS_TOP_HELP_NOTE_3] = "Replies are the last four codes of a server, the latest at the right.",
};

const struct words words_en = {.language = "en", .texts = texts};
