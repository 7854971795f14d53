/* SPDX-License-Identifier: BSD-2-Clause */
/* Collects inner names and addresses, and finds them in other texts. */
#include "milters/sign/hide_words.h"
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Not in the public DNS: RFC 6762 appendix G, RFC 8375, ICANN's list of name collisions. */
static const char *const inner_domains[] = {
    "local",     "localdomain", "localhost", "lan",     "internal", "intranet",
    "intern",    "corp",        "private",   "priv",    "home",     "home.arpa",
    "workgroup", "domain",      "loc",       "invalid",
};

/* As single words these name no host in particular. */
static const char *const generic_names[] = {
    "localhost", "unknown", "mail",    "smtp",     "mailhost", "mailserver", "mailer",
    "server",    "relay",   "gateway", "exchange", "postfix",  "esmtp",
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter_or_digit(char c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || is_digit(c);
}

static bool has_letter(const char *text)
{
	for (; *text != '\0'; text++) {
		if (lower(*text) >= 'a' && lower(*text) <= 'z')
			return true;
	}
	return false;
}

/* ::1, fe80::/10, fc00::/7, and for IPv4 127/8, 10/8, 172.16/12, 192.168/16, 169.254/16, 100.64/10. */
static bool is_private(const struct ip *ip)
{
	static const struct ip loopback = {{[15] = 1}};
	const unsigned char *b = ip->bytes, *v4 = ip->bytes + 12;

	if (!ip_is_v4(ip))
		return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) ||
		       ip_compare(ip, &loopback) == 0;
	return v4[0] == 10 || v4[0] == 127 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) ||
	       (v4[0] == 192 && v4[1] == 168) || (v4[0] == 169 && v4[1] == 254) ||
	       (v4[0] == 100 && (v4[1] & 0xc0) == 64);
}

static bool has_ip(const struct hide_words *words, const struct ip *ip)
{
	for (size_t i = 0; i < words->ip_count; i++) {
		if (ip_compare(&words->ip[i], ip) == 0)
			return true;
	}
	return false;
}

static void add_ip(struct hide_words *words, const struct ip *ip)
{
	if (words->ip_count < HIDE_WORDS_MAX && !has_ip(words, ip))
		words->ip[words->ip_count++] = *ip;
}

static bool is_known(const struct hide_words *words, const char *name)
{
	for (size_t i = 0; i < words->name_count; i++) {
		if (strcmp(words->name[i], name) == 0)
			return true;
	}
	for (size_t i = 0; i < sizeof(words->is_public) / sizeof(*words->is_public); i++) {
		if (words->is_public[i] != NULL && strcmp(words->is_public[i], name) == 0)
			return true;
	}
	return false;
}

static bool is_generic(const char *name)
{
	for (size_t i = 0; i < sizeof(generic_names) / sizeof(*generic_names); i++) {
		if (strcmp(generic_names[i], name) == 0)
			return true;
	}
	return false;
}

/* Lower case without a final dot; "" when it is too long for a name. */
static void copy_name(const char *text, size_t length, char name_r[DOMAIN_SIZE])
{
	while (length > 0 && text[length - 1] == '.')
		length--;
	if (length >= DOMAIN_SIZE)
		length = 0;
	for (size_t i = 0; i < length; i++)
		name_r[i] = lower(text[i]);
	name_r[length] = '\0';
}

static void add_name(struct hide_words *words, const char *name)
{
	if (strlen(name) >= 3 && has_letter(name) && words->name_count < HIDE_WORDS_MAX &&
	    !is_generic(name) && !is_known(words, name))
		memcpy(words->name[words->name_count++], name, strlen(name) + 1);
}

/* The host's short name, where it looks like one that was given to one machine: exch01, web-3. */
static void add_first_label(struct hide_words *words, const char *name)
{
	size_t length = strcspn(name, ".");
	char label[DOMAIN_SIZE];

	copy_name(name, length, label);
	if (name[length] == '.' && length >= 4 && strpbrk(label, "0123456789-") != NULL)
		add_name(words, label);
}

void hide_words_add(struct hide_words *words, const char *text, size_t length)
{
	char name[DOMAIN_SIZE];
	struct error not_ip;
	struct ip ip;

	if (length > 2 && text[0] == '[') {
		const char *end = memchr(text, ']', length);

		text++;
		length = end != NULL ? (size_t)(end - text) : length - 1;
	}
	if (length > 5 && strncasecmp(text, "IPv6:", 5) == 0) {
		text += 5;
		length -= 5;
	}
	copy_name(text, length, name);
	if (ip_parse(name, &ip, &not_ip)) {
		add_ip(words, &ip);
		return;
	}
	add_name(words, name);
	add_first_label(words, name);
}

/* Received's words: everything between blanks, commas, parentheses and the like, up to the date. */
static const char *next_word(const char *at, size_t *length_r, int *depth)
{
	static const char between[] = " \t\r\n,()=<>\"/";

	for (; *at != '\0' && (strchr(between, *at) != NULL || (*at == ';' && *depth > 0)); at++) {
		*depth += *at == '(';
		*depth -= *at == ')' && *depth > 0;
	}
	*length_r = strcspn(at, " \t\r\n,()=<>\"/;");
	return at;
}

