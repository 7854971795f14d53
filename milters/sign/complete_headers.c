/* SPDX-License-Identifier: BSD-2-Clause */
/* Adds what is missing, folds what is too long. */
#include "milters/sign/complete_headers.h"
#include "common/crypto.h"
#include "milters/sign/wire_lines.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* RFC 5322 section 3.3, in UTC and whatever the locale. */
static void add_date(struct message *message, time_t now)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char text[64];
	struct tm tm;

	gmtime_r(&now, &tm);
	snprintf(text, sizeof(text), "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday],
		 tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		 tm.tm_sec);
	message_header_add(message, "Date", text);
}

static bool add_message_id(struct message *message, const char *domain, time_t now,
			   struct error *err)
{
	char text[DOMAIN_SIZE + 64];
	uint64_t random;

	if (!crypto_random(&random, sizeof(random), err))
		return false;
	snprintf(text, sizeof(text), "<%" PRIx64 ".%016" PRIx64 "@%s>", (uint64_t)now, random,
		 domain);
	message_header_add(message, "Message-ID", text);
	return true;
}

bool complete_headers(struct message *message, const char *domain, time_t now, struct error *err)
{
	size_t at;

	if (!message_header_find(message, "Date", 0, &at))
		add_date(message, now);
	if (!message_header_find(message, "Message-ID", 0, &at) &&
	    !add_message_id(message, domain, now, err))
		return false;
	for (at = 0; at < message_header_count(message); at++) {
		const struct header *header = message_header_at(message, at);
		char *folded = wire_header_fold(header->name, header->value);

		if (folded != NULL)
			message_header_replace(message, at, folded);
		free(folded);
	}
	return true;
}
