/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5782, and the error codes that lists have agreed on since. */
#include "common/blocklist_answer.h"
#include <stdio.h>
#include <string.h>

/* The name that reverse DNS has, but under the list's zone: sections 2.1 and 2.4. */
bool blocklist_name(const struct ip *ip, const char *zone, char name_r[DNS_NAME_MAX + 1])
{
	char reverse[DNS_REVERSE_SIZE];
	size_t labels;

	dns_reverse_name(ip, reverse);
	labels = strlen(reverse) - strlen(ip_is_v4(ip) ? "in-addr.arpa" : "ip6.arpa");
	return snprintf(name_r, DNS_NAME_MAX + 1, "%.*s%s", (int)labels, reverse, zone) <=
	       DNS_NAME_MAX;
}

/* 127.0.0.2 and 127.0.0.1; ::ffff:7f00:2 and ::ffff:7f00:1, as IPv6. */
void blocklist_point_name(bool ipv6, bool listed, const char *zone, char name_r[DNS_NAME_MAX + 1])
{
	const char *last = listed ? "2" : "1";

	if (ipv6)
		snprintf(name_r, DNS_NAME_MAX + 1,
			 "%s.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.%s",
			 last, zone);
	else
		snprintf(name_r, DNS_NAME_MAX + 1, "%s.0.0.127.%s", last, zone);
}

static bool is_list_code(const struct ip *code)
{
	return ip_is_v4(code) && code->bytes[12] == 127;
}

/* 127.255.255.0/24: "you may not ask", in one way or another. */
static bool is_error_code(const struct ip *code)
{
	return is_list_code(code) && code->bytes[13] == 255 && code->bytes[14] == 255;
}

/* The row for a code; NULL: none. */
static const struct blocklist_code *find_code(const struct ip *ip,
					      const struct blocklist_code *codes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ip_range_contains(&codes[i].range, ip))
			return &codes[i];
	}
	return NULL;
}

static void describe(char detail_r[BLOCKLIST_DETAIL_SIZE], const struct ip *code,
		     const char *meaning)
{
	char text[IP_TEXT_SIZE];

	ip_format(code, text);
	snprintf(detail_r, BLOCKLIST_DETAIL_SIZE, "%s: %s", text, meaning);
}

static enum blocklist_sight read_code(const struct ip *ip, const struct blocklist_code *codes,
				      size_t count, char detail_r[BLOCKLIST_DETAIL_SIZE])
{
	const struct blocklist_code *code = find_code(ip, codes, count);

	if (!is_list_code(ip))
		describe(detail_r, ip, "no code of a blocklist; somebody rewrites DNS answers");
	else if (is_error_code(ip))
		describe(detail_r, ip, "the list refuses to answer this resolver");
	else if (code != NULL)
		describe(detail_r, ip, code->meaning);
	else
		describe(detail_r, ip, count > 0 ? "a code of unknown meaning" : "listed");
	if (!is_list_code(ip) || is_error_code(ip))
		return BLOCKLIST_UNKNOWN;
	if (code != NULL)
		return code->listing ? BLOCKLIST_LISTED : BLOCKLIST_CLEAR;
	return count == 0 && ip->bytes[13] == 0 ? BLOCKLIST_LISTED : BLOCKLIST_UNKNOWN;
}

/* Error codes make the whole answer unknown; else one listing is enough, and one unknown code spoils "clear". */
static enum blocklist_sight read_codes(const struct dns_answer *answer,
				       const struct blocklist_code *codes, size_t count,
				       char detail_r[BLOCKLIST_DETAIL_SIZE])
{
	enum blocklist_sight sight = BLOCKLIST_CLEAR;
	char detail[BLOCKLIST_DETAIL_SIZE];

	for (size_t i = 0; i < answer->count; i++) {
		const struct ip *ip = &answer->records[i].ip;
		enum blocklist_sight one = read_code(ip, codes, count, detail);

		if (one == BLOCKLIST_LISTED && sight == BLOCKLIST_LISTED)
			continue;
		if (one == BLOCKLIST_LISTED || sight == BLOCKLIST_CLEAR)
			snprintf(detail_r, BLOCKLIST_DETAIL_SIZE, "%s", detail);
		if (one == BLOCKLIST_UNKNOWN && (!is_list_code(ip) || is_error_code(ip)))
			return BLOCKLIST_UNKNOWN;
		if (one == BLOCKLIST_LISTED || sight == BLOCKLIST_CLEAR)
			sight = one;
	}
	return sight;
}

enum blocklist_sight blocklist_read(const struct dns_answer *answer,
				    const struct blocklist_code *codes, size_t count,
				    char detail_r[BLOCKLIST_DETAIL_SIZE])
{
	detail_r[0] = '\0';
	switch (answer->status) {
	case DNS_FOUND:
		return read_codes(answer, codes, count, detail_r);
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		return BLOCKLIST_CLEAR;
	case DNS_TIMEOUT:
	case DNS_SERVFAIL:
	case DNS_BOGUS:
	case DNS_BAD_NAME:
	case DNS_BAD_ANSWER:
	case DNS_FAILED:
		break;
	}
	snprintf(detail_r, BLOCKLIST_DETAIL_SIZE, "no answer");
	return BLOCKLIST_UNKNOWN;
}

static bool is_none(const struct dns_answer *answer)
{
	return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

static bool is_definite(const struct dns_answer *answer)
{
	return answer->status == DNS_FOUND || is_none(answer);
}

/* Is one of the records a code of a list's? For a test point any will do. */
static bool has_list_code(const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		const struct ip *ip = &answer->records[i].ip;

		if (is_list_code(ip) && !is_error_code(ip))
			return true;
	}
	return false;
}

enum blocklist_health blocklist_judge(const struct dns_answer *listed,
				      const struct dns_answer *clear,
				      char detail_r[BLOCKLIST_DETAIL_SIZE])
{
	const char *why = "";

	if (!is_definite(listed) || !is_definite(clear))
		why = "DNS gave no answer for its test points";
	else if (clear->status == DNS_FOUND && !has_list_code(clear))
		why = "answers with what is no code of a list: it refuses this resolver, or "
		      "somebody rewrites its answers";
	else if (clear->status == DNS_FOUND)
		why = "lists its test point 127.0.0.1, so it lists the world";
	else if (is_none(listed))
		why = "does not list its test point 127.0.0.2, so it is dead";
	else if (!has_list_code(listed))
		why = "answers for its test point with an error code: it refuses this resolver";
	snprintf(detail_r, BLOCKLIST_DETAIL_SIZE, "%s", why);
	if (*why == '\0')
		return BLOCKLIST_GOOD;
	return is_definite(listed) && is_definite(clear) ? BLOCKLIST_BAD : BLOCKLIST_HEALTH_UNKNOWN;
}

static const char *const health_names[] = {
    [BLOCKLIST_HEALTH_UNKNOWN] = "unknown", [BLOCKLIST_GOOD] = "good", [BLOCKLIST_BAD] = "bad"};

const char *blocklist_health_name(enum blocklist_health health)
{
	return health_names[health];
}

bool blocklist_health_parse(const char *text, enum blocklist_health *health_r)
{
	for (size_t i = 0; i < sizeof(health_names) / sizeof(health_names[0]); i++) {
		if (strcmp(text, health_names[i]) == 0) {
			*health_r = (enum blocklist_health)i;
			return true;
		}
	}
	return false;
}
