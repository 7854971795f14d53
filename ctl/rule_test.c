/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl rule test: which rules a message in a file meets, and what would be done. */
#include "common/content_decide.h"
#include "common/content_defaults.h"
#include "common/content_rule_store.h"
#include "common/scan_client.h"
#include "common/setting_rows.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MARGIN_MS 2000

/* What the database says, and the message. */
struct trial {
	struct content_case content;
	struct content_rules *provider, *defaults, *tenant;
	struct setting_value settings[SETTING_COUNT];
	char *texts[SETTING_COUNT]; /* what settings point at */
	const char *recipients[COMMAND_OPTIONS_MAX];
	struct message_facts *facts;
};

static bool read_settings(struct db *db, const char *tenant, struct trial *trial, struct error *err)
{
	for (int id = 0; id < SETTING_COUNT; id++) {
		struct setting_row row;

		if (!setting_rows_get(db, tenant, setting_definitions[id].name, &row, err))
			return false;
		trial->texts[id] = strdup(row.value);
		if (trial->texts[id] == NULL)
			abort();
		if (!setting_parse((enum setting_id)id, trial->texts[id], &trial->settings[id],
				   err))
			return false;
	}
	return true;
}

static bool read_rules(struct ctl *ctl, struct db *db, struct error *err)
{
	struct trial *trial = ctl->context;
	const char *tenant = ctl_option(ctl, "--tenant");
	struct tenant_row row;

	if (!read_settings(db, tenant, trial, err) ||
	    !content_rules_load(db, 0, &trial->provider, err))
		return false;
	return tenant == NULL || (tenants_get(db, tenant, &row, err) &&
				  content_rules_load(db, row.id, &trial->tenant, err));
}

static bool prepare(struct ctl *ctl, struct trial *trial, struct error *err)
{
	ctl->context = trial;
	return ctl_read(ctl, read_rules, err);
}

/* Lines as SMTP has them. */
static bool spool_file(FILE *in, struct spool *spool, struct error *err)
{
	int c, before = '\n';

	while ((c = getc(in)) != EOF) {
		char octet = (char)c;

		if (c == '\n' && before != '\r' && !spool_append(spool, "\r", 1, err))
			return false;
		if (!spool_append(spool, &octet, 1, err))
			return false;
		before = c;
	}
	if (before != '\n' && !spool_append(spool, "\r\n", 2, err))
		return false;
	return !ferror(in) || error_set(err, "the message cannot be read: %s", strerror(errno));
}

static bool ask_scanner(const struct ctl *ctl, struct spool *spool, struct trial *trial,
			struct error *err)
{
	int timeout_ms = (int)(config_number(ctl->config, "scanner.queue_timeout") +
			       config_number(ctl->config, "scanner.timeout") + ANSWER_MARGIN_MS);
	struct scan_request request = {.flags = SCAN_REQUEST_UNSCANNED, .id = "rule test"};
	struct scan_answer answer;

	if (!spool_seal(spool, err))
		return false;
	scan_client_ask(config_text(ctl->config, "scanner.socket"), spool, &request, timeout_ms,
			&answer, &trial->facts);
	if (trial->facts == NULL)
		return error_set(err, "scanner: %s: %s", scan_verdict_name(answer.verdict),
				 answer.facts_why);
	trial->content.input.facts = trial->facts;
	trial->content.input.size = spool_length(spool);
	return true;
}

static bool look_into(const struct ctl *ctl, FILE *in, struct trial *trial, struct error *err)
{
	size_t limit = (size_t)config_number(ctl->config, "scanner.max_message_bytes");
	struct spool *spool;
	bool done;

	if (!spool_new(limit, &spool, err))
		return false;
	done = spool_file(in, spool, err) && ask_scanner(ctl, spool, trial, err);
	spool_free(spool);
	return done;
}

