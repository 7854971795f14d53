/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks and expands SPF macros. */
#include "common/spf_macro.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PARTS_MAX 512 /* a text of 509 octets has at most 510 parts */

/* One unit of a macro-string: a literal, or a letter with its transformers. */
struct token {
	const char *literal; /* NULL: it is a macro */
	size_t length;       /* of literal */
	char letter;         /* lower case */
	bool escape;         /* it was upper case: URL-escape the value */
	bool reverse;
	size_t keep; /* that many parts on the right; 0: all */
	const char *delimiters;
	size_t delimiter_count;
};

struct output {
	char *text;
	size_t used;
	bool full;
};

static void put(struct output *out, const char *text, size_t length)
{
	if (length >= SPF_EXPANSION_SIZE - out->used) {
		out->full = true;
		return;
	}
	memcpy(out->text + out->used, text, length);
	out->used += length;
	out->text[out->used] = '\0';
}

static bool is_one_of(char octet, const char *set)
{
	return octet != '\0' && strchr(set, octet) != NULL;
}

/* Digits: how many parts to keep, of which 0 is wrong. Returns the octets read, -1 if wrong. */
static int read_keep(const char *text, size_t length, struct token *token_r)
{
	int at;

	for (at = 0; (size_t)at < length && isdigit((unsigned char)text[at]); at++) {
		if (token_r->keep < PARTS_MAX)
			token_r->keep = token_r->keep * 10 + (size_t)(text[at] - '0');
	}
	return at > 0 && token_r->keep == 0 ? -1 : at;
}

/* What stands between the braces. Returns the octets up to and with `}`, 0 if it is wrong. */
static size_t read_braces(const char *text, size_t length, struct token *token_r)
{
	static const char lower[] = "slodipvhcrt", upper[] = "SLODIPVHCRT";
	size_t at = 1;
	int digits;

	if (length < 2 || !(is_one_of(text[0], lower) || is_one_of(text[0], upper)))
		return 0;
	token_r->escape = is_one_of(text[0], upper);
	token_r->letter = text[0];
	if (token_r->escape)
		token_r->letter = lower[strchr(upper, text[0]) - upper];
	digits = read_keep(text + at, length - at, token_r);
	if (digits < 0)
		return 0;
	at += (size_t)digits;
	token_r->reverse = at < length && is_one_of(text[at], "rR");
	at += token_r->reverse;
	token_r->delimiters = text + at;
	while (at < length && is_one_of(text[at], ".-+,/_="))
		at++;
	token_r->delimiter_count = (size_t)(text + at - token_r->delimiters);
	return at < length && text[at] == '}' ? at + 1 : 0;
}

/* The unit at the start of text. Returns its octets, 0 if it is a `%` that begins no macro. */
static size_t read_token(const char *text, size_t length, struct token *token_r)
{
	size_t used;

	*token_r = (struct token){.literal = text, .length = 1};
	if (text[0] != '%')
		return 1;
	if (length < 2)
		return 0;
	switch (text[1]) {
	case '%':
		token_r->literal = "%";
		return 2;
	case '_':
		token_r->literal = " ";
		return 2;
	case '-':
		token_r->literal = "%20";
		token_r->length = 3;
		return 2;
	case '{':
		token_r->literal = NULL;
		used = read_braces(text + 2, length - 2, token_r);
		return used ? used + 2 : 0;
	}
	return 0;
}

/* end_r: where the last macro of the text ends, 0 for none. */
static bool check_tokens(const char *text, size_t length, enum spf_macro_scope scope, size_t *end_r,
			 struct error *err)
{
	struct token token;
	size_t at, used;

	*end_r = 0;
	for (at = 0; at < length; at += used) {
		char lowest = scope == SPF_MACRO_RECORD ? '!' : ' ';

		if (text[at] < lowest || text[at] > '~')
			return error_set(err, "octet 0x%02x is not allowed",
					 (unsigned char)text[at]);
		used = read_token(text + at, length - at, &token);
		if (used == 0)
			return error_set(err, "\"%.*s\" is no macro", (int)(length - at),
					 text + at);
		if (!token.literal && scope == SPF_MACRO_RECORD && is_one_of(token.letter, "crt"))
			return error_set(err, "macro letter %c is for explanations only",
					 token.letter);
		if (text[at] == '%')
			*end_r = at + used;
	}
	return true;
}

bool spf_macro_check(const char *text, size_t length, enum spf_macro_scope scope, struct error *err)
{
	size_t end;

	return check_tokens(text, length, scope, &end, err);
}

/* toplabel of RFC 7208 section 7.1: letters, digits and inner hyphens, not digits alone. */
static bool is_top_label(const char *label, size_t length)
{
	size_t i, digits = 0;

	if (length == 0 || label[0] == '-' || label[length - 1] == '-')
		return false;
	for (i = 0; i < length; i++) {
		if (!isalnum((unsigned char)label[i]) && label[i] != '-')
			return false;
		digits += isdigit((unsigned char)label[i]) != 0;
	}
	return digits < length;
}

