/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what rspamd says, has it decided and does it. */
#include "milters/content/antispam.h"
#include "common/clock.h"
#include "common/log.h"
#include "milters/chain/memory.h"
#include "milters/chain/scan.h"
#include "milters/content/antispam_breaker.h"
#include "milters/content/antispam_excerpt.h"
#include "milters/content/antispam_policy.h"
#include "milters/content/antispam_print.h"
#include "milters/content/antispam_reuse.h"
#include "milters/content/rspamd_client.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RECIPIENTS_MAX 1000 /* that rspamd is told of */

enum engine {
	ENGINE_NONE,
	ENGINE_RSPAMD,
};

struct antispam {
	enum engine engine;
	const char *socket_path;      /* borrowed from the configuration */
	struct rspamd_client *client; /* NULL without an engine */
	struct breaker breaker;
	struct scan_source scanner; /* who knows the facts that a fingerprint is made of */
	struct reuse *reuse;
	atomic_ullong answered, failed, reused;
};

bool antispam_new(const struct config *config, struct antispam **antispam_r, struct error *err)
{
	struct antispam *antispam = memory_new(1, sizeof(*antispam));

	antispam->engine = (enum engine)config_number(config, "antispam.engine");
	antispam->socket_path = config_text(config, "antispam.socket");
	if (antispam->engine == ENGINE_RSPAMD &&
	    !rspamd_client_new(antispam->socket_path,
			       (int)config_number(config, "antispam.timeout"), &antispam->client,
			       err)) {
		free(antispam);
		return false;
	}
	scan_source_read(config, &antispam->scanner);
	antispam->reuse = reuse_new();
	breaker_init(&antispam->breaker,
		     (unsigned)config_number(config, "antispam.breaker_failures"),
		     config_number(config, "antispam.breaker_pause"));
	*antispam_r = antispam;
	return true;
}

void antispam_free(struct antispam *antispam)
{
	if (antispam == NULL)
		return;
	rspamd_client_free(antispam->client);
	reuse_free(antispam->reuse);
	breaker_destroy(&antispam->breaker);
	free(antispam);
}

static void fail(struct antispam_finding *finding, const char *why)
{
	finding->answered = false;
	snprintf(finding->why, sizeof(finding->why), "%.180s", why);
}

/* One log line when the engine goes and one when it comes back, beside those of the messages. */
static void note_change(const struct antispam *antispam, enum breaker_change change,
			const char *why)
{
	switch (change) {
	case BREAKER_UNCHANGED:
	case BREAKER_REOPENED:
		return;
	case BREAKER_OPENED:
		log_error("antispam: rspamd on %s is not asked for a while: %s",
			  antispam->socket_path, why);
		return;
	case BREAKER_RECLOSED:
		log_info("antispam: rspamd on %s answers again", antispam->socket_path);
		return;
	}
}

static bool exchange(const struct antispam *antispam, const struct rspamd_query *query,
		     struct antispam_finding *finding)
{
	struct error err;
	char *answer;

	if (!rspamd_client_ask(antispam->client, query, &answer, &err)) {
		fail(finding, err.text);
		return false;
	}
	finding->answered = rspamd_reply_parse(answer, &finding->reply, &err);
	free(answer);
	if (!finding->answered)
		fail(finding, err.text);
	return finding->answered;
}

static void ask(struct antispam *antispam, const struct rspamd_query *query,
		struct antispam_finding *finding)
{
	bool answered;

	if (!breaker_may_ask(&antispam->breaker, clock_ms())) {
		fail(finding, "rspamd has failed too often and is not asked for a while");
		return;
	}
	answered = exchange(antispam, query, finding);
	note_change(antispam, breaker_report(&antispam->breaker, answered, clock_ms()),
		    finding->why);
}

static const char **gather_recipients(const struct message *message, size_t *count_r)
{
	size_t count = message_recipient_count(message);
	const char **recipients = memory_new(count, sizeof(*recipients));

	*count_r = count < RECIPIENTS_MAX ? count : RECIPIENTS_MAX;
	for (size_t i = 0; i < *count_r; i++)
		recipients[i] = message_recipient_at(message, i);
	return recipients;
}

/* Asks about the message, or as much of it as rspamd is to read. */
static void ask_about(struct antispam *antispam, struct message *message,
		      struct rspamd_query *query, struct antispam_finding *finding_r)
{
	int64_t limit = message->policy->settings[SETTING_ANTISPAM_ATTACHMENT_BYTES].number;
	const struct message_facts *facts;
	char *excerpt = NULL;

	query->data = message_copy_data(message, &query->length);
	if (query->data == NULL) {
		fail(finding_r, "the message could not be kept for it");
		return;
	}
	facts = limit > 0 && query->length > (size_t)limit
		    ? message_facts(message, &antispam->scanner)
		    : NULL;
	if (facts != NULL)
		excerpt = antispam_excerpt(facts, query->data, query->length, (size_t)limit,
					   &query->length);
	if (excerpt != NULL)
		query->data = excerpt;
	ask(antispam, query, finding_r);
	free(excerpt);
}

