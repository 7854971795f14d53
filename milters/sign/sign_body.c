/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines broken as Postfix will, then hashed, and kept when asked to. */
#include "milters/sign/sign_body.h"
#include "common/dkim_canon.h"
#include "milters/chain/memory.h"
#include "milters/sign/wire_lines.h"
#include <stdlib.h>
#include <string.h>

struct sign_body {
	struct wire_body wire;
	struct canon_body *canon;
	size_t keep_max; /* 0: nothing is kept, or no longer */
	char *text;
	size_t length, room;
};

static void keep(struct sign_body *body, const void *octets, size_t length)
{
	if (length > body->keep_max - body->length) {
		free(body->text);
		body->text = NULL;
		body->keep_max = 0;
		return;
	}
	if (length > body->room - body->length) {
		body->room = (body->length + length) * 2;
		body->text = memory_grow(body->text, body->room, 1);
	}
	memcpy(body->text + body->length, octets, length);
	body->length += length;
}

static void put(void *context, const void *octets, size_t length)
{
	struct sign_body *body = context;

	canon_body_add(body->canon, octets, length);
	if (body->keep_max > 0)
		keep(body, octets, length);
}

struct sign_body *sign_body_new(size_t keep_max)
{
	struct sign_body *body = memory_new(1, sizeof(*body));

	body->keep_max = keep_max;
	if (keep_max > 0) {
		body->room = 4096;
		body->text = memory_new(body->room, 1);
	}
	body->canon = canon_body_new();
	wire_body_start(&body->wire, put, body);
	return body;
}

void sign_body_free(struct sign_body *body)
{
	if (body == NULL)
		return;
	canon_body_free(body->canon);
	free(body->text);
	free(body);
}

void sign_body_add(struct sign_body *body, const void *chunk, size_t length)
{
	wire_body_add(&body->wire, chunk, length);
}

void sign_body_finish(struct sign_body *body, unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	wire_body_finish(&body->wire);
	canon_body_finish(body->canon, digest_r);
}

const void *sign_body_text(const struct sign_body *body, size_t *length_r)
{
	*length_r = body->length;
	return body->text;
}
