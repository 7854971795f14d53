/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes a line of the mail log and what is read from it: texts are within the line, printable, and whatever
 * happens in a recipient or a reply, a delivery has a queue id, a recipient and a status.
 */
#include "common/utf8.h"
#include "services/tracker/log_line.h"
#include "services/tracker/postfix_line.h"
#include "tests/fuzz/fuzz.h"

#define NOW ((time_t)1795526283)

static void check_text(const char *text)
{
	char *copy;

	MUST(text != NULL && utf8_is_valid(text));
	copy = strdup(text);
	MUST(copy != NULL);
	utf8_make_printable(copy);
	MUST(strcmp(copy, text) == 0);
	free(copy);
}

static void check_queue_id(const char *queue_id)
{
	size_t length = strlen(queue_id);

	MUST(length >= 1 && length < 64);
	MUST(strspn(queue_id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") ==
	     length);
}

static void check_delivery(const struct journal_delivery *delivery)
{
	check_queue_id(delivery->queue_id);
	check_text(delivery->recipient);
	check_text(delivery->domain);
	check_text(delivery->transport);
	check_text(delivery->egress);
	check_text(delivery->host);
	check_text(delivery->address);
	check_text(delivery->dsn);
	check_text(delivery->reply);
	check_text(delivery->status);
	MUST(delivery->status[0] != '\0' && strchr(delivery->status, ' ') == NULL);
}

static void check_decision(const struct journal_decision *decision)
{
	check_text(decision->queue_id);
	check_text(decision->client);
	check_text(decision->sender);
	check_text(decision->tenant);
	check_text(decision->verdict);
	check_text(decision->filter);
	check_text(decision->status);
	check_text(decision->egress);
	check_text(decision->reply);
	MUST(strchr(decision->reply, '"') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct line_event event;
	struct log_line line;
	char *text = fuzz_text(data, size);

	if (log_line_parse(text, NOW, &line)) {
		MUST(line.at < NOW + 2 * 366 * 86400 || data[0] <= '9');
		postfix_line_parse(line.program, line.text, &event);
		switch (event.kind) {
		case LINE_OTHER:
			break;
		case LINE_SENDER:
			check_text(event.sender);
			check_queue_id(event.queue_id);
			break;
		case LINE_REMOVED:
			check_queue_id(event.queue_id);
			break;
		case LINE_EXPIRED:
		case LINE_DELIVERY:
			check_delivery(&event.delivery);
			break;
		case LINE_DECISION:
			check_decision(&event.decision);
			break;
		}
	}
	free(text);
	return 0;
}
