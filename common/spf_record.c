/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads SPF records strictly: a receiver has to treat a record with any error in it as permerror. */
#include "common/spf_record.h"
#include "common/spf_macro.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VERSION        "v=spf1"
#define VERSION_LENGTH (sizeof(VERSION) - 1)

/* The unread rest of a term. */
struct rest {
	const char *text;
	size_t length;
};

static const struct {
	const char *name;
	enum spf_mechanism mechanism;
} mechanisms[] = {
    {"all", SPF_ALL}, {"include", SPF_INCLUDE}, {"a", SPF_A},     {"mx", SPF_MX},
    {"ptr", SPF_PTR}, {"ip4", SPF_IP4},         {"ip6", SPF_IP6}, {"exists", SPF_EXISTS},
};

bool spf_record_is(const char *text, size_t length)
{
	return length >= VERSION_LENGTH && strncasecmp(text, VERSION, VERSION_LENGTH) == 0 &&
	       (length == VERSION_LENGTH || text[VERSION_LENGTH] == ' ');
}

/* A prefix length without leading zeros. */
static bool read_prefix(const char *digits, size_t length, int max, int *prefix_r)
{
	int value = 0;
	size_t i;

	if (length == 0 || length > 3 || (length > 1 && digits[0] == '0'))
		return false;
	for (i = 0; i < length; i++)
		value = value * 10 + (digits[i] - '0');
	*prefix_r = value;
	return value <= max;
}

/* Cuts `slash` and the digits after it off the end; 1: done, 0: there is none, -1: out of range. */
static int cut_prefix(struct rest *rest, const char *slash, int max, int *prefix_r)
{
	size_t digits = 0, mark = strlen(slash);

	while (digits < rest->length &&
	       isdigit((unsigned char)rest->text[rest->length - digits - 1]))
		digits++;
	if (digits == 0 || rest->length < digits + mark ||
	    memcmp(rest->text + rest->length - digits - mark, slash, mark) != 0)
		return 0;
	if (!read_prefix(rest->text + rest->length - digits, digits, max, prefix_r))
		return -1;
	rest->length -= digits + mark;
	return 1;
}

/* dual-cidr-length: `/24`, `//64` or `/24//64` at the end of a and mx. */
static bool read_dual_prefix(struct rest *rest, struct spf_term *term_r, struct error *err)
{
	if (cut_prefix(rest, "//", 128, &term_r->prefix6) < 0 ||
	    cut_prefix(rest, "/", 32, &term_r->prefix4) < 0)
		return error_set(err, "the prefix length is out of range");
	return true;
}

/* `:domain-spec`, or nothing where it may be left out. */
static bool read_domain(const struct rest *rest, bool required, struct spf_domain *domain_r,
			struct error *err)
{
	if (rest->length == 0)
		return !required || error_set(err, "the domain is missing");
	if (rest->text[0] != ':')
		return error_set(err, "\"%.*s\" does not belong there", (int)rest->length,
				 rest->text);
	domain_r->text = rest->text + 1;
	domain_r->length = rest->length - 1;
	return spf_macro_check_domain(domain_r->text, domain_r->length, err);
}

/* `:network[/prefix]` of ip4 and ip6. */
static bool read_network(struct rest *rest, struct spf_term *term_r, struct error *err)
{
	bool v4 = term_r->mechanism == SPF_IP4;
	int *prefix = v4 ? &term_r->prefix4 : &term_r->prefix6;
	char text[IP_TEXT_SIZE];
	size_t length;

	if (cut_prefix(rest, "/", v4 ? 32 : 128, prefix) < 0)
		return error_set(err, "the prefix length is out of range");
	if (rest->length < 2 || rest->text[0] != ':')
		return error_set(err, "the address is missing");
	length = rest->length - 1;
	if (length < sizeof(text)) {
		memcpy(text, rest->text + 1, length);
		text[length] = '\0';
		if (!memchr(text, ':', length) == v4 && ip_parse(text, &term_r->network, err))
			return true;
	}
	return error_set(err, "\"%.*s\" is no %s address", (int)length, rest->text + 1,
			 v4 ? "IPv4" : "IPv6");
}

