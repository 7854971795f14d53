/* SPDX-License-Identifier: BSD-2-Clause */
/* What tenants read about viruses in their mail. */
#include "ctl/notice_mail.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For a header: what is not ASCII comes out as `?`. */
static void put_ascii(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text >= ' ' && *text <= '~' ? *text : '?', out);
}

/* In UTC, as RFC 5322 has it; programs of ours never set a locale. */
static void put_date(FILE *out, time_t when)
{
	char text[64];
	struct tm utc;

	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&when, &utc));
	fputs(text, out);
}

static void put_headers(FILE *out, const struct notice_sender *sender, const char *name,
			const struct notice *notice, time_t now)
{
	fprintf(out, "From: %s\nTo: %s\nSubject: Virus in mail of %s: ", sender->from,
		notice->fields[NOTICE_TO], notice->fields[NOTICE_TENANT]);
	put_ascii(out, notice->fields[NOTICE_SIGNATURE]);
	fputs("\nDate: ", out);
	put_date(out, now);
	fprintf(out, "\nMessage-ID: <%s@%s>\n", name, sender->hostname);
	fputs("Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	      "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n",
	      out);
}

static void put_body(FILE *out, const struct notice *notice)
{
	const char *const *fields = notice->fields;
	const char *sender = fields[NOTICE_SENDER];

	fprintf(out,
		"A virus was found in a message that the mail servers of %s handed in.\n\n"
		"Virus:     %s\nFound in:  %s\nSender:    %s\nServer:    %s\nTime:      ",
		fields[NOTICE_TENANT], fields[NOTICE_SIGNATURE], fields[NOTICE_PART],
		sender[0] != '\0' ? sender : "<>", fields[NOTICE_CLIENT]);
	put_date(out, notice->found);
	fprintf(out,
		"\nQueue ID:  %s\nThe message was %s.\n\n"
		"This is the only notice about this virus today, however often it is found.\n",
		fields[NOTICE_QUEUE_ID], fields[NOTICE_ACTION]);
}

char *notice_mail(const struct notice_sender *sender, const char *name, const struct notice *notice,
		  time_t now)
{
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	if (out == NULL)
		abort();
	put_headers(out, sender, name, notice, now);
	put_body(out, notice);
	if (fclose(out) != 0)
		abort();
	return text;
}
