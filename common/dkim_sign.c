/* SPDX-License-Identifier: BSD-2-Clause */
/* Signs a message: header selection, the signature field, its hash. */
#include "common/dkim_sign.h"
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_LENGTH 72

/* What a reader sees or a reader's program acts on (RFC 6376 section 5.4.1, and RFC 8058 section 4 for
 * List-Unsubscribe-Post). */
enum over {
	OVER_NEVER,
	OVER_IF_THERE, /* once more than it is there */
	OVER_ALWAYS,   /* the same, and also when it is not there */
};

static const struct {
	const char *name;
	enum over over;
} signed_headers[] = {
    {"From", OVER_ALWAYS},
    {"Sender", OVER_IF_THERE},
    {"Reply-To", OVER_IF_THERE},
    {"To", OVER_IF_THERE},
    {"Cc", OVER_IF_THERE},
    {"Subject", OVER_IF_THERE},
    {"Date", OVER_IF_THERE},
    {"Message-ID", OVER_IF_THERE},
    {"In-Reply-To", OVER_NEVER},
    {"References", OVER_NEVER},
    {"MIME-Version", OVER_IF_THERE},
    {"Content-Type", OVER_IF_THERE},
    {"Content-Transfer-Encoding", OVER_IF_THERE},
    {"Content-ID", OVER_NEVER},
    {"Content-Description", OVER_NEVER},
    {"Resent-Date", OVER_NEVER},
    {"Resent-From", OVER_NEVER},
    {"Resent-Sender", OVER_NEVER},
    {"Resent-To", OVER_NEVER},
    {"Resent-Cc", OVER_NEVER},
    {"Resent-Message-ID", OVER_NEVER},
    {"List-Id", OVER_NEVER},
    {"List-Help", OVER_NEVER},
    {"List-Unsubscribe", OVER_NEVER},
    {"List-Unsubscribe-Post", OVER_NEVER},
    {"List-Subscribe", OVER_NEVER},
    {"List-Post", OVER_NEVER},
    {"List-Owner", OVER_NEVER},
    {"List-Archive", OVER_NEVER},
};

/* Text that grows, folding before a piece that would make the line too long. */
struct folded {
	char *text;
	size_t length, size;
	size_t column;
};

static void folded_write(struct folded *folded, const char *text, size_t length)
{
	if (folded->length + length + 1 > folded->size) {
		folded->size = (folded->length + length + 1) * 2;
		folded->text = realloc(folded->text, folded->size);
		if (folded->text == NULL)
			abort();
	}
	memcpy(folded->text + folded->length, text, length);
	folded->length += length;
	folded->text[folded->length] = '\0';
	folded->column += length;
}

/* A piece that must stay whole. */
static void folded_add(struct folded *folded, const char *text)
{
	size_t length = strlen(text);

	if (folded->column + length > LINE_LENGTH) {
		folded_write(folded, "\n\t", 2);
		folded->column = 8;
	}
	folded_write(folded, text, length);
}

/* Base64, which may be folded anywhere. */
static void folded_add_base64(struct folded *folded, const void *data, size_t length)
{
	char *text = crypto_base64(data, length);

	for (const char *at = text; *at != '\0';) {
		size_t room = folded->column < LINE_LENGTH ? LINE_LENGTH - folded->column : 0;
		size_t piece = strnlen(at, room);

		if (piece == 0) {
			folded_write(folded, "\n\t", 2);
			folded->column = 8;
			continue;
		}
		folded_write(folded, at, piece);
		at += piece;
	}
	free(text);
}

/* The list of h=: one entry for each signed instance, index -1 for an oversigned one. */
struct selection {
	size_t count, size;
	struct selected {
		const char *name;
		ptrdiff_t index;
	} * entries;
};

static void selection_add(struct selection *selection, const char *name, ptrdiff_t index)
{
	if (selection->count == selection->size) {
		selection->size = selection->size * 2 + 32;
		selection->entries =
		    reallocarray(selection->entries, selection->size, sizeof(*selection->entries));
		if (selection->entries == NULL)
			abort();
	}
	selection->entries[selection->count++] = (struct selected){name, index};
}

