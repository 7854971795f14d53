/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that prove themselves: payment cards (ISO/IEC 7812) and IBANs (ISO 13616). Pure functions. */
#ifndef EASYMAIL_CONTENT_NUMBERS_H
#define EASYMAIL_CONTENT_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#define NUMBERS_KEPT_MAX 64 /* beyond these every one counts as different */

/* The different numbers seen so far; starts as zeroes. */
struct content_numbers {
	size_t count;
	uint64_t seen[NUMBERS_KEPT_MAX]; /* digests */
};

/*
 * Card numbers of the great issuers: 13 to 19 digits, together or in groups with one blank or hyphen between,
 * not part of a longer number, with the right Luhn digit.
 */
void content_numbers_cards(struct content_numbers *numbers, const char *text, size_t length)
    __attribute__((nonnull));

/* IBANs of the countries that have them, together or in groups with a blank between, with the right check digits. */
void content_numbers_ibans(struct content_numbers *numbers, const char *text, size_t length)
    __attribute__((nonnull));

#endif
