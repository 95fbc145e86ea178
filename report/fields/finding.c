/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings, with their evidence. What findings and diagnoses have in common is here, too.
 */
#include <inttypes.h>

#include "decode/ascii.h"
#include "report/fields/attack.h"
#include "report/fields/columns.h"
#include "report/findings.h"

enum { EVIDENCE_MAX = 20, EVIDENCE_LEN_MAX = 200 };

GETTER(get_id) {
	return fields_constant(value, subject->finding != NULL ? subject->finding->id : subject->diagnosis->id);
}

GETTER(get_title) {
	return fields_constant(value, subject->finding != NULL ? subject->finding->title : subject->diagnosis->title);
}

GETTER(get_explanation) {
	return fields_text(value, fields_explanation(subject));
}

GETTER(get_severity) {
	value->number = fields_severity(subject);
	return true;
}

GETTER(get_severity_name) {
	return fields_constant(value, findings_severity_name(fields_severity(subject)));
}

/* A number for what has a name: that of the name, the same in each version. */
GETTER(get_signature_id) {
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (const char *at = subject->finding->id; *at != '\0'; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	return fields_number(value, 900000000 + (int64_t)(hash % 100000000));
}

static bool get_strings(const struct fields_subject *subject, const char *const *items, size_t count, struct fields_value *value) {
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < count; i++)
		fields_list_add(&list, slice_of(items[i]));
	return fields_of_list(value, &list);
}

GETTER(get_causes) {
	return subject->finding != NULL ? get_strings(subject, subject->finding->causes, subject->finding->cause_count, value)
		: get_strings(subject, subject->diagnosis->causes, subject->diagnosis->cause_count, value);
}

GETTER(get_checks) {
	return subject->finding != NULL ? get_strings(subject, subject->finding->checks, subject->finding->check_count, value)
		: get_strings(subject, subject->diagnosis->checks, subject->diagnosis->check_count, value);
}

GETTER(get_frames) {
	value->numbers.items = subject->finding->frames;
	value->numbers.count = subject->finding->frame_count;
	return value->numbers.count > 0;
}

static bool is_evidence(const struct finding *finding, uint64_t frame) {
	for (size_t i = 0; i < finding->frame_count; i++)
		if (finding->frames[i] == frame)
			return true;
	return false;
}

/* One line of the dialogue. Nothing of an AUTH exchange but its command is in a timeline. */
static struct slice line_of(const struct fields_subject *subject, const struct record_timeline_entry *entry) {
	struct slice line = {NULL, 0};
	if (entry->kind == RECORD_COMMAND) {
		line = fields_join(subject, slice_of("C: "), "", entry->command.name.len > 0 ? entry->command.name : slice_of("****"));
		if (entry->command.argument.len > 0)
			line = fields_join(subject, line, " ", entry->command.argument);
	} else if ((entry->kind == RECORD_REPLY || entry->kind == RECORD_GREETING) && entry->reply.code > 0) {
		struct fields_reply reply = {.seen = true, .code = entry->reply.code, .enhanced = entry->reply.enhanced,
			.lines = entry->reply.lines, .line_count = entry->reply.line_count > 0 ? 1 : 0};
		line = fields_join(subject, slice_of("S: "), "", fields_reply_line(subject, &reply));
	}
	if (line.len > EVIDENCE_LEN_MAX)
		line.len = EVIDENCE_LEN_MAX;
	return line;
}

GETTER(get_evidence) {
	const struct record *record = subject->record;
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < record->timeline_count && list.count < EVIDENCE_MAX; i++)
		if (is_evidence(subject->finding, record->timeline[i].at.frame))
			fields_list_add(&list, line_of(subject, &record->timeline[i]));
	return fields_of_list(value, &list);
}

/* What only this kind of finding has: "server_ms=6001". */
GETTER(get_details) {
	const struct finding *finding = subject->finding;
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; i < finding->field_count; i++) {
		const struct finding_field *field = &finding->fields[i];
		struct slice text = fields_format(subject, "%s=", field->name);
		switch (field->kind) {
		case FINDING_FIELD_NUMBER:
			text = fields_format(subject, "%s=%" PRId64, field->name, field->number);
			break;
		case FINDING_FIELD_MS:
			text = fields_format(subject, "%s=%" PRId64, field->name, field->number / 1000000);
			break;
		case FINDING_FIELD_BOOL:
			text = fields_format(subject, "%s=%s", field->name, field->number != 0 ? "true" : "false");
			break;
		case FINDING_FIELD_TEXTS:
			for (size_t j = 0; j < field->text_count; j++)
				text = fields_join(subject, text, j > 0 ? "," : "", slice_of(field->texts[j]));
			break;
		}
		fields_list_add(&list, text);
	}
	return fields_of_list(value, &list);
}

/* ---- What the person at the mail client reads ---- */

