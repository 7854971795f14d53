/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl quarantine: what the filters put into Postfix's hold queue. */
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/queue.h"
#include "ctl/run.h"
#include <string.h>
#include <strings.h>
#include <time.h>

/* The chain's header: `TENANT FILTER: REASON`. Held mail without it was held by somebody else. */
#define QUARANTINE_HEADER "X-Easymail-Quarantine:"

static const char *config_directory(const struct ctl *ctl)
{
	return config_text(ctl->config, "postfix.config_directory");
}

/* The text of a held message's header section; false: not in the queue, or not readable. */
static bool read_headers(const struct ctl *ctl, const char *queue_id, struct run *run_r,
			 struct error *err)
{
	const char *argv[] = {"postcat", "-c", config_directory(ctl), "-hq", queue_id, NULL};

	return run_checked(argv, run_r, err);
}

/* Splits the header's value in place; false: the message was not held by us. */
static bool find_reason(char *headers, char **tenant_r, char **filter_r, char **reason_r)
{
	for (char *line = headers; line != NULL; line = strchr(line, '\n')) {
		char *save = NULL;

		line += *line == '\n';
		if (strncasecmp(line, QUARANTINE_HEADER, strlen(QUARANTINE_HEADER)) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		*tenant_r = strtok_r(line + strlen(QUARANTINE_HEADER), " ", &save);
		*filter_r = strtok_r(NULL, ":", &save);
		*reason_r = strtok_r(NULL, "", &save);
		return *tenant_r != NULL && *filter_r != NULL && *reason_r != NULL;
	}
	return false;
}

static struct json *recipients_json(const struct json *queued)
{
	const struct json *from = json_get(queued, "recipients");
	struct json *list = json_new_array();

	for (size_t i = 0; from != NULL && i < json_count(from); i++)
		json_append_text(list, json_get_text(json_at(from, i), "address"));
	return list;
}

/* NULL when the message is not one of ours. */
static struct json *describe(const struct json *queued, char *headers)
{
	char *tenant, *filter, *reason;
	struct json *object;

	if (!find_reason(headers, &tenant, &filter, &reason))
		return NULL;
	object = json_new_object();
	json_put_text(object, "id", json_get_text(queued, "queue_id"));
	json_put_time(object, "since", json_get_number(queued, "arrival_time"));
	json_put_text(object, "tenant", tenant);
	json_put_text(object, "filter", filter);
	json_put_text(object, "reason", reason + strspn(reason, " "));
	json_put_text(object, "from", json_get_text(queued, "sender"));
	json_put(object, "to", recipients_json(queued));
	json_put_number(object, "size", json_get_number(queued, "message_size"));
	return object;
}

struct gathering {
	const struct ctl *ctl;
	struct json *rows;
};

/* A message that left the queue meanwhile is no error. */
static void gather_held(const struct json *queued, void *context)
{
	const struct gathering *gathering = context;
	struct json *object;
	struct error gone;
	struct run run;

	if (strcmp(json_get_text(queued, "queue_name"), "hold") != 0 ||
	    !read_headers(gathering->ctl, json_get_text(queued, "queue_id"), &run, &gone))
		return;
	object = describe(queued, run.out);
	run_free(&run);
	if (object != NULL)
		json_append(gathering->rows, object);
}

/* The held messages of ours, as an array; NULL: the queue could not be read. */
static struct json *gather(const struct ctl *ctl, struct error *err)
{
	struct gathering gathering = {ctl, json_new_array()};

	if (queue_each(ctl, gather_held, &gathering, err))
		return gathering.rows;
	json_drop(gathering.rows);
	return NULL;
}

bool ctl_quarantine_list(struct ctl *ctl, struct error *err)
{
	const char *tenant = ctl_argument(ctl, 0);
	struct json *all = gather(ctl, err), *rows;

	if (all == NULL)
		return false;
	rows = json_new_array();
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *row = json_at(all, i);

		if (tenant == NULL || strcmp(json_get_text(row, "tenant"), tenant) == 0)
			json_append(rows, json_clone(row));
	}
	json_drop(all);
	output_list(ctl, "id since tenant filter reason from to size", rows);
	return true;
}

/* The held message of that queue ID; the caller drops it. */
static bool find_held(const struct ctl *ctl, const char *queue_id, struct json **object_r,
		      struct error *err)
{
	struct json *all = gather(ctl, err);

	*object_r = NULL;
	if (all == NULL)
		return false;
	for (size_t i = 0; i < json_count(all) && *object_r == NULL; i++) {
		if (strcmp(json_get_text(json_at(all, i), "id"), queue_id) == 0)
			*object_r = json_clone(json_at(all, i));
	}
	json_drop(all);
	return *object_r != NULL ||
	       error_set(err,
			 "queue ID %s: easymail holds no such message; see `easymailctl quarantine "
			 "list`",
			 queue_id);
}

bool ctl_quarantine_show(struct ctl *ctl, struct error *err)
{
	const char *argv[] = {"postcat", "-c", config_directory(ctl), "-hbq", ctl_argument(ctl, 0),
			      NULL};
	struct json *object;
	struct run run;

	if (!find_held(ctl, ctl_argument(ctl, 0), &object, err))
		return false;
	if (!run_checked(argv, &run, err)) {
		json_drop(object);
		return false;
	}
	json_put_text(object, "message", run.out);
	output_object(ctl, "id since tenant filter reason from to size", object);
	if (!ctl->json)
		printf("\n%s", run.out);
	run_free(&run);
	return true;
}

/* `postsuper FLAG ID`, for a message of ours only. */
static bool supervise(struct ctl *ctl, const char *flag, const char *done, struct error *err)
{
	const char *argv[] = {"postsuper", "-c", config_directory(ctl), flag, ctl_argument(ctl, 0),
			      "hold",      NULL};
	struct json *object;

	if (!find_held(ctl, ctl_argument(ctl, 0), &object, err))
		return false;
	json_drop(object);
	if (!run_checked(argv, NULL, err))
		return false;
	output_done(ctl, "message %s: %s", ctl_argument(ctl, 0), done);
	return true;
}

bool ctl_quarantine_release(struct ctl *ctl, struct error *err)
{
	return supervise(ctl, "-H", "released for delivery", err);
}

bool ctl_quarantine_delete(struct ctl *ctl, struct error *err)
{
	return supervise(ctl, "-d", "deleted", err);
}
