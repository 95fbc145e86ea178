/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the numbers of TLS are called in https://www.iana.org/assignments/tls-parameters.
 */
#ifndef SMTPSCOPE_REPORT_TLS_NAMES_H
#define SMTPSCOPE_REPORT_TLS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum { TLS_NAMES_SPARE = 8 }; /* room for what has no name: "0x1a2b" */

/* Each returns a constant, or its number in `spare`. Versions are told as "TLS 1.2", alerts as "handshake_failure". */
const char *tls_names_version(uint16_t version, char spare[TLS_NAMES_SPARE]);
const char *tls_names_cipher(uint16_t cipher, char spare[TLS_NAMES_SPARE]);
const char *tls_names_alert(uint8_t description, char spare[TLS_NAMES_SPARE]);

#endif