static const struct diagnosis_client_text *read_of(const struct fields_subject *subject, const char *client) {
	const struct diagnosis_client_text *reads = subject->finding != NULL ? subject->finding->reads : subject->diagnosis->reads;
	size_t count = subject->finding != NULL ? subject->finding->read_count : subject->diagnosis->read_count;
	for (size_t i = 0; i < count; i++)
		if (strcmp(reads[i].client, client) == 0 && strcmp(reads[i].confidence, "low") != 0)
			return &reads[i];
	return NULL;
}

GETTER(get_outlook_code) {
	const struct diagnosis_client_text *read = read_of(subject, "Outlook");
	return read != NULL && fields_constant(value, read->code);
}

GETTER(get_outlook_text) {
	const struct diagnosis_client_text *read = read_of(subject, "Outlook");
	return read != NULL && fields_constant(value, read->text);
}

GETTER(get_thunderbird_text) {
	const struct diagnosis_client_text *read = read_of(subject, "Thunderbird");
	return read != NULL && fields_constant(value, read->text);
}

GETTER(get_read_confidence) {
	const struct diagnosis_client_text *read = read_of(subject, "Outlook");
	if (read == NULL)
		read = read_of(subject, "Thunderbird");
	return read != NULL && fields_constant(value, read->confidence);
}

/* ---- ATT&CK ---- */

enum attack_part { ATTACK_ID, ATTACK_NAME, ATTACK_SUB_ID, ATTACK_SUB_NAME, ATTACK_TACTIC_ID, ATTACK_TACTIC_NAME };

static bool get_attack_part(const struct fields_subject *subject, enum attack_part part, struct fields_value *value) {
	const char *const *ids = fields_attack(subject);
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; ids != NULL && ids[i] != NULL; i++) {
		const struct attack *attack = attack_find(ids[i]);
		if (attack == NULL)
			continue;
		const char *const texts[] = {attack->id, attack->name, attack->sub_id, attack->sub_name, attack->tactic_id, attack->tactic_name};
		if (texts[part] != NULL)
			fields_list_add_new(&list, slice_of(texts[part]));
	}
	return fields_of_list(value, &list);
}

GETTER(get_technique_id) {
	return get_attack_part(subject, ATTACK_ID, value);
}

GETTER(get_technique_name) {
	return get_attack_part(subject, ATTACK_NAME, value);
}

GETTER(get_sub_technique_id) {
	return get_attack_part(subject, ATTACK_SUB_ID, value);
}

GETTER(get_sub_technique_name) {
	return get_attack_part(subject, ATTACK_SUB_NAME, value);
}

GETTER(get_tactic_id) {
	return get_attack_part(subject, ATTACK_TACTIC_ID, value);
}

GETTER(get_tactic_name) {
	return get_attack_part(subject, ATTACK_TACTIC_NAME, value);
}

GETTER(get_attack) {
	const char *const *ids = fields_attack(subject);
	struct fields_list list = {.subject = subject};
	for (size_t i = 0; ids != NULL && ids[i] != NULL; i++)
		fields_list_add(&list, slice_of(ids[i]));
	return fields_of_list(value, &list);
}

GETTER(get_first_attack) {
	const char *const *ids = fields_attack(subject);
	return ids != NULL && fields_constant(value, ids[0]);
}

GETTER(get_framework) {
	return fields_attack(subject) != NULL && fields_constant(value, "MITRE ATT&CK");
}

