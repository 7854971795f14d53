/* SPDX-License-Identifier: BSD-2-Clause */
/* Mail that comes back, from anybody: what is read of it is bounded, one line each, and means one thing. */
#include "common/bounce_class.h"
#include "tests/fuzz/fuzz.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct bounce_rules *rules;
static struct bounce_report report;

static void require_line(const char *text, size_t size)
{
	MUST(memchr(text, '\0', size) != NULL);
	for (; *text != '\0'; text++)
		MUST((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_recipient(size_t at)
{
	const struct bounce_recipient *recipient = &report.recipients[at];
	struct bounce_ruling ruling = bounce_classify(rules, &report, at);

	require_line(recipient->address, sizeof(recipient->address));
	require_line(recipient->status, sizeof(recipient->status));
	require_line(recipient->text, sizeof(recipient->text));
	MUST(ruling.class != BOUNCE_AUTOMATIC);
	MUST((ruling.class == BOUNCE_UNWANTED) == (report.kind == BOUNCE_COMPLAINT));
	MUST(recipient->action == BOUNCE_FAILED || ruling.class == BOUNCE_OTHER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err;

	if (rules == NULL)
		MUST(bounce_rules_load("/nowhere/replies", &rules, &err));
	bounce_read(data, size, &report);
	MUST(report.count <= BOUNCE_RECIPIENTS_MAX);
	MUST(report.count == 0 || report.kind == BOUNCE_REPORT || report.kind == BOUNCE_COMPLAINT);
	require_line(report.body, sizeof(report.body));
	require_line(report.from, sizeof(report.from));
	require_line(report.subject, sizeof(report.subject));
	require_line(report.returned_path, sizeof(report.returned_path));
	require_line(report.returned_to, sizeof(report.returned_to));
	require_line(report.returned_id, sizeof(report.returned_id));
	for (size_t i = 0; i < report.count; i++)
		check_recipient(i);
	(void)bounce_classify_message(rules, &report);
	return 0;
}