/* All instances of each header to sign, the last first (RFC 6376 section 5.4.2). */
static void selection_make(struct selection *selection, const struct dkim_request *request)
{
	for (size_t h = 0; h < sizeof(signed_headers) / sizeof(*signed_headers); h++) {
		const char *name = signed_headers[h].name;
		bool any = false;

		for (size_t i = request->header_count; i-- > 0;) {
			if (strcasecmp(request->headers[i].name, name) != 0)
				continue;
			selection_add(selection, name, (ptrdiff_t)i);
			any = true;
		}
		if (signed_headers[h].over == OVER_ALWAYS ||
		    (any && signed_headers[h].over == OVER_IF_THERE))
			selection_add(selection, name, -1);
	}
}

static void write_tag(struct folded *field, const char *tag, const char *value)
{
	char text[320];

	snprintf(text, sizeof(text), " %s=%s;", tag, value);
	folded_add(field, text);
}

static void write_time_tag(struct folded *field, const char *tag, int64_t seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, seconds);
	write_tag(field, tag, text);
}

/* The field body up to and with `b=`. */
static void write_field(struct folded *field, const struct dkim_request *request,
			const struct selection *selection)
{
	bool is_rsa = crypto_key_algorithm(request->key) == CRYPTO_RSA;

	field->column = sizeof("DKIM-Signature:") - 1;
	folded_add(field, " v=1;");
	write_tag(field, "a", is_rsa ? "rsa-sha256" : "ed25519-sha256");
	write_tag(field, "c", "relaxed/relaxed");
	write_tag(field, "d", request->domain);
	write_tag(field, "s", request->selector);
	if (request->identity != NULL)
		write_tag(field, "i", request->identity);
	write_time_tag(field, "t", request->now);
	if (request->lifetime_s > 0)
		write_time_tag(field, "x", request->now + request->lifetime_s);
	folded_add(field, " h=");
	for (size_t i = 0; i < selection->count; i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s%s", selection->entries[i].name,
			 i + 1 < selection->count ? ":" : ";");
		folded_add(field, text);
	}
	folded_add(field, " bh=");
	folded_add_base64(field, request->body_digest, CRYPTO_HASH_BYTES);
	folded_add(field, "; b=");
}

/* The data hash of RFC 6376 section 3.7: the headers of h=, then the field itself without CRLF. */
static void hash_headers(const struct dkim_request *request, const struct selection *selection,
			 const char *field, unsigned char digest[CRYPTO_HASH_BYTES])
{
	struct crypto_hash *hash = crypto_hash_new();

	for (size_t i = 0; i < selection->count; i++) {
		const struct dkim_field *header;

		if (selection->entries[i].index < 0)
			continue;
		header = &request->headers[selection->entries[i].index];
		canon_header_hash(hash, header->name, header->value);
		crypto_hash_add(hash, "\r\n", 2);
	}
	canon_header_hash(hash, "DKIM-Signature", field);
	crypto_hash_finish(hash, digest);
	crypto_hash_free(hash);
}

static bool has_from(const struct dkim_request *request)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, "From") == 0)
			return true;
	return false;
}

bool dkim_signature_make(const struct dkim_request *request, char **value_r, struct error *err)
{
	unsigned char digest[CRYPTO_HASH_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	struct selection selection = {0};
	struct folded field = {0};
	size_t length;

	if (!has_from(request))
		return error_set(err, "the message has no From to sign");
	selection_make(&selection, request);
	write_field(&field, request, &selection);
	hash_headers(request, &selection, field.text, digest);
	free(selection.entries);
	if (!crypto_key_sign(request->key, digest, signature, &length, err)) {
		free(field.text);
		return false;
	}
	folded_add_base64(&field, signature, length);
	*value_r = field.text;
	return true;
}
