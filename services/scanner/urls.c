/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 3986 section 3.2 read as browsers read it. */
#include "services/scanner/urls.h"
#include "common/domain.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Where the authority begins: behind `scheme://`, `//`, or a `www.` without either; NULL: there is none. */
static const char *find_authority(const char *url, const char *end)
{
	const char *at = url;

	while (at < end && (strchr("+-.", *at) != NULL || (*at >= '0' && *at <= '9') ||
			    ((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z')))
		at++;
	if (at > url && at < end && *at == ':')
		at++;
	else
		at = url;
	if (end - at >= 2 && is_slash(at[0]) && is_slash(at[1])) {
		while (at < end && is_slash(*at))
			at++;
		return at;
	}
	return end - url > 4 && strncasecmp(url, "www.", 4) == 0 ? url : NULL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Copies a host, its percent signs undone; false: too long, or a NUL in it. */
static bool copy_host(const char *from, const char *end, char host_r[URL_HOST_SIZE])
{
	size_t used = 0;

	for (; from < end; from++) {
		char c = *from;

		if (c == '%' && end - from >= 3 && hex_value(from[1]) >= 0 &&
		    hex_value(from[2]) >= 0) {
			c = (char)(hex_value(from[1]) << 4 | hex_value(from[2]));
			from += 2;
		}
		if (c == '\0' || used + 1 >= URL_HOST_SIZE)
			return false;
		host_r[used++] = c;
	}
	host_r[used] = '\0';
	return used > 0;
}

/* An address of version 6, of version 4 in any of inet_aton(3)'s spellings. */
static bool normalize_address(char host[URL_HOST_SIZE])
{
	struct in6_addr v6;
	struct in_addr v4;
	size_t length = strlen(host);

	if (host[0] == '[' && host[length - 1] == ']') {
		host[length - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &v6) == 1)
			return inet_ntop(AF_INET6, &v6, host, URL_HOST_SIZE) != NULL;
		host[length - 1] = ']';
		return false;
	}
	return inet_aton(host, &v4) != 0 && inet_ntop(AF_INET, &v4, host, URL_HOST_SIZE) != NULL;
}

/* A name of one label, as hosts of one's own network have. */
static bool is_label(const char *host)
{
	return host[0] != '\0' && strlen(host) <= 63 &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		   strlen(host);
}

static bool normalize(char host[URL_HOST_SIZE])
{
	char domain[DOMAIN_SIZE];
	struct error err;

	if (normalize_address(host))
		return true;
	if (domain_normalize(host, strlen(host), domain, &err)) {
		snprintf(host, URL_HOST_SIZE, "%s", domain);
		return true;
	}
	if (!is_label(host))
		return false;
	for (char *at = host; *at != '\0'; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
	return true;
}

bool url_host(const char *url, size_t length, char host_r[URL_HOST_SIZE])
{
	const char *at = find_authority(url, url + length);
	const char *end = at, *user, *port;
	bool found;

	host_r[0] = '\0';
	if (at == NULL)
		return false;
	while (end < url + length && strchr("/\\?#", *end) == NULL)
		end++;
	user = memrchr(at, '@', (size_t)(end - at));
	if (user != NULL)
		at = user + 1;
	port = memrchr(at, ':', (size_t)(end - at));
	if (port != NULL && memchr(port, ']', (size_t)(end - port)) == NULL)
		end = port;
	found = copy_host(at, end, host_r) && normalize(host_r);
	if (!found)
		host_r[0] = '\0';
	return found;
}

/* Does a URL end before it? Octets of UTF-8 beyond ASCII are part of it. */
static bool ends_url(char c)
{
	return (unsigned char)c <= ' ' || c == '<' || c == '>' || c == '"' || c == '`' ||
	       c == '{' || c == '}' || c == '|' || c == '\x7f';
}

/* What a sentence puts behind a URL. */
static bool is_punctuation(char c)
{
	return strchr(".,;:!?'\")]*_", c) != NULL;
}

static void give(const char *from, size_t length, url_found found, void *context)
{
	char text[URL_MAX_BYTES + 1];
	char host[URL_HOST_SIZE];

	(void)url_host(from, length, host);
	if (length > URL_MAX_BYTES)
		length = URL_MAX_BYTES;
	memcpy(text, from, length);
	text[length] = '\0';
	found(context, text, host);
}

/* The URL whose `://` or `www.` is at `mark`; returns its end. */
static size_t take(const char *text, size_t length, size_t from, size_t mark, url_found found,
		   void *context)
{
	size_t end = mark;

	while (end < length && !ends_url(text[end]))
		end++;
	length = end;
	while (length > mark && is_punctuation(text[length - 1]))
		length--;
	if (length > mark + 4)
		give(text + from, length - from, found, context);
	return end;
}

static bool is_scheme(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
	       c == '-' || c == '.';
}

/* Where the scheme before the colon at `colon` begins, not before `limit`. */
static size_t scheme_start(const char *text, size_t limit, size_t colon)
{
	size_t from = colon;

	while (from > limit && colon - from < 32 && is_scheme(text[from - 1]))
		from--;
	while (from < colon && (text[from] | 0x20) < 'a')
		from++;
	return from;
}

/* `www.` that is not in the middle of a word. */
static bool begins_www(const char *text, size_t length, size_t at)
{
	return length - at > 4 && strncasecmp(text + at, "www.", 4) == 0 &&
	       (at == 0 || (!is_scheme(text[at - 1]) && text[at - 1] != '@'));
}

void urls_find(const char *text, size_t length, url_found found, void *context)
{
	size_t done = 0, at = 0;

	while (at < length) {
		size_t from = at;
		bool here = false;

		if (text[at] == ':' && length - at > 3 && is_slash(text[at + 1]) &&
		    is_slash(text[at + 2])) {
			from = scheme_start(text, done, at);
			here = from < at;
		} else if ((text[at] | 0x20) == 'w') {
			here = begins_www(text, length, at);
		}
		at = here ? take(text, length, from, at, found, context) : at + 1;
		done = here ? at : done;
	}
}