static bool read_arguments(struct rest *rest, struct spf_term *term_r, struct error *err)
{
	switch (term_r->mechanism) {
	case SPF_ALL:
		return rest->length == 0 || error_set(err, "all takes no argument");
	case SPF_INCLUDE:
	case SPF_EXISTS:
		return read_domain(rest, true, &term_r->domain, err);
	case SPF_PTR:
		return read_domain(rest, false, &term_r->domain, err);
	case SPF_A:
	case SPF_MX:
		return read_dual_prefix(rest, term_r, err) &&
		       read_domain(rest, false, &term_r->domain, err);
	case SPF_IP4:
	case SPF_IP6:
		return read_network(rest, term_r, err);
	}
	return false;
}

static bool read_mechanism(const char *token, struct spf_record *record, struct error *err)
{
	struct spf_term term = {.qualifier = '+', .text = token, .prefix4 = 32, .prefix6 = 128};
	const char *name = token;
	struct rest rest;
	size_t length, i;

	if (*name && strchr("+-~?", *name))
		term.qualifier = *name++;
	length = strcspn(name, ":/");
	rest.text = name + length;
	rest.length = strlen(rest.text);
	for (i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		if (strlen(mechanisms[i].name) != length ||
		    strncasecmp(name, mechanisms[i].name, length) != 0)
			continue;
		term.mechanism = mechanisms[i].mechanism;
		if (!read_arguments(&rest, &term, err))
			return false;
		record->terms[record->count++] = term;
		return true;
	}
	return error_set(err, "there is no such mechanism");
}

/* The length of a modifier's name, 0 if the token is none: a name and at once `=`. */
static size_t modifier_name(const char *token)
{
	size_t length = 0;

	if (!isalpha((unsigned char)token[0]))
		return 0;
	while (isalnum((unsigned char)token[length]) ||
	       (token[length] && strchr("-_.", token[length])))
		length++;
	return token[length] == '=' ? length : 0;
}

static bool read_modifier(const char *token, size_t name, struct spf_record *record,
			  struct error *err)
{
	struct spf_domain value = {.text = token + name + 1, .length = strlen(token + name + 1)};
	struct spf_domain *place = NULL;

	if (name == 8 && strncasecmp(token, "redirect", name) == 0)
		place = &record->redirect;
	else if (name == 3 && strncasecmp(token, "exp", name) == 0)
		place = &record->exp;
	if (!place)
		return spf_macro_check(value.text, value.length, SPF_MACRO_RECORD, err);
	if (place->text)
		return error_set(err, "it may be there only once");
	*place = value;
	return spf_macro_check_domain(value.text, value.length, err);
}

static bool read_terms(struct spf_record *record, struct error *err)
{
	char *save = NULL, *token;

	for (token = strtok_r(record->storage, " ", &save); token;
	     token = strtok_r(NULL, " ", &save)) {
		size_t name = modifier_name(token);
		bool good = name ? read_modifier(token, name, record, err)
				 : read_mechanism(token, record, err);

		if (!good)
			return error_prefix(err, "in \"%.200s\": ", token);
	}
	return true;
}

/* RFC 7208 section 3.1: ASCII; section 12: only blanks and visible characters of it. */
static bool check_octets(const char *text, size_t length, struct error *err)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (text[i] < ' ' || text[i] > '~')
			return error_set(err, "octet 0x%02x at position %zu is not allowed",
					 (unsigned char)text[i], i + 1);
	}
	return true;
}

bool spf_record_parse(const char *text, size_t length, struct spf_record **record_r,
		      struct error *err)
{
	struct spf_record *record;
	size_t blanks = 0, i;

	if (!check_octets(text, length, err))
		return false;
	for (i = 0; i < length; i++)
		blanks += text[i] == ' ';
	record = calloc(1, sizeof(*record));
	if (!record)
		abort();
	record->storage = strndup(text + VERSION_LENGTH, length - VERSION_LENGTH);
	record->terms = calloc(blanks + 1, sizeof(*record->terms));
	if (!record->storage || !record->terms)
		abort();
	if (!read_terms(record, err)) {
		spf_record_free(record);
		return false;
	}
	*record_r = record;
	return true;
}

void spf_record_free(struct spf_record *record)
{
	if (!record)
		return;
	free(record->terms);
	free(record->storage);
	free(record);
}