bool spf_macro_check_domain(const char *text, size_t length, struct error *err)
{
	const char *dot;
	size_t end;

	if (length == 0)
		return error_set(err, "the domain is missing");
	if (!check_tokens(text, length, SPF_MACRO_RECORD, &end, err))
		return false;
	if (end == length)
		return true;
	if (text[length - 1] == '.')
		length--;
	dot = memrchr(text + end, '.', length - end);
	if (!dot || !is_top_label(dot + 1, (size_t)(text + length - dot - 1)))
		return error_set(err, "\"%.*s\" is no domain", (int)length, text);
	return true;
}

/* %{i}: dotted quad, or the 32 nibbles of IPv6. */
static void format_nibbles(const struct ip *ip, char text_r[64 + 1])
{
	size_t i;

	if (ip_is_v4(ip)) {
		ip_format(ip, text_r);
		return;
	}
	for (i = 0; i < sizeof(ip->bytes); i++)
		snprintf(text_r + i * 4, 5, "%X.%X.", ip->bytes[i] >> 4, ip->bytes[i] & 15u);
	text_r[63] = '\0';
}

/* The value of a letter: borrowed, or written to `buffer`. */
static const char *letter_value(char letter, const struct spf_macros *macros,
				char buffer[SPF_EXPANSION_SIZE])
{
	switch (letter) {
	case 'l':
		return macros->local;
	case 'o':
		return macros->origin;
	case 'd':
		return macros->current;
	case 'h':
		return macros->helo;
	case 'r':
		return macros->receiver;
	case 'p':
		return macros->validated(macros->context);
	case 'v':
		return ip_is_v4(&macros->client) ? "in-addr" : "ip6";
	case 'i':
		format_nibbles(&macros->client, buffer);
		break;
	case 'c':
		ip_format(&macros->client, buffer);
		break;
	case 't':
		snprintf(buffer, SPF_EXPANSION_SIZE, "%lld", (long long)time(NULL));
		break;
	default: /* s */
		snprintf(buffer, SPF_EXPANSION_SIZE, "%s@%s", macros->local, macros->origin);
		break;
	}
	return buffer;
}

static void put_escaped(struct output *out, const char *text, size_t length)
{
	char escape[4];
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned char octet = (unsigned char)text[i];

		if (isalnum(octet) || is_one_of(text[i], "-._~")) {
			put(out, text + i, 1);
		} else {
			snprintf(escape, sizeof(escape), "%%%02X", octet);
			put(out, escape, 3);
		}
	}
}

/* Cuts value at the delimiters; starts_r[n] to starts_r[n + 1] - 1 is part n. */
static size_t split(const char *value, const struct token *token, size_t starts_r[PARTS_MAX + 1])
{
	const char *delimiters = token->delimiter_count ? token->delimiters : ".";
	size_t delimiter_count = token->delimiter_count ? token->delimiter_count : 1;
	size_t count = 1, i;

	starts_r[0] = 0;
	for (i = 0; value[i] && count < PARTS_MAX; i++) {
		if (memchr(delimiters, value[i], delimiter_count))
			starts_r[count++] = i + 1;
	}
	starts_r[count] = strlen(value) + 1;
	return count;
}

static void put_macro(struct output *out, const struct token *token,
		      const struct spf_macros *macros)
{
	char buffer[SPF_EXPANSION_SIZE];
	const char *value = letter_value(token->letter, macros, buffer);
	size_t starts[PARTS_MAX + 1];
	size_t count = split(value, token, starts);
	size_t first = token->keep > 0 && token->keep < count ? count - token->keep : 0, i;

	for (i = first; i < count; i++) {
		size_t part = token->reverse ? count - 1 - i : i;
		size_t length = starts[part + 1] - starts[part] - 1;

		if (i > first)
			put(out, ".", 1);
		if (token->escape)
			put_escaped(out, value + starts[part], length);
		else
			put(out, value + starts[part], length);
	}
}

bool spf_macro_expand(const char *text, size_t length, const struct spf_macros *macros,
		      char expansion_r[SPF_EXPANSION_SIZE], struct error *err)
{
	struct output out = {.text = expansion_r};
	struct token token;
	size_t at, used;

	expansion_r[0] = '\0';
	for (at = 0; at < length && !out.full; at += used) {
		used = read_token(text + at, length - at, &token);
		if (used == 0)
			return error_set(err, "\"%.*s\" is no macro", (int)(length - at),
					 text + at);
		if (token.literal)
			put(&out, token.literal, token.length);
		else
			put_macro(&out, &token, macros);
	}
	return !out.full || error_set(err, "\"%.*s\" expands to over %d octets", (int)length, text,
				      SPF_EXPANSION_SIZE - 1);
}

bool spf_macro_expand_domain(const char *text, size_t length, const struct spf_macros *macros,
			     char name_r[DNS_NAME_MAX + 1], struct error *err)
{
	char expansion[SPF_EXPANSION_SIZE];
	const char *name = expansion, *dot;
	size_t octets;

	if (!spf_macro_expand(text, length, macros, expansion, err))
		return false;
	octets = strlen(expansion);
	if (octets > 0 && expansion[octets - 1] == '.')
		expansion[octets - 1] = '\0';
	while (strlen(name) > DNS_NAME_MAX && (dot = strchr(name, '.')))
		name = dot + 1;
	octets = strnlen(name, DNS_NAME_MAX); /* what is cut here has no dot: a label too long */
	memcpy(name_r, name, octets);
	name_r[octets] = '\0';
	return true;
}