static bool is_word(const char *at, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(at, word, length) == 0;
}

/* In a comment only what looks like a host is one. */
static bool looks_like_host(const char *at, size_t length)
{
	return memchr(at, '@', length) == NULL &&
	       (at[0] == '[' || memchr(at, '.', length) != NULL || memchr(at, ':', length) != NULL);
}

void hide_words_add_received(struct hide_words *words, const char *value)
{
	bool name_next = false;
	size_t length;
	int depth = 0;

	for (const char *at = next_word(value, &length, &depth); length > 0;
	     at = next_word(at + length, &length, &depth)) {
		bool is_host = depth > 0 && looks_like_host(at, length);

		if (depth == 0 && is_word(at, length, "for"))
			return;
		if ((depth == 0 && name_next) || is_host)
			hide_words_add(words, at, length);
		name_next =
		    (depth == 0 && (is_word(at, length, "from") || is_word(at, length, "by"))) ||
		    is_word(at, length, "helo") || is_word(at, length, "ehlo");
		if (name_next && depth > 0) {
			at = next_word(at + length, &length, &depth);
			hide_words_add(words, at, length);
			name_next = false;
		}
	}
}

/* Is `name` in the text, not as a part of a longer word? */
static bool occurs_as_word(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = text; (at = strcasestr(at, name)) != NULL; at++) {
		if ((at == text || !is_letter_or_digit(at[-1])) && !is_letter_or_digit(at[length]))
			return true;
	}
	return false;
}

/* Is the name below one of the inner domains, or one itself with a label before it? */
static bool is_inner_name(const char *name, size_t length)
{
	while (length > 0 && name[length - 1] == '.')
		length--;
	for (size_t i = 0; i < sizeof(inner_domains) / sizeof(*inner_domains); i++) {
		size_t inner = strlen(inner_domains[i]);

		if (length > inner + 1 && name[length - inner - 1] == '.' &&
		    is_letter_or_digit(name[length - inner - 2]) &&
		    strncasecmp(name + length - inner, inner_domains[i], inner) == 0)
			return true;
	}
	return false;
}

/* Four numbers at the beginning of the text, separated by dots or all by hyphens. */
static bool read_v4(const char *text, struct ip *ip_r)
{
	unsigned char bytes[16] = {[10] = 0xff, [11] = 0xff};
	char separator = '.';

	for (int i = 0; i < 4; i++) {
		unsigned number = 0, digits = 0;

		for (; is_digit(*text) && digits < 4; text++, digits++)
			number = number * 10 + (unsigned)(*text - '0');
		if (digits == 0 || digits > 3 || number > 255)
			return false;
		bytes[12 + i] = (unsigned char)number;
		if (i == 0 && *text == '-')
			separator = '-';
		if (i < 3 && *text++ != separator)
			return false;
	}
	memcpy(ip_r->bytes, bytes, sizeof(bytes));
	return !is_digit(*text);
}

/* An IPv6 address at the beginning of the text. */
static bool read_v6(const char *text, struct ip *ip_r)
{
	char address[IP_TEXT_SIZE];
	size_t length = strspn(text, "0123456789abcdefABCDEF:.");
	struct error not_ip;

	while (length > 2 &&
	       (text[length - 1] == '.' || (text[length - 1] == ':' && text[length - 2] != ':')))
		length--;
	if (length < 3 || length >= sizeof(address) || memchr(text, ':', length) == NULL)
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	return ip_parse(address, ip_r, &not_ip);
}

/* Looks at each place where an address could begin. */
static bool has_address(const struct hide_words *words, const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		bool begins = at == text || !is_letter_or_digit(at[-1]);
		bool has_tag = begins && strncasecmp(at, "IPv6:", 5) == 0;
		struct ip ip;

		if (is_digit(*at) && (at == text || !is_digit(at[-1])) && read_v4(at, &ip) &&
		    (is_private(&ip) || has_ip(words, &ip)))
			return true;
		if (begins && read_v6(has_tag ? at + 5 : at, &ip) &&
		    (is_private(&ip) || has_ip(words, &ip)))
			return true;
	}
	return false;
}

bool hide_words_is_host(const struct hide_words *words, const char *name, size_t length)
{
	char copy[DOMAIN_SIZE];

	copy_name(name, length, copy);
	for (size_t i = 0; i < words->name_count; i++) {
		if (strcmp(words->name[i], copy) == 0)
			return true;
	}
	return is_inner_name(copy, strlen(copy)) || has_address(words, copy);
}

bool hide_words_occur(const struct hide_words *words, const char *text)
{
	static const char name_characters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

	for (size_t i = 0; i < words->name_count; i++) {
		if (occurs_as_word(text, words->name[i]))
			return true;
	}
	for (const char *at = text; *at != '\0';) {
		size_t length = strspn(at, name_characters);

		if (is_inner_name(at, length))
			return true;
		at += length > 0 ? length : 1;
	}
	return has_address(words, text);
}
