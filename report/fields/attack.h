/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of the techniques of MITRE ATT&CK that findings and diagnoses name, and the tactic that each serves here.
 *
 * Names and numbers are those of ATT&CK v19.2 (https://attack.mitre.org; (c) The MITRE Corporation, whose terms of use allow to
 * reproduce them); those that are used are the same in versions before.
 */
#ifndef SMTPSCOPE_REPORT_FIELDS_ATTACK_H
#define SMTPSCOPE_REPORT_FIELDS_ATTACK_H

#define ATTACK_VERSION "19.2"

struct attack {
	const char *id, *name; /* of the technique, without what is behind a dot */
	const char *sub_id, *sub_name; /* NULL: none */
	const char *tactic_id, *tactic_name;
};

/* Finds "T1110.003". NULL: it is not in the table. */
const struct attack *attack_find(const char *id);

#endif
