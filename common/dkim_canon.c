/* SPDX-License-Identifier: BSD-2-Clause */
/* Relaxed canonicalization, fed into a hash through a small buffer. */
#include "common/dkim_canon.h"
#include <stdlib.h>
#include <string.h>

struct canon_body {
	struct crypto_hash *hash;
	bool any;   /* something was written: the body is not empty */
	bool blank; /* white space seen that only counts when something follows in its line */
	bool cr;    /* the last octet was CR */
	size_t empty_lines; /* line ends that only count when something follows */
	size_t used;
	char buffer[4096];
};

struct canon_body *canon_body_new(void)
{
	struct canon_body *body = calloc(1, sizeof(*body));

	if (body == NULL)
		abort();
	body->hash = crypto_hash_new();
	return body;
}

static void body_write(struct canon_body *body, const char *octets, size_t length)
{
	if (length > sizeof(body->buffer) - body->used) {
		crypto_hash_add(body->hash, body->buffer, body->used);
		body->used = 0;
	}
	if (length > sizeof(body->buffer)) {
		crypto_hash_add(body->hash, octets, length);
		return;
	}
	memcpy(body->buffer + body->used, octets, length);
	body->used += length;
}

/* Octets that are neither white space nor line end: what was held back counts now. */
static void body_octets(struct canon_body *body, const char *octets, size_t length)
{
	for (; body->empty_lines > 0; body->empty_lines--)
		body_write(body, "\r\n", 2);
	if (body->blank)
		body_write(body, " ", 1);
	body->blank = false;
	body->any = true;
	body_write(body, octets, length);
}

/* One of the four octets that canonicalization is about. */
static void body_special(struct canon_body *body, char c)
{
	if (body->cr && c != '\n')
		body_octets(body, "\r", 1);
	body->cr = c == '\r';
	if (c == '\n') {
		body->empty_lines++;
		body->blank = false;
	} else if (c != '\r') {
		body->blank = true;
	}
}

void canon_body_add(struct canon_body *body, const void *chunk, size_t length)
{
	const char *at = chunk, *end = at + length;

	while (at < end) {
		const char *run = at;

		while (at < end && *at != '\r' && *at != '\n' && *at != ' ' && *at != '\t')
			at++;
		if (at > run && body->cr)
			body_octets(body, "\r", 1);
		if (at > run) {
			body->cr = false;
			body_octets(body, run, (size_t)(at - run));
		}
		if (at < end)
			body_special(body, *at++);
	}
}

void canon_body_finish(struct canon_body *body, unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	if (body->cr)
		body_octets(body, "\r", 1);
	/* The empty lines at the end go; a body that is not empty ends in CRLF (RFC 6376 3.4.4). */
	if (body->any)
		body_write(body, "\r\n", 2);
	crypto_hash_add(body->hash, body->buffer, body->used);
	crypto_hash_finish(body->hash, digest_r);
}

void canon_body_free(struct canon_body *body)
{
	if (body == NULL)
		return;
	crypto_hash_free(body->hash);
	free(body);
}

/* One piece of a header value between white space; folds count as white space. */
static const char *next_word(const char *at, size_t *length_r)
{
	at += strspn(at, " \t\r\n");
	*length_r = strcspn(at, " \t\r\n");
	return at;
}

void canon_header_hash(struct crypto_hash *hash, const char *name, const char *value)
{
	size_t length;

	for (; *name != '\0'; name++) {
		char lower = *name;

		if (lower >= 'A' && lower <= 'Z')
			lower = (char)(lower - 'A' + 'a');
		if (lower != ' ' && lower != '\t')
			crypto_hash_add(hash, &lower, 1);
	}
	crypto_hash_add(hash, ":", 1);
	for (const char *at = next_word(value, &length); length > 0;) {
		crypto_hash_add(hash, at, length);
		at = next_word(at + length, &length);
		if (length > 0)
			crypto_hash_add(hash, " ", 1);
	}
}
