/* SPDX-License-Identifier: BSD-2-Clause */
/* Goes through what was met, in order. */
#include "common/content_decide.h"
#include "common/content_defaults.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An owner's list: go on with it, go on behind it, or all is decided. */
enum course {
	COURSE_ON,
	COURSE_NEXT_OWNER,
	COURSE_DECIDED,
};

static void set(struct content_ruling *ruling, enum message_action action, const char *status)
{
	ruling->action = action;
	snprintf(ruling->status, sizeof(ruling->status), "%s", status);
}

/* RFC 3463 X.7.1 with the class of the reply. */
static enum course end(struct content_ruling *ruling, const struct content_hit *hit,
		       enum message_action action, const char *otherwise)
{
	long long number = hit->rule->number;
	const char *text = hit->rule->arguments[0];

	if (action == ACTION_QUARANTINE && ruling->action == ACTION_QUARANTINE)
		return COURSE_ON;
	set(ruling, action, action == ACTION_TEMPFAIL ? "4.7.1" : "5.7.1");
	if (text != NULL)
		snprintf(ruling->text, sizeof(ruling->text), "%s (rule %lld)", text, number);
	else
		snprintf(ruling->text, sizeof(ruling->text), "%s by rule %lld: %s", otherwise,
			 number, hit->where);
	return action == ACTION_QUARANTINE ? COURSE_ON : COURSE_DECIDED;
}

static enum course add_effect(struct content_ruling *ruling, const struct content_hit *hit)
{
	ruling->effects = reallocarray(ruling->effects, ruling->effect_count + 1,
				       sizeof(const struct content_hit *));
	if (ruling->effects == NULL)
		abort();
	ruling->effects[ruling->effect_count++] = hit;
	return COURSE_ON;
}

static enum course rule_on(struct content_ruling *ruling, const struct content_hit *hit)
{
	switch (hit->rule->action) {
	case CONTENT_REJECT:
		return end(ruling, hit, ACTION_REJECT, "Refused");
	case CONTENT_TEMPFAIL:
		return end(ruling, hit, ACTION_TEMPFAIL, "Not taken for now");
	case CONTENT_QUARANTINE:
		return end(ruling, hit, ACTION_QUARANTINE, "Held");
	case CONTENT_DISCARD:
		return end(ruling, hit, ACTION_DISCARD, "Dropped");
	case CONTENT_ACCEPT:
		return COURSE_NEXT_OWNER;
	case CONTENT_ADD_HEADER:
	case CONTENT_TAG_SUBJECT:
	case CONTENT_REMOVE_ATTACHMENT:
	case CONTENT_REDIRECT:
	case CONTENT_COPY:
	case CONTENT_DISCLAIMER:
		return add_effect(ruling, hit);
	}
	return COURSE_DECIDED;
}

static enum course rule_on_hits(struct content_ruling *ruling, const struct content_hits *hits)
{
	enum course course = COURSE_ON;

	for (size_t i = 0; i < hits->count && course == COURSE_ON; i++)
		course = rule_on(ruling, &hits->items[i]);
	return course;
}

/* A built-in rule that the message meets. */
static enum course rule_default(struct content_ruling *ruling, const struct setting_value *settings,
				const struct content_default *met, const char *where)
{
	enum message_action action;
	char text[sizeof(ruling->text)];

	if (setting_action(met->setting, &settings[met->setting], &action) != FOUND_ONE)
		action = ACTION_TEMPFAIL;
	snprintf(text, sizeof(text), "%s: %s", met->text, where);
	if (action == ACTION_ACCEPT)
		return COURSE_ON;
	if (action == ACTION_TAG) {
		if (ruling->tag[0] == '\0')
			snprintf(ruling->tag, sizeof(ruling->tag), "%s", text);
		return COURSE_ON;
	}
	if (action == ACTION_QUARANTINE && ruling->action == ACTION_QUARANTINE)
		return COURSE_ON;
	set(ruling, action, action == ACTION_TEMPFAIL ? "4.7.1" : met->status);
	memcpy(ruling->text, text, sizeof(text));
	return action == ACTION_QUARANTINE ? COURSE_ON : COURSE_DECIDED;
}

/* Size and recipients are compared with a setting rather than a rule's number. */
static enum course rule_limits(const struct content_case *content, struct content_ruling *ruling)
{
	enum course course = COURSE_ON;

	for (int i = 0; i < CONTENT_DEFAULT_COUNT && course == COURSE_ON; i++) {
		const struct content_default *row = &content_defaults[i];
		char where[96];
		uint64_t value, limit;

		if (row->condition != NULL)
			continue;
		limit = (uint64_t)content->settings[row->limit].number;
		value = row->limit == SETTING_CONTENT_MAX_SIZE ? content->input.size
							       : content->input.recipient_count;
		if (limit == 0 || value <= limit)
			continue;
		snprintf(where, sizeof(where), "%s %llu, at most %llu", row->what,
			 (unsigned long long)value, (unsigned long long)limit);
		course = rule_default(ruling, content->settings, row, where);
	}
	return course;
}

/* What is malformed is named as the parser names it. */
static void describe(const struct content_input *input, const struct content_hit *hit,
		     char *where_r, size_t size)
{
	if (hit->part_count > 0)
		snprintf(where_r, size, "%s", hit->where);
	else
		malformed_format(input->facts->malformed, where_r, size);
}

static enum course rule_defaults(const struct content_case *content, struct content_ruling *ruling)
{
	enum course course = rule_limits(content, ruling);

	for (size_t i = 0; i < ruling->defaults.count && course == COURSE_ON; i++) {
		const struct content_hit *hit = &ruling->defaults.items[i];
		char where[sizeof(hit->where)];

		describe(&content->input, hit, where, sizeof(where));
		course = rule_default(ruling, content->settings,
				      &content_defaults[-1 - hit->rule->number], where);
	}
	return course;
}

static bool match_all(const struct content_case *content, struct content_ruling *ruling,
		      struct error *err)
{
	return (content->provider == NULL ||
		content_match(content->provider, &content->input, &ruling->provider, err)) &&
	       (content->defaults == NULL ||
		content_match(content->defaults, &content->input, &ruling->defaults, err)) &&
	       (content->tenant == NULL ||
		content_match(content->tenant, &content->input, &ruling->tenant, err));
}

void content_decide(const struct content_case *content, struct content_ruling *ruling_r)
{
	enum course course;
	struct error err;

	memset(ruling_r, 0, sizeof(*ruling_r));
	if (!match_all(content, ruling_r, &err)) {
		set(ruling_r, ACTION_TEMPFAIL, "4.3.5");
		snprintf(ruling_r->text, sizeof(ruling_r->text), "Content %.300s", err.text);
		return;
	}
	course = rule_on_hits(ruling_r, &ruling_r->provider);
	if (course == COURSE_ON)
		course = rule_defaults(content, ruling_r);
	if (course != COURSE_DECIDED)
		(void)rule_on_hits(ruling_r, &ruling_r->tenant);
}

void content_ruling_free(struct content_ruling *ruling)
{
	free(ruling->effects);
	content_hits_free(&ruling->provider);
	content_hits_free(&ruling->defaults);
	content_hits_free(&ruling->tenant);
}
