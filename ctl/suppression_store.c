/* SPDX-License-Identifier: BSD-2-Clause */
/* The suppression database for commands. */
#include "common/tenants.h"
#include "ctl/suppression.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct question {
	const char *name;
	int64_t id;
	struct json *names;
};

static bool ask(struct ctl *ctl, ctl_transaction *body, struct question *question,
		struct error *err)
{
	ctl->context = question;
	return ctl_read(ctl, body, err);
}

static bool ask_tenant(struct ctl *ctl, struct db *db, struct error *err)
{
	struct question *question = ctl->context;
	struct tenant_row row;

	if (!tenants_get(db, question->name, &row, err))
		return false;
	question->id = row.id;
	return true;
}

bool suppression_tenant(struct ctl *ctl, const char *name, int64_t *id_r, struct error *err)
{
	struct question question = {.name = name};
	bool done = name == NULL || ask(ctl, ask_tenant, &question, err);

	*id_r = question.id;
	return done;
}

static void key_of(int64_t id, char key_r[24])
{
	snprintf(key_r, 24, "%" PRId64, id);
}

static void take_name(const struct tenant_row *row, void *context)
{
	char key[24];

	key_of(row->id, key);
	json_put_text(context, key, row->name);
}

static bool ask_tenants(struct ctl *ctl, struct db *db, struct error *err)
{
	struct question *question = ctl->context;

	return tenants_list(db, take_name, question->names, err);
}

struct json *suppression_tenants(struct ctl *ctl, struct error *err)
{
	struct question question = {.names = json_new_object()};

	if (ask(ctl, ask_tenants, &question, err))
		return question.names;
	json_drop(question.names);
	return NULL;
}

void suppression_put_tenant(struct json *object, const struct json *names, int64_t id)
{
	char key[24], gone[26];
	const char *name;

	key_of(id, key);
	name = json_get_text(names, key);
	snprintf(gone, sizeof(gone), "#%s", key);
	json_put_text(object, "tenant", name[0] != '\0' ? name : gone);
}

void suppression_format_time(int64_t seconds, char text_r[32])
{
	time_t when = (time_t)seconds;
	struct tm utc;

	text_r[0] = '\0';
	if (seconds != 0 && gmtime_r(&when, &utc) != NULL)
		strftime(text_r, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void suppression_put_time(struct json *object, const char *key, int64_t seconds)
{
	char text[32];

	suppression_format_time(seconds, text);
	json_put_text(object, key, text[0] != '\0' ? text : NULL);
}

static bool transaction(struct ctl *ctl, enum store_mode mode, suppression_body *body,
			void *context, struct error *err)
{
	struct suppressions *suppressions;
	bool done;

	if (!suppressions_open(ctl->config, mode, &suppressions, err))
		return false;
	done = suppressions_begin(suppressions, err) && body(context, suppressions, err) &&
	       suppressions_commit(suppressions, err);
	suppressions_close(suppressions);
	return done;
}

bool suppression_read(struct ctl *ctl, suppression_body *body, void *context, struct error *err)
{
	return transaction(ctl, STORE_READ, body, context, err);
}

bool suppression_change(struct ctl *ctl, suppression_body *body, void *context, struct error *err)
{
	return transaction(ctl, STORE_WRITE, body, context, err);
}

bool suppression_forget_tenant(struct ctl *ctl, int64_t tenant_id, struct error *err)
{
	struct suppressions *suppressions;
	bool done;

	if (access(config_text(ctl->config, "suppression"), F_OK) != 0)
		return true;
	if (!suppressions_open(ctl->config, STORE_WRITE, &suppressions, err))
		return false;
	done = suppressions_begin(suppressions, err) &&
	       suppressions_forget(suppressions, tenant_id, err) &&
	       suppressions_commit(suppressions, err);
	suppressions_close(suppressions);
	return done;
}
