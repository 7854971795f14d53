/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters that follow a script. */
#include "tests/chain/script_filter.h"
#include <stdlib.h>
#include <string.h>

struct script script;
atomic_int script_news, script_frees, script_calls[SCRIPT_EVENTS];

void script_reset(void)
{
	memset(&script, 0, sizeof(script));
	script_news = script_frees = 0;
	for (int i = 0; i < SCRIPT_EVENTS; i++)
		script_calls[i] = 0;
}

static bool start(const struct filter_context *context, void **process_r, struct error *err)
{
	(void)context;
	(void)err;
	*process_r = malloc(1);
	return true;
}

static void *message_new(void *process)
{
	(void)process;
	script_news++;
	return malloc(1);
}

static void message_free(void *state)
{
	script_frees++;
	free(state);
}

static enum verdict answer(struct session *session, struct message *message, enum script_event at)
{
	if (filter_process(session) == NULL || filter_message(session) == NULL)
		abort();
	if (script.text == NULL)
		return script.verdict[at];
	switch (script.verdict[at]) {
	case VERDICT_CONTINUE:
		break;
	case VERDICT_REJECT:
		return message_reject(message, "5.7.9", "%s", script.text);
	case VERDICT_TEMPFAIL:
		return message_tempfail(message, "4.7.9", "%s", script.text);
	case VERDICT_DISCARD:
		return message_discard(message, "%s", script.text);
	}
	return VERDICT_CONTINUE;
}

static enum verdict script_mail(struct session *session, struct message *message)
{
	if (script.work != NULL)
		script.work();
	return answer(session, message, SCRIPT_MAIL);
}

static enum verdict script_rcpt(struct session *session, struct message *message,
				const struct mailbox *recipient)
{
	if (strcmp(recipient->local, "good") == 0)
		return VERDICT_CONTINUE;
	return answer(session, message, SCRIPT_RCPT);
}

static enum verdict script_data(struct session *session, struct message *message)
{
	return answer(session, message, SCRIPT_DATA);
}

static enum verdict script_eoh(struct session *session, struct message *message)
{
	if (script.change != NULL)
		script.change(message);
	return answer(session, message, SCRIPT_EOH);
}

static enum verdict script_body(struct session *session, struct message *message, const void *chunk,
				size_t length)
{
	(void)chunk;
	(void)length;
	return answer(session, message, SCRIPT_BODY);
}

static enum verdict script_eom(struct session *session, struct message *message)
{
	return answer(session, message, SCRIPT_EOM);
}

const struct filter script_filter = {
    .name = "script",
    .purpose = "does what the test says",
    .needs_body = true,
    .changes = FILTER_CHANGES_HEADERS | FILTER_CHANGES_BODY | FILTER_CHANGES_RECIPIENTS |
	       FILTER_CHANGES_SENDER | FILTER_QUARANTINES,
    .start = start,
    .stop = free,
    .message_new = message_new,
    .message_free = message_free,
    .mail = script_mail,
    .rcpt = script_rcpt,
    .data = script_data,
    .eoh = script_eoh,
    .body = script_body,
    .eom = script_eom,
};

static enum verdict count(enum script_event event)
{
	script_calls[event]++;
	return VERDICT_CONTINUE;
}

static enum verdict count_mail(struct session *session, struct message *message)
{
	(void)session;
	(void)message;
	return count(SCRIPT_MAIL);
}

static enum verdict count_eoh(struct session *session, struct message *message)
{
	(void)session;
	(void)message;
	return count(SCRIPT_EOH);
}

static enum verdict count_eom(struct session *session, struct message *message)
{
	(void)session;
	(void)message;
	return count(SCRIPT_EOM);
}

const struct filter count_filter = {
    .name = "count",
    .purpose = "counts what reaches it",
    .changes = FILTER_CHANGES_HEADERS,
    .mail = count_mail,
    .eoh = count_eoh,
    .eom = count_eom,
};
