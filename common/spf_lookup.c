/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS side of an SPF evaluation: limits, and the validated names of the client. */
#include "common/spf_lookup.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool spf_fail(struct spf_run *run, enum spf_result result, const char *format, ...)
{
	va_list arguments;

	run->answer->result = result;
	va_start(arguments, format);
	vsnprintf(run->answer->reason, sizeof(run->answer->reason), format, arguments);
	va_end(arguments);
	return false;
}

bool spf_count_term(struct spf_run *run)
{
	if (++run->answer->lookups <= SPF_LOOKUPS_MAX)
		return true;
	return spf_fail(run, SPF_PERMERROR,
			"over %d terms that need DNS, reached in the record of %s", SPF_LOOKUPS_MAX,
			run->macros.current);
}

bool spf_check_voids(struct spf_run *run)
{
	if (run->answer->voids <= SPF_VOIDS_MAX)
		return true;
	return spf_fail(run, SPF_PERMERROR,
			"over %d look-ups that find nothing, reached in the record of %s",
			SPF_VOIDS_MAX, run->macros.current);
}

/* Asks without counting. */
static enum found ask(struct spf_run *run, const char *name, enum dns_type type,
		      struct dns_answer *answer_r, struct error *err)
{
	enum found found;

	if (!dns_name_is_valid(name)) {
		*answer_r = (struct dns_answer){.status = DNS_BAD_NAME};
		return FOUND_NONE;
	}
	found = dns_ask(run->dns, name, type, run->deadline, answer_r, err);
	if (found != FOUND_ERROR && answer_r->ttl < run->answer->ttl)
		run->answer->ttl = answer_r->ttl;
	return found;
}

bool spf_ask(struct spf_run *run, const char *name, enum dns_type type, struct dns_answer *answer_r)
{
	struct error err;

	switch (ask(run, name, type, answer_r, &err)) {
	case FOUND_ONE:
		return true;
	case FOUND_NONE:
		if (answer_r->status != DNS_BAD_NAME)
			run->answer->voids++;
		return spf_check_voids(run);
	case FOUND_ERROR:
		break;
	}
	return spf_fail(run, SPF_TEMPERROR, "%s", err.text);
}

enum dns_type spf_address_type(const struct spf_run *run)
{
	return ip_is_v4(&run->macros.client) ? DNS_A : DNS_AAAA;
}

/* Is the client among the addresses of its alleged name? */
static bool has_client(struct spf_run *run, const char *name)
{
	struct dns_answer answer;
	struct error err;
	bool has = false;
	size_t i;

	if (ask(run, name, spf_address_type(run), &answer, &err) == FOUND_NONE)
		run->name_voids++;
	for (i = 0; i < answer.count && !has; i++)
		has = ip_compare(&answer.records[i].ip, &run->macros.client) == 0;
	dns_answer_clear(&answer);
	return has;
}

static void validate_names(struct spf_run *run)
{
	char reverse[DNS_REVERSE_SIZE];
	struct dns_answer answer;
	struct error err;
	size_t i;

	dns_reverse_name(&run->macros.client, reverse);
	if (ask(run, reverse, DNS_PTR, &answer, &err) == FOUND_NONE)
		run->name_voids++;
	for (i = 0; i < answer.count && i < SPF_NAMES_MAX; i++) {
		const char *name = answer.records[i].text;

		if (has_client(run, name))
			snprintf(run->names[run->name_count++], sizeof(run->names[0]), "%s", name);
	}
	dns_answer_clear(&answer);
}

void spf_use_names(struct spf_run *run)
{
	if (!run->names_known)
		validate_names(run);
	run->names_known = true;
	run->answer->voids += run->name_voids;
}

bool spf_is_within(const char *name, const char *domain)
{
	size_t length = strlen(name), tail = strlen(domain);

	if (length < tail || strcasecmp(name + length - tail, domain) != 0)
		return false;
	return length == tail || name[length - tail - 1] == '.';
}

/* Section 7.3: the domain itself before a name below it, before any other name. */
const char *spf_validated_name(void *context)
{
	struct spf_run *run = context;
	const char *best = NULL;
	size_t i;

	spf_use_names(run);
	for (i = 0; i < run->name_count; i++) {
		if (strcasecmp(run->names[i], run->macros.current) == 0)
			return run->names[i];
		if (!best && spf_is_within(run->names[i], run->macros.current))
			best = run->names[i];
	}
	if (best)
		return best;
	return run->name_count > 0 ? run->names[0] : "unknown";
}
