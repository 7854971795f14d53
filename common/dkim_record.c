/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks for key records in DNS and compares them with the keys. */
#include "common/dkim_record.h"
#include "common/tag_list.h"
#include <stdio.h>
#include <string.h>

#define VALUE_SIZE 2048

const char *dkim_sight_name(enum dkim_sight sight)
{
	switch (sight) {
	case DKIM_SIGHT_PUBLISHED:
		return "published";
	case DKIM_SIGHT_MISSING:
		return "missing";
	case DKIM_SIGHT_DIFFERENT:
		return "different";
	case DKIM_SIGHT_UNKNOWN:
		return "unknown";
	}
	return "";
}

/* Is one of the words between the colons? */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (;; list++) {
		size_t next = strcspn(list, ":");

		if (next == length && strncmp(list, word, length) == 0)
			return true;
		list += next;
		if (!*list)
			return false;
	}
}

/* A tag's value without blanks, or what its absence means. */
static bool get_tag(const char *text, const char *name, const char *absent,
		    char value_r[VALUE_SIZE], struct error *why)
{
	switch (tag_list_get(text, name, value_r, VALUE_SIZE, why)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		snprintf(value_r, VALUE_SIZE, "%s", absent);
		break;
	case FOUND_ONE:
		tag_list_squeeze(value_r);
		break;
	}
	return true;
}

/* p= first: what has none is no key record at all. */
static bool check_key(const char *text, const struct dkim_key_row *row, struct error *why)
{
	char key[VALUE_SIZE], algorithm[VALUE_SIZE];

	switch (tag_list_get(text, "p", key, sizeof(key), why)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(why, "it has no p=");
	case FOUND_ONE:
		break;
	}
	tag_list_squeeze(key);
	if (!key[0])
		return error_set(why, "its p= is empty, which revokes the key");
	if (!get_tag(text, "k", "rsa", algorithm, why))
		return false;
	if (strcmp(algorithm, dkim_algorithm_name(row->algorithm)) != 0)
		return error_set(why, "its k= is %.40s, not %s", algorithm,
				 dkim_algorithm_name(row->algorithm));
	return strcmp(key, row->public_key) == 0 ||
	       error_set(why, "its p= is another key, %.40s...", key);
}

bool dkim_record_serves(const char *text, const struct dkim_key_row *row, struct error *why)
{
	char value[VALUE_SIZE];

	if (!get_tag(text, "v", "DKIM1", value, why))
		return false;
	if (strcmp(value, "DKIM1") != 0)
		return error_set(why, "its v= is %.40s, not DKIM1", value);
	if (!get_tag(text, "h", "sha256", value, why))
		return false;
	if (!has_word(value, "sha256"))
		return error_set(why, "its h= does not allow sha256");
	if (!get_tag(text, "s", "*", value, why))
		return false;
	if (!has_word(value, "*") && !has_word(value, "email"))
		return error_set(why, "its s= does not allow email");
	if (!get_tag(text, "t", "", value, why))
		return false;
	if (has_word(value, "y"))
		return error_set(
		    why, "its t=y says that the domain is only testing DKIM; leave that out");
	return check_key(text, row, why);
}

/* Judges the one record, or says that there are too many. */
static void judge(const struct dns_answer *answer, const struct dkim_key_row *row,
		  struct dkim_seen *seen)
{
	char name[DKIM_RECORD_NAME_SIZE];
	struct error why;

	dkim_key_record_name(row, name);
	seen->sight = DKIM_SIGHT_DIFFERENT;
	if (answer->count != 1)
		snprintf(seen->detail, sizeof(seen->detail),
			 "%s has %zu TXT records where one must be", name, answer->count);
	else if (dkim_record_serves(answer->records[0].text, row, &why))
		*seen = (struct dkim_seen){DKIM_SIGHT_PUBLISHED, ""};
	else
		snprintf(seen->detail, sizeof(seen->detail),
			 "%s: a TXT record is there, but %.100s", name, why.text);
}

void dkim_record_look(struct dns *dns, const struct dkim_key_row *row, struct dkim_seen *seen_r)
{
	char name[DKIM_RECORD_NAME_SIZE];
	struct dns_answer answer;
	struct error err;

	dkim_key_record_name(row, name);
	switch (dns_ask(dns, name, DNS_TXT, 0, &answer, &err)) {
	case FOUND_ERROR:
		seen_r->sight = DKIM_SIGHT_UNKNOWN;
		snprintf(seen_r->detail, sizeof(seen_r->detail), "%s", err.text);
		break;
	case FOUND_NONE:
		seen_r->sight = DKIM_SIGHT_MISSING;
		snprintf(seen_r->detail, sizeof(seen_r->detail), "%s has no TXT record", name);
		break;
	case FOUND_ONE:
		judge(&answer, row, seen_r);
		break;
	}
	dns_answer_clear(&answer);
}
