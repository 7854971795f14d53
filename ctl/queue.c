/* SPDX-License-Identifier: BSD-2-Clause */
/* Postfix's queue, read through postqueue(1). */
#include "ctl/queue.h"
#include "common/text_rule.h"
#include "ctl/run.h"
#include <string.h>

/* One line is one message. */
static bool take_line(const char *line, void (*each)(const struct json *queued, void *context),
		      void *context, struct error *err)
{
	struct json *queued;

	if (!json_parse(line, &queued, err))
		return error_prefix(err, "postqueue -j: ");
	each(queued, context);
	json_drop(queued);
	return true;
}

bool queue_each(const struct ctl *ctl, void (*each)(const struct json *queued, void *context),
		void *context, struct error *err)
{
	const char *directory = config_text(ctl->config, "postfix.config_directory");
	const char *argv[] = {"postqueue", "-c", directory, "-j", NULL};
	char *save = NULL;
	bool ok = true;
	struct run run;

	if (!run_checked(argv, &run, err))
		return false;
	for (char *line = strtok_r(run.out, "\n", &save); ok && line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		ok = take_line(line, each, context, err);
	run_free(&run);
	return ok;
}

/* A message without a time counts as the oldest. */
static void note_oldest(const struct json *queued, void *context)
{
	struct queue_oldest *oldest = context;
	const char *queue_id = json_get_text(queued, "queue_id");
	int64_t arrival = json_get_number(queued, "arrival_time");

	if (oldest->queue_id[0] && arrival >= oldest->arrival)
		return;
	oldest->arrival = arrival;
	text_rule_copy(oldest->queue_id, sizeof(oldest->queue_id), *queue_id ? queue_id : "?");
}

bool queue_find_oldest(const struct ctl *ctl, struct queue_oldest *oldest_r, struct error *err)
{
	*oldest_r = (struct queue_oldest){0};
	return queue_each(ctl, note_oldest, oldest_r, err);
}
