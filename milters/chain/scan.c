/* SPDX-License-Identifier: BSD-2-Clause */
/* Spools a message for the scanner and keeps its answer. */
#include "milters/chain/scan.h"
#include "common/log.h"
#include "common/scan_client.h"
#include "common/spool.h"
#include "milters/chain/headers.h"
#include "milters/chain/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond the scanner's own times: it always answers unless it is gone. */
#define ANSWER_MARGIN_MS 2000

struct message_copy {
	struct spool *spool; /* NULL: could not be made; `failure` says why */
	struct error failure;
	bool wants_verdict, wants_facts;
	bool sealed;
	bool asked;
	struct scan_answer answer;
	struct message_facts *facts; /* NULL: none */
	struct spool_view view;      /* of the message; none before it is asked for */
};

void scan_source_read(const struct config *config, struct scan_source *source_r)
{
	source_r->socket_path = config_text(config, "scanner.socket");
	source_r->timeout_ms = (int)(config_number(config, "scanner.queue_timeout") +
				     config_number(config, "scanner.timeout") + ANSWER_MARGIN_MS);
}

struct message_copy *message_copy_new(size_t max_bytes, bool verdict, bool facts)
{
	struct message_copy *copy = memory_new(1, sizeof(*copy));

	copy->wants_verdict = verdict;
	copy->wants_facts = facts;
	if (!spool_new(max_bytes, &copy->spool, &copy->failure))
		copy->spool = NULL;
	return copy;
}

void message_copy_free(struct message_copy *copy)
{
	if (copy == NULL)
		return;
	spool_view_close(&copy->view);
	message_facts_free(copy->facts);
	spool_free(copy->spool);
	free(copy);
}

/* After a failure the spool takes nothing more and cannot be sealed: the first reason stays. */
static void append(struct message_copy *copy, const void *data, size_t length)
{
	struct error err;

	if (copy->spool != NULL && !spool_append(copy->spool, data, length, &err) &&
	    copy->failure.text[0] == '\0')
		copy->failure = err;
}

/* One field as SMTP has it: the model's folds are LF. */
static void append_header(struct message_copy *copy, const struct header *header)
{
	const char *line = header->value;

	append(copy, header->name, strlen(header->name));
	append(copy, ":", 1);
	for (;;) {
		size_t length = strcspn(line, "\n");

		append(copy, line, length);
		if (line[length] == '\0' || line[length + 1] == '\0')
			break;
		append(copy, length > 0 && line[length - 1] == '\r' ? "\n" : "\r\n",
		       length > 0 && line[length - 1] == '\r' ? 1 : 2);
		line += length + 1;
	}
	append(copy, "\r\n", 2);
}

void message_copy_headers(struct message *message)
{
	if (message->copy == NULL)
		return;
	for (size_t i = 0; i < headers_count(message->headers); i++)
		append_header(message->copy, headers_at(message->headers, i));
	append(message->copy, "\r\n", 2);
}

void message_copy_body(struct message *message, const void *chunk, size_t length)
{
	if (message->copy != NULL)
		append(message->copy, chunk, length);
}

/* A message over our own limit is unknown for that reason alone, which policy may treat apart. */
static void answer_unspooled(struct message_copy *copy)
{
	scan_answer_unknown(&copy->answer, "%.160s", copy->failure.text);
	if (copy->spool != NULL && spool_is_over_limit(copy->spool))
		copy->answer.flags |= SCAN_OVER_LIMIT;
}

/* False: what was kept is not all, or cannot be handed on; `failure` says why. */
static bool seal(struct message_copy *copy)
{
	struct error err;

	if (!copy->sealed && copy->spool != NULL && !spool_seal(copy->spool, &err) &&
	    copy->failure.text[0] == '\0')
		copy->failure = err;
	copy->sealed = true;
	return copy->failure.text[0] == '\0';
}

const struct scan_answer *message_scan(struct message *message, const struct scan_source *source)
{
	struct message_copy *copy = message->copy;
	struct scan_request request = {.flags = copy->wants_verdict ? 0 : SCAN_REQUEST_UNSCANNED};

	if (copy->asked)
		return &copy->answer;
	copy->asked = true;
	snprintf(request.id, sizeof(request.id), "%s", message->decision.queue_id);
	if (!seal(copy))
		answer_unspooled(copy);
	else
		scan_client_ask(source->socket_path, copy->spool, &request, source->timeout_ms,
				&copy->answer, copy->wants_facts ? &copy->facts : NULL);
	return &copy->answer;
}

const struct message_facts *message_facts(struct message *message, const struct scan_source *source)
{
	(void)message_scan(message, source);
	return message->copy->facts;
}

const char *message_facts_why(const struct message *message)
{
	const struct scan_answer *answer = &message->copy->answer;

	return answer->facts_why[0] != '\0' ? answer->facts_why : answer->why;
}

const char *message_copy_data(struct message *message, size_t *length_r)
{
	struct message_copy *copy = message->copy;
	struct error err;

	if (!seal(copy))
		return NULL;
	*length_r = spool_length(copy->spool);
	if (copy->view.data == NULL &&
	    !spool_view_open(spool_fd(copy->spool), *length_r, &copy->view, &err))
		log_error("the copy of a message cannot be read: %s", err.text);
	return copy->view.data;
}
