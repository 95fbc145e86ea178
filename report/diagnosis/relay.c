/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mail to recipients elsewhere that was accepted without a login: relayed because of the client's address, or for anybody.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/ascii.h"
#include "report/diagnosis/build.h"
#include "report/diagnosis/state.h"

static bool is_under(const char *domain, const char *parent) {
	size_t len = strlen(domain), parent_len = strlen(parent);
	return len >= parent_len && strcmp(domain + len - parent_len, parent) == 0 &&
		(len == parent_len || domain[len - parent_len - 1] == '.');
}

/* Is the recipient none of the server's own? Only where it is known which are. */
static bool is_elsewhere(const struct diagnoser *diagnoser, const struct endpoint *endpoint, struct slice recipient) {
	const struct diagnoser_options *options = &diagnoser->options;
	char domain[NAME_SIZE];
	domain_of(recipient, domain);
	if (domain[0] == '\0')
		return false;
	for (size_t i = 0; i < options->local_domain_count; i++)
		if (is_under(domain, options->local_domains[i]))
			return false;
	if (options->local_domain_count > 0)
		return true;
	/* A name that is only known at home says nothing of the domains. */
	static const char *const homely[] = {"localdomain", "localhost", "local", "lan", "internal", "home"};
	for (size_t i = 0; i < sizeof(homely) / sizeof(homely[0]); i++)
		if (is_under(endpoint->domain, homely[i]))
			return false;
	return endpoint->domain[0] != '\0' && !is_under(domain, endpoint->domain);
}

static void observe(struct diagnoser *diagnoser, const struct observation *seen) {
	for (size_t i = 0; i < seen->facts->mails_kept; i++) {
		const struct facts_mail *mail = &seen->facts->mails[i];
		if (mail->authenticated != EVENT_AUTHENTICATED_NO || mail->result != EVENT_MAIL_ACCEPTED)
			continue;
		for (size_t k = 0; k < mail->recipients_kept; k++) {
			const struct facts_recipient *recipient = &mail->recipients[k];
			if (recipient->code < 200 || recipient->code >= 300 || !is_elsewhere(diagnoser, seen->endpoint, recipient->to))
				continue;
			/* A mail server of others that takes mail for its own domains is no relay; which they are is not known. */
			if (!seen->server_inside && !is_submission_port(seen->facts->server.port))
				continue;
			if (seen->visit->relayed == NULL)
				seen->visit->relayed = calloc(1, sizeof(*seen->visit->relayed));
			if (seen->visit->relayed == NULL)
				return;
			tally_add(&seen->visit->relayed->mails, mail->time_ns);
			NAME_SET(seen->visit->relayed->recipient, recipient->to);
			seen->visit->relayed->inside = seen->inside;
			evidence_add(diagnoser, &seen->visit->relayed->evidence, seen->facts, mail->frame);
			evidence_add(diagnoser, &seen->visit->relayed->evidence, seen->facts, recipient->frame);
			break;
		}
	}
}

static void conclude_visit(struct diagnoser *diagnoser, const struct visit *visit, const struct endpoint *endpoint, const char *id,
	enum finding_severity severity) {
	if (!build_admit(diagnoser, id, severity, visit->relayed->mails.last_ns, visit->relayed->evidence.session_count))
		return;
	struct diagnosis *diagnosis = build_begin(diagnoser, id, severity, visit->relayed->mails);
	char server[NAME_SIZE], client[1][NAME_SIZE], recipient[1][NAME_SIZE];
	endpoint_text(&endpoint->address, server);
	address_print(&visit->client, client[0]);
	memcpy(recipient[0], visit->relayed->recipient, sizeof(recipient[0]));
	const struct words_value values[] = {
		{"server", server, 0},
		{"client", client[0], 0},
		{"recipient", build_list(diagnoser, recipient, 1, 1), 0},
		{"mails", NULL, visit->relayed->mails.count},
	};
	build_words(diagnoser, diagnosis, WORDS_COUNT, BUILD_VALUES(values));
	build_server(diagnosis, endpoint);
	build_about(diagnoser, diagnosis, "client", client[0]);
	build_clients(diagnoser, diagnosis, client, 1);
	build_evidence(diagnoser, diagnosis, &visit->relayed->evidence);
	build_filter(diagnoser, diagnosis, endpoint, endpoint->address.port);
}

/* From inside it is a choice of the server's keeper, and matters when somebody turned the login off. From outside it is an open
 * relay; but on port 25 the server may be the recipient's own, so there the domains must have been given. */
static void conclude(struct diagnoser *diagnoser) {
	for (const struct visit *visit = NULL; (visit = table_next(&diagnoser->visits, visit)) != NULL;) {
		const struct endpoint *endpoint = endpoint_of(diagnoser, &visit->endpoint);
		if (endpoint == NULL || visit->relayed == NULL)
			continue;
		if (visit->relayed->inside)
			conclude_visit(diagnoser, visit, endpoint, "relay-by-address",
				visit->logins != NULL && visit->logins->stopped.accepted > 0 ? FINDING_MEDIUM : FINDING_INFO);
		else if (diagnoser->options.local_domain_count > 0 || is_submission_port(endpoint->address.port))
			conclude_visit(diagnoser, visit, endpoint, "open-relay",
				diagnoser->options.local_domain_count > 0 ? FINDING_HIGH : FINDING_MEDIUM);
	}
}

const struct topic topic_relay = {observe, conclude};
