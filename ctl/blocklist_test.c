/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl blocklist test: what a list says now. */
#include "common/blocklists.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/resolver.h"
#include <stdlib.h>

static bool find(struct ctl *ctl, struct db *db, struct error *err)
{
	enum found found = blocklists_find(db, ctl_argument(ctl, 0), ctl->context, err);

	if (found == FOUND_NONE)
		return error_set(
		    err, "blocklist: there is no '%.180s'; `easymailctl blocklist list` shows them",
		    ctl_argument(ctl, 0));
	return found == FOUND_ONE;
}

/* Asks both test points of a family. */
static enum blocklist_health test_points(struct dns *dns, const struct blocklist_row *list,
					 bool ipv6, char detail_r[BLOCKLIST_DETAIL_SIZE])
{
	struct dns_answer listed, clear;
	enum blocklist_health health;
	char name[DNS_NAME_MAX + 1];
	struct error err;

	blocklist_point_name(ipv6, true, list->zone, name);
	dns_ask(dns, name, DNS_A, 0, &listed, &err);
	blocklist_point_name(ipv6, false, list->zone, name);
	dns_ask(dns, name, DNS_A, 0, &clear, &err);
	health = blocklist_judge(&listed, &clear, detail_r);
	dns_answer_clear(&listed);
	dns_answer_clear(&clear);
	return health;
}

static void put_points(struct dns *dns, const struct blocklist_row *list, struct json *object,
		       bool *good_r)
{
	char detail[BLOCKLIST_DETAIL_SIZE] = "";

	*good_r = true;
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		enum blocklist_health health;

		if (ipv6 ? !list->ipv6 : !list->ipv4)
			continue;
		health = test_points(dns, list, ipv6, detail);
		json_put_text(object, ipv6 ? "points_ipv6" : "points_ipv4",
			      health == BLOCKLIST_GOOD ? "right" : detail);
		*good_r = *good_r && health == BLOCKLIST_GOOD;
	}
}

static const char *sight_name(enum blocklist_sight sight)
{
	switch (sight) {
	case BLOCKLIST_UNKNOWN:
		break;
	case BLOCKLIST_CLEAR:
		return "not listed";
	case BLOCKLIST_LISTED:
		return "listed";
	}
	return "unknown";
}

static bool put_address(struct ctl *ctl, struct dns *dns, const struct blocklist_row *list,
			struct json *object, struct error *err)
{
	char name[DNS_NAME_MAX + 1], detail[BLOCKLIST_DETAIL_SIZE];
	enum blocklist_sight sight;
	struct dns_answer answer;
	struct error unused;
	struct ip ip;

	if (!ip_parse(ctl_argument(ctl, 1), &ip, err) || !blocklist_name(&ip, list->zone, name))
		return error_prefix(err, "address: ");
	dns_ask(dns, name, DNS_A, 0, &answer, &unused);
	sight = blocklist_read(&answer, list->codes, list->code_count, detail);
	dns_answer_clear(&answer);
	json_put_text(object, "question", name);
	json_put_text(object, "address", sight_name(sight));
	json_put_text(object, "answer", detail);
	ctl->findings = ctl->findings || sight == BLOCKLIST_LISTED;
	return true;
}

static bool test(struct ctl *ctl, struct dns *dns, const struct blocklist_row *list,
		 struct error *err)
{
	struct json *object = json_new_object();
	bool good;

	json_put_text(object, "zone", list->zone);
	put_points(dns, list, object, &good);
	ctl->findings = !good;
	if (ctl_argument(ctl, 1) && !put_address(ctl, dns, list, object, err)) {
		json_drop(object);
		return false;
	}
	output_object(ctl,
		      ctl_argument(ctl, 1) ? "zone points_ipv4 points_ipv6 question address answer"
					   : "zone points_ipv4 points_ipv6",
		      object);
	return true;
}

/* The list's own resolver, unless --dns names another. */
static bool open_resolver(struct ctl *ctl, const struct blocklist_row *list, struct dns **dns_r,
			  struct error *err)
{
	if (ctl_option(ctl, "--dns") || list->resolver[0] == '\0')
		return resolver_new(ctl, dns_r, err);
	return dns_new(list->resolver, (int)config_number(ctl->config, "dns.timeout"), dns_r,
		       err) ||
	       error_prefix(err, "resolver: ");
}

bool ctl_blocklist_test(struct ctl *ctl, struct error *err)
{
	struct blocklist_row *list = calloc(1, sizeof(*list));
	struct dns *dns = NULL;
	bool done;

	if (!list)
		return error_set(err, "out of memory");
	ctl->context = list;
	done = ctl_read(ctl, find, err) && open_resolver(ctl, list, &dns, err) &&
	       test(ctl, dns, list, err);
	dns_free(dns);
	free(list);
	return done;
}
