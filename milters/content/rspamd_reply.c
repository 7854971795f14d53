/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads rspamd's JSON. */
#include "milters/content/rspamd_reply.h"
#include "common/json.h"
#include "common/utf8.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SCORE_MAX     1e9 /* either way; beyond it something is wrong with the rules */
#define SYMBOLS_SHOWN 8
#define NAME_SIZE     48

static const struct {
	const char *name;
	enum rspamd_action action;
} actions[] = {
    {"no action", RSPAMD_NO_ACTION},
    {"add header", RSPAMD_ADD_HEADER},
    {"rewrite subject", RSPAMD_ADD_HEADER},
    {"greylist", RSPAMD_SOFT_REJECT},
    {"soft reject", RSPAMD_SOFT_REJECT},
    {"quarantine", RSPAMD_QUARANTINE},
    {"discard", RSPAMD_DISCARD},
    {"reject", RSPAMD_REJECT},
};

struct symbol {
	double score;
	char name[NAME_SIZE];
};

/* The heaviest so far, in order. */
struct symbols {
	bool broken;
	size_t count;
	struct symbol heaviest[SYMBOLS_SHOWN];
};

static bool read_action(const struct json *json, enum rspamd_action *action_r, struct error *err)
{
	const char *name = json_get_text(json, "action");

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (strcmp(actions[i].name, name) == 0) {
			*action_r = actions[i].action;
			return true;
		}
	}
	return error_set(err, "rspamd's answer: '%.40s' is no action that is known", name);
}

static bool read_score(const struct json *json, int64_t *score_r, struct error *err)
{
	double score;

	if (json_get_real(json, "score", &score) != FOUND_ONE || fabs(score) > SCORE_MAX)
		return error_set(err, "rspamd's answer has no score");
	*score_r = llround(score * 100);
	return true;
}

/* Names are of letters, digits and underscores; whatever else is in one is not repeated. */
static void note_symbol(struct symbols *symbols, const char *name, double score)
{
	size_t at = symbols->count;
	struct symbol *symbol;

	if (symbols->count < SYMBOLS_SHOWN)
		symbols->count++;
	else if (symbols->heaviest[--at].score >= score)
		return;
	for (; at > 0 && symbols->heaviest[at - 1].score < score; at--)
		symbols->heaviest[at] = symbols->heaviest[at - 1];
	symbol = &symbols->heaviest[at];
	symbol->score = score;
	snprintf(symbol->name, sizeof(symbol->name), "%s", name);
	for (char *c = symbol->name; *c != '\0'; c++) {
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", *c) ==
		    NULL)
			*c = '?';
	}
}

static bool read_symbol(const char *name, const struct json *value, void *context)
{
	struct symbols *symbols = context;
	double score;

	if (json_get_real(value, "score", &score) != FOUND_ONE || fabs(score) > SCORE_MAX) {
		symbols->broken = true;
		return false;
	}
	if (score > 0)
		note_symbol(symbols, name, score);
	return true;
}

static bool read_symbols(const struct json *json, char *text_r, size_t size, struct error *err)
{
	struct symbols symbols = {0};
	size_t used = 0;

	if (json_each_member(json, "symbols", read_symbol, &symbols) != FOUND_ONE || symbols.broken)
		return error_set(err, "rspamd's answer has no symbols, or one without a score");
	text_r[0] = '\0';
	for (size_t i = 0; i < symbols.count && used < size; i++)
		used += (size_t)snprintf(text_r + used, size - used, "%s%s(%.2f)", i > 0 ? "," : "",
					 symbols.heaviest[i].name, symbols.heaviest[i].score);
	return true;
}

/* Rules may tell what the client is to be told; none have to. */
static void read_message(const struct json *json, char *message_r, size_t size)
{
	const struct json *messages = json_get(json, "messages");

	message_r[0] = '\0';
	if (messages == NULL)
		return;
	snprintf(message_r, size, "%s", json_get_text(messages, "smtp_message"));
	utf8_make_printable(message_r);
}

bool rspamd_reply_parse(const char *text, struct rspamd_reply *reply_r, struct error *err)
{
	struct json *json;
	bool done;

	memset(reply_r, 0, sizeof(*reply_r));
	if (!json_parse(text, &json, err))
		return error_prefix(err, "rspamd's answer is ");
	done = read_action(json, &reply_r->action, err) && read_score(json, &reply_r->score, err) &&
	       read_symbols(json, reply_r->symbols, sizeof(reply_r->symbols), err);
	if (done)
		read_message(json, reply_r->message, sizeof(reply_r->message));
	json_drop(json);
	return done;
}
