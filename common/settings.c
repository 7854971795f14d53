/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules for the values of settings. */
#include "common/settings.h"
#include "common/mailbox.h"
#include "common/text_rule.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum found setting_by_name(const char *name, enum setting_id *id_r)
{
	int id;

	for (id = 0; id < SETTING_COUNT; id++) {
		if (strcmp(setting_definitions[id].name, name) == 0) {
			*id_r = (enum setting_id)id;
			return FOUND_ONE;
		}
	}
	return FOUND_NONE;
}

/* The choice of that index: its first character, its length. */
static const char *choice_at(const struct setting_definition *setting, int64_t index,
			     size_t *length_r)
{
	const char *choice = setting->choices;

	for (; index > 0; index--)
		choice += strcspn(choice, "|") + 1;
	*length_r = strcspn(choice, "|");
	return choice;
}

enum found setting_action(enum setting_id id, const struct setting_value *value,
			  enum message_action *action_r)
{
	static const char *const names[] = {"accept",     "tag",     "tempfail",
					    "quarantine", "discard", "reject"};
	size_t length;
	const char *choice = choice_at(&setting_definitions[id], value->number, &length);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strlen(names[i]) == length && strncmp(names[i], choice, length) == 0) {
			*action_r = (enum message_action)i;
			return FOUND_ONE;
		}
	}
	return FOUND_NONE;
}

static bool parse_choice(const struct setting_definition *setting, const char *text,
			 int64_t *number_r, struct error *err)
{
	const char *choice = setting->choices;
	size_t length;

	for (*number_r = 0;; ++*number_r) {
		length = strcspn(choice, "|");
		if (strlen(text) == length && strncmp(choice, text, length) == 0)
			return true;
		if (!choice[length])
			return error_set(err, "setting %s: '%s' is none of %s", setting->name, text,
					 setting->choices);
		choice += length + 1;
	}
}

static bool parse_number(const struct setting_definition *setting, const char *text,
			 int64_t *number_r, struct error *err)
{
	char *end;

	errno = 0;
	*number_r = strtoll(text, &end, 10);
	if (errno == 0 && end != text && !*end && strchr("-0123456789", *text) &&
	    *number_r >= setting->min && *number_r <= setting->max)
		return true;
	return error_set(err, "setting %s: '%s' is no number between %lld and %lld", setting->name,
			 text, (long long)setting->min, (long long)setting->max);
}

#define SCORE_DIGITS 6 /* before the point; no score has more */

/* Digits with up to two behind a point, as hundredths; the length of what was read, 0 for none. */
static size_t read_hundredths(const char *text, int64_t *number_r)
{
	size_t whole = strspn(text, "0123456789"), length = whole, places = 0;

	*number_r = 0;
	if (whole == 0 || whole > SCORE_DIGITS)
		return 0;
	for (size_t i = 0; i < whole; i++)
		*number_r = *number_r * 10 + (text[i] - '0');
	if (text[whole] == '.') {
		places = strspn(text + whole + 1, "0123456789");
		length += 1 + places;
	}
	for (size_t i = 0; i < 2; i++)
		*number_r = *number_r * 10 + (i < places ? text[whole + 1 + i] - '0' : 0);
	return whole == 0 || whole > 6 || places > 2 || (length > whole && places == 0) ? 0
											: length;
}

static bool parse_score(const struct setting_definition *setting, const char *text,
			int64_t *number_r, struct error *err)
{
	const char *digits = *text == '-' ? text + 1 : text;
	size_t length = read_hundredths(digits, number_r);

	if (strcmp(text, "off") == 0) {
		*number_r = SETTING_SCORE_OFF;
		return true;
	}
	if (digits > text)
		*number_r = -*number_r;
	if (length > 0 && digits[length] == '\0' && *number_r >= setting->min &&
	    *number_r <= setting->max)
		return true;
	return error_set(err, "setting %s: '%s' is neither a score between %lld and %lld nor off",
			 setting->name, text, (long long)setting->min / 100,
			 (long long)setting->max / 100);
}

static bool check_text(const struct setting_definition *setting, const char *text,
		       struct error *err)
{
	return text_rule_check(setting->name, text, (size_t)setting->max, err) ||
	       error_prefix(err, "setting ");
}

static bool check_address(const struct setting_definition *setting, const char *text,
			  struct error *err)
{
	struct mailbox mailbox;

	if (!check_text(setting, text, err))
		return false;
	if (text[0] == '\0')
		return true;
	if (!mailbox_parse(text, &mailbox, err))
		return error_prefix(err, "setting %s: ", setting->name);
	return !mailbox.is_null ||
	       error_set(err, "setting %s: '%s' is no mail address", setting->name, text);
}

/* RFC 8058 section 3.1 wants https, RFC 2369 section 2 no angle brackets or blanks. */
static bool check_url(const struct setting_definition *setting, const char *text, struct error *err)
{
	static const char scheme[] = "https://";

	if (!check_text(setting, text, err))
		return false;
	if (text[0] == '\0')
		return true;
	for (const char *c = text; *c; c++) {
		if (*c <= ' ' || *c > '~' || strchr("<>\"\\,", *c))
			return error_set(err,
					 "setting %s: '%s' has characters that no URL has; "
					 "percent-encode them",
					 setting->name, text);
	}
	return (strncmp(text, scheme, strlen(scheme)) == 0 && text[strlen(scheme)]) ||
	       error_set(err, "setting %s: '%s' does not begin with https://", setting->name, text);
}

static bool check_domain(const struct setting_definition *setting, const char *text,
			 struct error *err)
{
	char normal[DOMAIN_SIZE];

	if (!check_text(setting, text, err))
		return false;
	if (text[0] == '\0')
		return true;
	if (!domain_normalize(text, strlen(text), normal, err))
		return error_prefix(err, "setting %s: ", setting->name);
	return strcmp(text, normal) == 0 ||
	       error_set(err, "setting %s: write '%s' as '%s'", setting->name, text, normal);
}

bool setting_parse(enum setting_id id, const char *text, struct setting_value *value_r,
		   struct error *err)
{
	const struct setting_definition *setting = &setting_definitions[id];

	*value_r = (struct setting_value){0, text};
	switch (setting->kind) {
	case SETTING_CHOICE:
		return parse_choice(setting, text, &value_r->number, err);
	case SETTING_NUMBER:
		return parse_number(setting, text, &value_r->number, err);
	case SETTING_SCORE:
		return parse_score(setting, text, &value_r->number, err);
	case SETTING_TEXT:
	case SETTING_GROUP:
		return check_text(setting, text, err);
	case SETTING_URL:
		return check_url(setting, text, err);
	case SETTING_DOMAIN:
		return check_domain(setting, text, err);
	case SETTING_ADDRESS:
		return check_address(setting, text, err);
	}
	return error_set(err, "setting %s: has no kind", setting->name);
}