static bool open_and_look(const struct ctl *ctl, struct trial *trial, struct error *err)
{
	const char *path = ctl_argument(ctl, 0);
	bool standard = strcmp(path, "-") == 0, done;
	FILE *in = standard ? stdin : fopen(path, "r");

	if (in == NULL)
		return error_set(err, "%s: %s", path, strerror(errno));
	done = look_into(ctl, in, trial, err);
	if (!standard)
		fclose(in);
	return done;
}

static void append_hits(struct json *rows, const char *owner, const struct content_hits *hits,
			const struct trial *trial)
{
	for (size_t i = 0; i < hits->count; i++) {
		const struct content_rule *rule = hits->items[i].rule;
		struct json *object = json_new_object();
		char name[32];

		snprintf(name, sizeof(name), "%lld", (long long)rule->number);
		if (rule->number < 0) {
			const struct content_default *built_in =
			    &content_defaults[-1 - rule->number];

			json_put_text(object, "rule", built_in->name);
			json_put_text(object, "action", trial->texts[built_in->setting]);
		} else {
			json_put_text(object, "rule", name);
			json_put_text(object, "action", content_action_word(rule->action));
		}
		json_put_text(object, "owner", owner);
		json_put_text(object, "where", hits->items[i].where);
		json_append(rows, object);
	}
}

static const char *action_name(enum message_action action)
{
	switch (action) {
	case ACTION_ACCEPT:
	case ACTION_TAG:
		return "accept";
	case ACTION_TEMPFAIL:
		return "tempfail";
	case ACTION_QUARANTINE:
		return "quarantine";
	case ACTION_DISCARD:
		return "discard";
	case ACTION_REJECT:
		return "reject";
	}
	abort();
}

static void show(struct ctl *ctl, const struct trial *trial, const struct content_ruling *ruling)
{
	const char *tenant = ctl_option(ctl, "--tenant");
	struct json *object = json_new_object(), *hits = json_new_array();

	append_hits(hits, "provider", &ruling->provider, trial);
	append_hits(hits, "built-in", &ruling->defaults, trial);
	append_hits(hits, tenant != NULL ? tenant : "", &ruling->tenant, trial);
	if (!ctl->json && json_count(hits) > 0)
		output_list(ctl, "rule owner action where", json_clone(hits));
	json_put_text(object, "verdict", action_name(ruling->action));
	json_put_text(object, "text", ruling->text);
	json_put_text(object, "tag", ruling->tag);
	json_put(object, "hits", hits);
	output_object(ctl, "verdict text tag", object);
}

static void gather_envelope(const struct ctl *ctl, struct trial *trial)
{
	const char *sender = ctl_option(ctl, "--from");
	struct content_input *input = &trial->content.input;

	input->sender = sender != NULL ? sender : "";
	input->recipients = trial->recipients;
	for (size_t i = 0; i < ctl->option_count; i++) {
		if (strcmp(ctl->options[i].name, "--to") == 0)
			trial->recipients[input->recipient_count++] = ctl->options[i].value;
	}
}

static void trial_end(struct trial *trial)
{
	for (int id = 0; id < SETTING_COUNT; id++)
		free(trial->texts[id]);
	content_rules_release(trial->provider);
	content_rules_release(trial->defaults);
	content_rules_release(trial->tenant);
	message_facts_free(trial->facts);
}

bool ctl_rule_test(struct ctl *ctl, struct error *err)
{
	struct trial trial = {0};
	struct content_ruling ruling;
	bool done;

	trial.defaults = content_defaults_new();
	gather_envelope(ctl, &trial);
	done = prepare(ctl, &trial, err) && open_and_look(ctl, &trial, err);
	if (done) {
		trial.content.provider = trial.provider;
		trial.content.defaults = trial.defaults;
		trial.content.tenant = trial.tenant;
		trial.content.settings = trial.settings;
		content_decide(&trial.content, &ruling);
		show(ctl, &trial, &ruling);
		content_ruling_free(&ruling);
	}
	trial_end(&trial);
	return done;
}
