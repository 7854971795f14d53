/* SPDX-License-Identifier: BSD-2-Clause */
/* The findings on a domain as tables, or as one object. */
#include "ctl/domain_report.h"
#include "ctl/dkim_output.h"

static struct json *part_json(enum domain_health health, const char *detail)
{
	struct json *object = json_new_object();

	json_put_text(object, "health", domain_health_name(health));
	json_put_text(object, "detail", detail);
	return object;
}

static struct json *sources_json(const struct domain_check *check)
{
	struct json *rows = json_new_array();

	for (size_t i = 0; i < check->source_count; i++) {
		struct json *row = json_new_object();
		char address[IP_TEXT_SIZE];

		ip_format(&check->sources[i].address, address);
		json_put_text(row, "address", address);
		json_put_text(row, "helo", check->sources[i].helo);
		json_put_text(row, "spf", spf_result_name(check->sources[i].result));
		json_put_text(row, "reason", check->sources[i].reason);
		json_append(rows, row);
	}
	return rows;
}

static struct json *keys_json(const struct domain_check *check)
{
	struct json *rows = json_new_array();

	for (size_t i = 0; i < check->key_count; i++) {
		struct json *row = dkim_key_json(&check->keys[i].row);

		json_put_text(row, "record", dkim_sight_name(check->keys[i].seen.sight));
		json_put_text(row, "detail", check->keys[i].seen.detail);
		json_append(rows, row);
	}
	return rows;
}

static struct json *spf_json(const struct domain_check *check)
{
	struct json *object = part_json(check->spf, check->spf_detail);

	json_put_text(object, "record", check->spf_record);
	json_put_text(object, "include", check->spf_include);
	json_put_bool(object, "includes_ours", check->spf_includes_ours);
	json_put_bool(object, "aligned", check->spf_aligned);
	json_put(object, "addresses", sources_json(check));
	return object;
}

static struct json *dkim_json(const struct domain_check *check)
{
	struct json *object = part_json(check->dkim, check->dkim_detail);

	json_put_bool(object, "aligned", check->dkim_aligned);
	json_put(object, "keys", keys_json(check));
	return object;
}

static struct json *dmarc_json(const struct domain_check *check)
{
	const struct dmarc_seen *seen = &check->policy;
	struct json *object = part_json(check->dmarc, check->dmarc_detail);
	bool found = seen->found == FOUND_ONE;

	json_put_text(object, "name", seen->name);
	json_put_text(object, "record", seen->text);
	json_put_text(object, "policy", found ? dmarc_policy_name(dmarc_in_force(seen)) : NULL);
	json_put_number(object, "percent", found ? seen->record.percent : 0);
	json_put_text(object, "adkim", found ? (seen->record.strict_dkim ? "s" : "r") : NULL);
	json_put_text(object, "aspf", found ? (seen->record.strict_spf ? "s" : "r") : NULL);
	json_put_text(object, "reports", seen->record.reports);
	return object;
}

static void propose(struct json *rows, const char *prefix, const char *domain, const char *value)
{
	struct json *row;
	char name[DOMAIN_SIZE + 16];

	if (!value[0])
		return;
	row = json_new_object();
	snprintf(name, sizeof(name), "%s%s", prefix, domain);
	json_put_text(row, "name", name);
	json_put_text(row, "type", "TXT");
	json_put_text(row, "value", value);
	json_append(rows, row);
}

/* The records to publish: for keys too, unless they sign no more. */
static struct json *publish_json(const struct domain_check *check)
{
	struct json *rows = json_new_array();

	propose(rows, "", check->domain, check->spf_publish);
	for (size_t i = 0; i < check->key_count; i++) {
		const struct domain_key *key = &check->keys[i];

		if (key->seen.sight == DKIM_SIGHT_MISSING ||
		    key->seen.sight == DKIM_SIGHT_DIFFERENT)
			json_append(rows, dkim_record_json(&key->row));
	}
	propose(rows, "_dmarc.", check->domain, check->dmarc_publish);
	return rows;
}

static void print_json(const struct domain_check *check)
{
	struct json *object = json_new_object();

	json_put_text(object, "domain", check->domain);
	json_put(object, "spf", spf_json(check));
	json_put(object, "dkim", dkim_json(check));
	json_put(object, "dmarc", dmarc_json(check));
	json_put(object, "publish", publish_json(check));
	json_print(object, stdout);
	json_drop(object);
}

static void append_part(struct json *rows, const char *part, struct json *row)
{
	json_put_text(row, "part", part);
	json_append(rows, row);
}

static void print_title(const char *title, const struct json *rows)
{
	if (json_count(rows) > 0)
		printf("\n%s\n", title);
}

static void print_table(const struct ctl *ctl, const char *title, const char *columns,
			struct json *rows)
{
	print_title(title, rows);
	output_list(ctl, columns, rows);
}

static void print_publish(const struct domain_check *check)
{
	struct json *rows = publish_json(check);

	print_title("to publish:", rows);
	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		const char *zone = json_get_text(row, "zone");

		if (zone[0])
			puts(zone);
		else
			printf("%s. IN TXT \"%s\"\n", json_get_text(row, "name"),
			       json_get_text(row, "value"));
	}
	json_drop(rows);
}

void domain_report(const struct ctl *ctl, const struct domain_check *check)
{
	struct json *parts;

	if (ctl->json) {
		print_json(check);
		return;
	}
	parts = json_new_array();
	append_part(parts, "SPF", spf_json(check));
	append_part(parts, "DKIM", dkim_json(check));
	append_part(parts, "DMARC", dmarc_json(check));
	output_list(ctl, "part health record aligned policy detail", parts);
	print_table(ctl, "from each egress address:", "address spf reason", sources_json(check));
	print_table(ctl, "keys:", "domain selector algorithm state record detail",
		    keys_json(check));
	print_publish(check);
}
