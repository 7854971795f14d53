/* SPDX-License-Identifier: BSD-2-Clause */
/* DKIM keys as objects, and their records as zone lines. */
#include "ctl/dkim_output.h"
#include <string.h>

#define STRING_MAX 255 /* octets of one string of a TXT record (RFC 1035 section 3.3.14) */

struct json *dkim_key_json(const struct dkim_key_row *row)
{
	struct json *object = json_new_object();

	json_put_text(object, "domain", row->domain);
	json_put_text(object, "tenant", row->tenant);
	json_put_text(object, "selector", row->selector);
	json_put_text(object, "algorithm", dkim_algorithm_name(row->algorithm));
	json_put_number(object, "bits", row->bits);
	json_put_text(object, "state", dkim_key_state_name(row->state));
	json_put_text(object, "state_since", row->state_since);
	json_put_text(object, "created", row->created);
	return object;
}

/* Splits the record's text; the zone line has each string on a line of its own. */
static void put_strings(struct json *object, const char *name, const char *record)
{
	struct json *strings = json_new_array();
	char zone[DKIM_RECORD_NAME_SIZE + 2 * DKIM_RECORD_SIZE], *to = zone;
	char *end = zone + sizeof(zone);

	to += snprintf(to, (size_t)(end - to), "%s. IN TXT (", name);
	for (size_t length; *record; record += length) {
		char string[STRING_MAX + 1];

		length = strnlen(record, STRING_MAX);
		snprintf(string, sizeof(string), "%.*s", (int)length, record);
		json_append_text(strings, string);
		to += snprintf(to, (size_t)(end - to), "\n\t\"%s\"", string);
	}
	snprintf(to, (size_t)(end - to), " )");
	json_put(object, "strings", strings);
	json_put_text(object, "zone", zone);
}

struct json *dkim_record_json(const struct dkim_key_row *row)
{
	struct json *object = dkim_key_json(row);
	char name[DKIM_RECORD_NAME_SIZE], record[DKIM_RECORD_SIZE];

	dkim_key_record_name(row, name);
	dkim_key_record(row, record);
	json_put_text(object, "name", name);
	json_put_text(object, "type", "TXT");
	json_put_text(object, "value", record);
	put_strings(object, name, record);
	return object;
}

void dkim_print_records(const struct ctl *ctl, struct json *rows)
{
	if (ctl->json)
		json_print(rows, stdout);
	for (size_t i = 0; !ctl->json && i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);

		printf("; %s key %s of %s, %s\n%s\n", json_get_text(row, "algorithm"),
		       json_get_text(row, "selector"), json_get_text(row, "domain"),
		       json_get_text(row, "state"), json_get_text(row, "zone"));
	}
	json_drop(rows);
}
