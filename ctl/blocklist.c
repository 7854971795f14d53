/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl blocklist: the DNS blocklists that egress addresses are looked up in. */
#include "common/blocklists.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_KEYS "zone enabled weight ipv4 ipv6 health since detail"
#define SHOW_KEYS "zone enabled weight ipv4 ipv6 resolver health since detail terms"

static struct json *codes_json(const struct blocklist_row *row)
{
	struct json *codes = json_new_array();

	for (size_t i = 0; i < row->code_count; i++) {
		struct json *code = json_new_object();
		char text[IP_RANGE_TEXT_SIZE];

		ip_range_format(&row->codes[i].range, text);
		json_put_text(code, "code", text);
		json_put_bool(code, "listing", row->codes[i].listing);
		json_put_text(code, "meaning", row->codes[i].meaning);
		json_append(codes, code);
	}
	return codes;
}

static struct json *blocklist_json(const struct blocklist_row *row)
{
	struct json *object = json_new_object();

	json_put_text(object, "zone", row->zone);
	json_put_bool(object, "enabled", row->enabled);
	json_put_number(object, "weight", row->weight);
	json_put_bool(object, "ipv4", row->ipv4);
	json_put_bool(object, "ipv6", row->ipv6);
	json_put_text(object, "resolver", row->resolver);
	json_put_text(object, "health", row->enabled ? blocklist_health_name(row->health) : "-");
	json_put_text(object, "since", row->enabled ? row->health_since : NULL);
	json_put_text(object, "detail", row->enabled ? row->health_detail : NULL);
	json_put_text(object, "terms", row->terms);
	json_put(object, "codes", codes_json(row));
	return object;
}

static void append_list(const struct blocklist_row *row, void *context)
{
	json_append(context, blocklist_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!blocklists_list(db, append_list, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, LIST_KEYS, rows);
	return true;
}

bool ctl_blocklist_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool find(const struct ctl *ctl, struct db *db, struct blocklist_row *row_r,
		 struct error *err)
{
	enum found found = blocklists_find(db, ctl_argument(ctl, 0), row_r, err);

	if (found == FOUND_NONE)
		return error_set(
		    err, "blocklist: there is no '%.180s'; `easymailctl blocklist list` shows them",
		    ctl_argument(ctl, 0));
	return found == FOUND_ONE;
}

static bool show(struct ctl *ctl, struct db *db, struct error *err)
{
	struct blocklist_row row;

	if (!find(ctl, db, &row, err))
		return false;
	output_object(ctl, SHOW_KEYS, blocklist_json(&row));
	if (ctl->json)
		return true;
	puts(row.code_count > 0 ? "codes:"
				: "codes: none here, so all of 127.0.0.0/16 are listings");
	for (size_t i = 0; i < row.code_count; i++) {
		char text[IP_RANGE_TEXT_SIZE];

		ip_range_format(&row.codes[i].range, text);
		printf("  %s: %s%s\n", text, row.codes[i].meaning,
		       row.codes[i].listing ? "" : " (no listing)");
	}
	return true;
}

bool ctl_blocklist_show(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, show, err);
}

static bool read_flag(const struct ctl *ctl, const char *option, bool *flag_r, struct error *err)
{
	const char *text = ctl_option(ctl, option);

	return !text || ctl_yes_or_no(option, text, flag_r, err);
}

static bool read_text(const struct ctl *ctl, const char *option, char *text_r, size_t size,
		      struct error *err)
{
	const char *text = ctl_option(ctl, option);

	if (text && strlen(text) >= size)
		return error_set(err, "%s: is longer than %zu letters", option, size - 1);
	if (text)
		snprintf(text_r, size, "%s", text);
	return true;
}

/* What is given of a list's columns. */
static bool read_options(const struct ctl *ctl, struct blocklist_row *row, struct error *err)
{
	const char *weight = ctl_option(ctl, "--weight");
	char *end;

	if (weight) {
		errno = 0;
		row->weight = (unsigned)strtoul(weight, &end, 10);
		if (errno || end == weight || *end || weight[0] == '-' || row->weight > 100)
			return error_set(err, "--weight: %.60s is not a number from 0 to 100",
					 weight);
	}
	return read_flag(ctl, "--ipv4", &row->ipv4, err) &&
	       read_flag(ctl, "--ipv6", &row->ipv6, err) &&
	       read_text(ctl, "--resolver", row->resolver, sizeof(row->resolver), err) &&
	       read_text(ctl, "--terms", row->terms, sizeof(row->terms), err);
}

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *zone = ctl_argument(ctl, 0), *like = ctl_option(ctl, "--like");
	struct blocklist_row row = {.ipv4 = true, .weight = 100};

	if (strlen(zone) >= sizeof(row.zone))
		return error_set(err, "zone: %.60s… is longer than %zu letters", zone,
				 sizeof(row.zone) - 1);
	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	return read_options(ctl, &row, err) && blocklists_add(db, &row, err) &&
	       (!like || blocklists_copy_codes(db, like, zone, err));
}

bool ctl_blocklist_add(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, add, err))
		return false;
	output_done(ctl, "blocklist %s: added; `easymailctl blocklist test %s` asks it",
		    ctl_argument(ctl, 0), ctl_argument(ctl, 0));
	return true;
}

static bool set(struct ctl *ctl, struct db *db, struct error *err)
{
	struct blocklist_row row;

	return ctl_needs_an_option(ctl, err) && find(ctl, db, &row, err) &&
	       read_options(ctl, &row, err) && read_flag(ctl, "--enabled", &row.enabled, err) &&
	       blocklists_set(db, &row, err);
}

bool ctl_blocklist_set(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, set, err))
		return false;
	output_done(ctl, "blocklist %s: changed", ctl_argument(ctl, 0));
	return true;
}

static bool code(struct ctl *ctl, struct db *db, struct error *err)
{
	struct blocklist_code new = {.listing = true};
	const char *meaning = ctl_argument(ctl, 2);

	if (strlen(meaning) >= sizeof(new.meaning))
		return error_set(err, "meaning: is longer than %zu letters",
				 sizeof(new.meaning) - 1);
	snprintf(new.meaning, sizeof(new.meaning), "%s", meaning);
	if (!ip_range_parse(ctl_argument(ctl, 1), &new.range, err))
		return error_prefix(err, "code: ");
	return read_flag(ctl, "--listing", &new.listing, err) &&
	       blocklists_add_code(db, ctl_argument(ctl, 0), &new, err);
}

bool ctl_blocklist_code(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, code, err))
		return false;
	output_done(ctl, "blocklist %s: %s is known", ctl_argument(ctl, 0), ctl_argument(ctl, 1));
	return true;
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	return blocklists_delete(db, ctl_argument(ctl, 0), err);
}

bool ctl_blocklist_delete(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, delete, err))
		return false;
	output_done(ctl, "blocklist %s: deleted", ctl_argument(ctl, 0));
	return true;
}