static void gather(struct antispam *antispam, const struct session *session,
		   struct message *message, struct antispam_finding *finding_r)
{
	struct rspamd_query query = {
	    .sender = message->sender.address,
	    .client = session->client_text,
	    .client_name = strcmp(session->client_name, "unknown") == 0 ? "" : session->client_name,
	    .helo = session->helo,
	    .queue_id = message->decision.queue_id,
	    .tenant = message->policy->tenant,
	};
	const char **recipients;

	memset(finding_r, 0, sizeof(*finding_r));
	recipients = gather_recipients(message, &query.recipient_count);
	query.recipients = recipients;
	ask_about(antispam, message, &query, finding_r);
	free((void *)recipients);
	atomic_fetch_add(finding_r->answered ? &antispam->answered : &antispam->failed, 1);
}

/* False: the message is like no other, or none of its tenant's may go by another's verdict. */
static bool make_print(const struct antispam *antispam, const struct session *session,
		       struct message *message, unsigned char print_r[CRYPTO_HASH_BYTES])
{
	const struct policy *policy = message->policy;
	struct print_source source = {
	    .tenant_id = policy->tenant_id,
	    .sender_domain = message->sender.domain,
	    .client = session->client_text,
	    .settings = policy->settings,
	    .now = time(NULL),
	};

	if (policy->settings[SETTING_ANTISPAM_REUSE_SECONDS].number == 0 ||
	    message_recipient_count(message) != 1 || message->sender.is_null)
		return false;
	source.recipient = message_recipient_at(message, 0);
	source.facts = message_facts(message, &antispam->scanner);
	source.data = message_copy_data(message, &source.length);
	return source.facts != NULL && source.data != NULL && antispam_print(&source, print_r);
}

static void find(struct antispam *antispam, const struct session *session, struct message *message,
		 struct antispam_finding *finding_r)
{
	const struct setting_value *settings = message->policy->settings;
	const struct reuse_bounds bounds = {
	    .lifetime_ms = settings[SETTING_ANTISPAM_REUSE_SECONDS].number * 1000,
	    .messages = (unsigned)settings[SETTING_ANTISPAM_REUSE_MESSAGES].number,
	    .sample = (unsigned)settings[SETTING_ANTISPAM_REUSE_SAMPLE].number,
	};
	unsigned char print[CRYPTO_HASH_BYTES];
	bool has_print = make_print(antispam, session, message, print);

	if (has_print && reuse_may(antispam->reuse, print, &bounds, clock_ms())) {
		*finding_r = (struct antispam_finding){.answered = true};
		atomic_fetch_add(&antispam->reused, 1);
		return;
	}
	gather(antispam, session, message, finding_r);
	if (has_print && finding_r->answered)
		reuse_report(antispam->reuse, print, &bounds,
			     antispam_is_clean(settings, finding_r), clock_ms());
}

/* The names of the rules, which a refused client is not told. */
static void log_reply(const struct message *message, const struct rspamd_reply *reply)
{
	log_info("antispam id=%s tenant=%s score=%.2f symbols=\"%s\"", message->decision.queue_id,
		 message->policy->tenant, (double)reply->score / 100, reply->symbols);
}

static enum verdict act(struct message *message, const struct antispam_ruling *ruling)
{
	switch (ruling->action) {
	case ACTION_ACCEPT:
		return VERDICT_CONTINUE;
	case ACTION_TAG:
		message_header_insert(message, 0, ANTISPAM_HEADER, ruling->text);
		message_remark(message, "%s", ruling->text);
		return VERDICT_CONTINUE;
	case ACTION_TEMPFAIL:
		return message_tempfail(message, ruling->status, "%s", ruling->text);
	case ACTION_QUARANTINE:
		return message_quarantine(message, "%s", ruling->text);
	case ACTION_DISCARD:
		return message_discard(message, "%s", ruling->text);
	case ACTION_REJECT:
		return message_reject(message, ruling->status, "%s", ruling->text);
	}
	return message_tempfail(message, "4.3.0", "The spam filter came to no decision");
}

enum verdict antispam_judge(struct antispam *antispam, const struct session *session,
			    struct message *message)
{
	const struct policy *policy = message->policy;
	struct antispam_finding finding;
	struct antispam_ruling ruling;

	if (antispam->engine == ENGINE_NONE)
		return VERDICT_CONTINUE;
	find(antispam, session, message, &finding);
	antispam_rule(policy->settings, policy->ways[WAY_SUSPECT].group[0] != '\0', &finding,
		      &ruling);
	if (ruling.is_suspect)
		message_set_way(message, WAY_SUSPECT);
	if (finding.answered && ruling.action != ACTION_ACCEPT)
		log_reply(message, &finding.reply);
	return act(message, &ruling);
}

struct json *antispam_state(struct antispam *antispam)
{
	struct json *state = json_new_object();

	json_put_text(state, "engine", antispam->engine == ENGINE_RSPAMD ? "rspamd" : "none");
	if (antispam->engine == ENGINE_NONE)
		return state;
	json_put_text(state, "socket", antispam->socket_path);
	json_put_text(state, "breaker", breaker_state_name(breaker_state(&antispam->breaker)));
	json_put_number(state, "answered", (int64_t)atomic_load(&antispam->answered));
	json_put_number(state, "reused", (int64_t)atomic_load(&antispam->reused));
	json_put_number(state, "failed", (int64_t)atomic_load(&antispam->failed));
	return state;
}
