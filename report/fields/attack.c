/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/fields/attack.h"

#include <stddef.h>
#include <string.h>

static const struct attack attacks[] = {
	{"T1040", "Network Sniffing", NULL, NULL, "TA0006", "Credential Access"},
	{"T1078", "Valid Accounts", NULL, NULL, "TA0001", "Initial Access"},
	{"T1110", "Brute Force", NULL, NULL, "TA0006", "Credential Access"},
	{"T1110", "Brute Force", "T1110.001", "Password Guessing", "TA0006", "Credential Access"},
	{"T1110", "Brute Force", "T1110.003", "Password Spraying", "TA0006", "Credential Access"},
	{"T1557", "Adversary-in-the-Middle", NULL, NULL, "TA0006", "Credential Access"},
};

const struct attack *attack_find(const char *id) {
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		if (strcmp(attacks[i].sub_id != NULL ? attacks[i].sub_id : attacks[i].id, id) == 0)
			return &attacks[i];
	return NULL;
}
