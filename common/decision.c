/* SPDX-License-Identifier: BSD-2-Clause */
/* The decision record as a log line and as JSON. */
#include "common/decision.h"
#include "common/utf8.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const verdict_names[] = {
    [DECISION_NONE] = "none",       [DECISION_ACCEPT] = "accept",
    [DECISION_REJECT] = "reject",   [DECISION_TEMPFAIL] = "tempfail",
    [DECISION_DISCARD] = "discard", [DECISION_QUARANTINE] = "quarantine",
};

const char *decision_verdict_name(enum decision_verdict verdict)
{
	return verdict_names[verdict];
}

/* Octets of the blank that `text` begins with; 0 for none. Many log readers split at these too. */
static size_t blank_length(const char *text)
{
	static const char *const blanks[] = {
	    "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
	    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
	    "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89",
	    "\xe2\x80\x8a", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	if (*text == ' ')
		return 1;
	if ((unsigned char)*text < 128)
		return 0;
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
		if (strncmp(text, blanks[i], strlen(blanks[i])) == 0)
			return strlen(blanks[i]);
	return 0;
}

/* Takes from a value what would end a quoted text. */
static void neutralize_text(char *value)
{
	utf8_make_printable(value);
	for (; *value != '\0'; value++)
		if (*value == '"')
			*value = '\'';
		else if (*value == '\\')
			*value = '/';
}

/* Takes from a value what would end a bare word. */
static void neutralize_word(char *value)
{
	neutralize_text(value);
	while (*value != '\0') {
		size_t length = blank_length(value);

		memset(value, '_', length);
		value += length > 0 ? length : 1;
	}
}

void decision_format(const struct decision *decision, char *line_r, size_t size)
{
	struct decision d = *decision;

	neutralize_word(d.queue_id);
	neutralize_word(d.client);
	neutralize_word(d.helo);
	neutralize_word(d.sender);
	neutralize_word(d.tenant);
	neutralize_word(d.filter);
	neutralize_word(d.status);
	neutralize_word(d.egress);
	neutralize_word(d.return_path);
	neutralize_word(d.spf);
	neutralize_word(d.signatures);
	neutralize_text(d.text);
	snprintf(line_r, size,
		 "decision id=%s client=%s helo=%s from=<%s> rcpts=%zu tenant=%s verdict=%s "
		 "filter=%s code=%d status=%s egress=%s way=%s return_path=<%s> spf=%s dkim=%s "
		 "generation=%" PRId64 " us=%" PRId64 " text=\"%s\"",
		 d.queue_id, d.client, d.helo, d.sender, d.recipients, d.tenant,
		 decision_verdict_name(d.verdict), d.filter, d.code, d.status, d.egress,
		 egress_way_name(d.way), d.return_path, d.spf, d.signatures, d.generation,
		 d.elapsed_us, d.text);
}

/* The SMTP reply as the client saw it; "" before there was one. */
static void format_reply(const struct decision *decision, char *reply_r, size_t size)
{
	/* With a 250 the text is a note of ours: the client sees what Postfix says. */
	const char *text = decision->code == 250 ? "Ok" : decision->text;

	reply_r[0] = '\0';
	if (decision->code != 0)
		snprintf(reply_r, size, "%d%s%s%s%s", decision->code,
			 decision->status[0] != '\0' ? " " : "", decision->status,
			 text[0] != '\0' ? " " : "", text);
}

struct json *decision_to_json(const struct decision *decision)
{
	struct json *json = json_new_object();
	char reply[sizeof(decision->status) + sizeof(decision->text) + 16];

	format_reply(decision, reply, sizeof(reply));
	json_put_text(json, "verdict", decision_verdict_name(decision->verdict));
	json_put_text(json, "reply", reply);
	json_put_text(json, "filter", decision->filter);
	json_put_text(json, "tenant", decision->tenant);
	json_put_text(json, "egress", decision->egress);
	json_put_text(json, "way", egress_way_name(decision->way));
	json_put_text(json, "return_path", decision->return_path);
	json_put_text(json, "spf", decision->spf);
	json_put_text(json, "dkim", decision->signatures);
	json_put_text(json, "queue_id", decision->queue_id);
	json_put_text(json, "client", decision->client);
	json_put_text(json, "helo", decision->helo);
	json_put_text(json, "sender", decision->sender);
	json_put_number(json, "recipients", (int64_t)decision->recipients);
	json_put_number(json, "code", decision->code);
	json_put_text(json, "status", decision->status);
	json_put_text(json, "text", decision->text);
	json_put_number(json, "generation", decision->generation);
	json_put_number(json, "elapsed_us", decision->elapsed_us);
	return json;
}