const struct fields_row fields_finding[] = {
	{.name = "finding.id", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_id, .core = true,
		.meaning = "Id of the finding or diagnosis; docs/findings.md and docs/diagnosis.md list them",
		NAMES(ECS = "rule.id", CEF = "cs6:ruleId", LEEF = "ruleId", SPLUNK = "event.signature_id")},
	{.name = "finding.title", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_title, .core = true, .meaning = "Its title",
		NAMES(ECS = "rule.name", SPLUNK = "event.signature")},
	{.name = "finding.title", .type = FIELDS_TEXT, .kinds = F, .get = get_title, .core = true, .meaning = "Its title",
		NAMES(EVE = "alert.signature")},
	{.name = "finding.explanation", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_explanation, .cut = FIELDS_CUT_REPLY,
		.meaning = "What happened, in a sentence or two", NAMES(ECS = "smtp.explanation", SPLUNK = "event.description")},
	{.type = FIELDS_TEXT, .kinds = ALERT, .text = "smtpscope", .meaning = "Whose rules they are", NAMES(ECS = "rule.ruleset")},
	{.type = FIELDS_TEXT, .kinds = F, .text = "allowed", .meaning = "It was watched, not stopped", NAMES(EVE = "alert.action")},
	{.type = FIELDS_NUMBER, .kinds = F, .text = "1", .meaning = "Generator", NAMES(EVE = "alert.gid")},
	{.name = "finding.number", .type = FIELDS_NUMBER, .kinds = F, .get = get_signature_id, .core = true,
		.meaning = "A number made of the finding's id", NAMES(EVE = "alert.signature_id")},
	{.type = FIELDS_NUMBER, .kinds = F, .text = "1", .meaning = "Revision", NAMES(EVE = "alert.rev")},
	{.name = "finding.id", .type = FIELDS_TEXT, .kinds = F, .get = get_id, .core = true, .meaning = "Id of the finding",
		NAMES(EVE = "alert.category")},
	{.name = "severity", .type = FIELDS_SEVERITY, .kinds = F, .get = get_severity, .core = true,
		.meaning = "How severe: 1 is the worst, 3 the least", NAMES(EVE = "alert.severity")},
	{.name = "finding.id", .type = FIELDS_TEXT, .kinds = F, .get = get_id, .meaning = "Id of the finding",
		NAMES(EVE = "alert.metadata.finding_id[]")},
	{.name = "severity", .type = FIELDS_TEXT, .kinds = F, .get = get_severity_name, .meaning = "info, low, medium, high or critical",
		NAMES(EVE = "alert.metadata.severity[]")},
	{.name = "severity", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_severity_name, .meaning = "info, low, medium, high or critical",
		NAMES(ECS = "smtp.severity")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = F, .get = get_attack, .meaning = "Techniques of MITRE ATT&CK",
		NAMES(EVE = "alert.metadata.mitre_technique_id")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_attack, .meaning = "Techniques of MITRE ATT&CK",
		NAMES(SPLUNK = "event.mitre_technique_id")},
	{.name = "finding.attack", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_first_attack, .meaning = "First technique of MITRE ATT&CK",
		NAMES(CEF = "flexString1:attackTechnique", LEEF = "attackTechnique")},
	{.type = FIELDS_TEXT, .kinds = ALERT, .get = get_framework, .meaning = "Whose names of techniques they are", NAMES(ECS = "threat.framework")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_tactic_id, .meaning = "Tactics of MITRE ATT&CK",
		NAMES(ECS = "threat.tactic.id")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_tactic_name, .meaning = "Their names",
		NAMES(ECS = "threat.tactic.name")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_technique_id, .meaning = "Techniques of MITRE ATT&CK",
		NAMES(ECS = "threat.technique.id")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_technique_name, .meaning = "Their names",
		NAMES(ECS = "threat.technique.name")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_sub_technique_id, .meaning = "Sub-techniques of MITRE ATT&CK",
		NAMES(ECS = "threat.technique.subtechnique.id")},
	{.name = "finding.attack", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_sub_technique_name, .meaning = "Their names",
		NAMES(ECS = "threat.technique.subtechnique.name")},
	{.name = "finding.causes", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_causes, .meaning = "Likely causes, the likeliest first",
		NAMES(ECS = "smtp.causes", SPLUNK = "event.causes", OCSF = "unmapped.smtp.causes")},
	{.name = "finding.checks", .type = FIELDS_TEXTS, .kinds = ALERT, .get = get_checks, .meaning = "What to look at next",
		NAMES(ECS = "smtp.checks", SPLUNK = "event.checks", OCSF = "unmapped.smtp.checks")},
	{.name = "finding.client_reads", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_outlook_code,
		.meaning = "The number that Outlook shows, where that is sure enough",
		NAMES(ECS = "smtp.client_hint.outlook_code", SPLUNK = "event.outlook_code", OCSF = "unmapped.smtp.outlook_code", LEEF = "outlookCode")},
	{.name = "finding.client_reads", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_outlook_text,
		.meaning = "What Outlook says", NAMES(ECS = "smtp.client_hint.outlook_text", SPLUNK = "event.outlook_text")},
	{.name = "finding.client_reads", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_thunderbird_text,
		.meaning = "What Thunderbird says", NAMES(ECS = "smtp.client_hint.thunderbird_text", SPLUNK = "event.thunderbird_text")},
	{.name = "finding.client_reads", .type = FIELDS_TEXT, .kinds = ALERT, .get = get_read_confidence,
		.meaning = "How sure that is: medium or high", NAMES(ECS = "smtp.client_hint.confidence")},
	{.name = "finding.frames", .type = FIELDS_NUMBERS, .kinds = F, .get = get_frames,
		.meaning = "Numbers of the frames that prove it, as Wireshark counts", NAMES(ECS = "smtp.frames", SPLUNK = "event.frames",
			OCSF = "unmapped.smtp.frames")},
	{.name = "finding.evidence", .type = FIELDS_TEXTS, .kinds = F, .get = get_evidence, .cut = FIELDS_CUT_EVIDENCE,
		.meaning = "What client (C:) and server (S:) said in these frames, without secrets",
		NAMES(ECS = "smtp.evidence", SPLUNK = "event.evidence", OCSF = "evidences[].data.transcript")},
	{.name = "finding.details", .type = FIELDS_TEXTS, .kinds = F, .get = get_details, .meaning = "What only this kind of finding tells, as name=value",
		NAMES(ECS = "smtp.details", SPLUNK = "event.details", OCSF = "unmapped.smtp.details")},
	{.kinds = 0},
};
