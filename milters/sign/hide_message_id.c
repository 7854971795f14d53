/* SPDX-License-Identifier: BSD-2-Clause */
/* Rewrites IDs with a keyed hash. */
#include "milters/sign/hide_message_id.h"
#include "milters/chain/memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LEFT_OCTETS 20 /* of the hash; no two IDs will ever meet in these */
#define NEW_ID_SIZE (2 * LEFT_OCTETS + DOMAIN_SIZE + 4)

static const char *const id_headers[] = {"Message-ID", "Resent-Message-ID", "References",
					 "In-Reply-To"};

/* The new ID without its brackets. */
static void make_id(const struct hide_ids *ids, const char *id, size_t length,
		    char new_r[NEW_ID_SIZE])
{
	unsigned char digest[CRYPTO_HASH_BYTES];
	char *at = new_r;

	crypto_mac(ids->key, "easymail message-id", id, length, digest);
	for (size_t i = 0; i < LEFT_OCTETS; i++)
		at += sprintf(at, "%02x", digest[i]);
	snprintf(at, (size_t)(new_r + NEW_ID_SIZE - at), "@%s", ids->domain);
}

/* What is behind the last @ of an ID; the rest of the text when there is none. */
static const char *host_of(const char *id, size_t length, size_t *length_r)
{
	const char *at = memrchr(id, '@', length);

	*length_r = at != NULL ? (size_t)(id + length - at - 1) : 0;
	return at != NULL ? at + 1 : id + length;
}

static bool is_public(const struct hide_words *words, const char *host, size_t length)
{
	for (size_t i = 0; i < sizeof(words->is_public) / sizeof(*words->is_public); i++) {
		const char *name = words->is_public[i];

		if (name != NULL && strlen(name) == length && strncasecmp(name, host, length) == 0)
			return true;
	}
	return false;
}

/* The next `<…>` without blanks in it; NULL: there is none. */
static const char *next_id(const char *at, size_t *length_r)
{
	while ((at = strchr(at, '<')) != NULL) {
		*length_r = strcspn(++at, "<> \t\r\n");
		if (at[*length_r] == '>' && *length_r > 0)
			return at;
	}
	return NULL;
}

/* The host that made this message's ID, when it is one to hide; "" otherwise. */
static void find_own_host(const struct message *message, const struct hide_words *words,
			  char own_r[DOMAIN_SIZE])
{
	size_t at, length, host_length;
	const char *id, *host;

	own_r[0] = '\0';
	if (!message_header_find(message, "Message-ID", 0, &at))
		return;
	id = next_id(message_header_at(message, at)->value, &length);
	if (id == NULL)
		return;
	host = host_of(id, length, &host_length);
	if (host_length < DOMAIN_SIZE && !is_public(words, host, host_length))
		snprintf(own_r, DOMAIN_SIZE, "%.*s", (int)host_length, host);
}

static bool is_to_hide(const struct hide_ids *ids, const char *own, const char *id, size_t length)
{
	size_t host_length;
	const char *host = host_of(id, length, &host_length);
	char *copy;
	bool found;

	if (own[0] != '\0' && strlen(own) == host_length &&
	    strncasecmp(own, host, host_length) == 0)
		return true;
	copy = strndup(id, length);
	if (copy == NULL)
		abort();
	found = hide_words_occur(ids->words, copy);
	free(copy);
	return found;
}

/* The value with its IDs rewritten; NULL: none is to be. The caller frees. */
static char *rewrite(const struct hide_ids *ids, const char *own, const char *value)
{
	size_t length, size = strlen(value) + 1;
	char *text = NULL, *out = NULL;
	const char *rest = value;

	for (const char *id = next_id(value, &length); id != NULL;
	     id = next_id(id + length, &length)) {
		char new_id[NEW_ID_SIZE];

		if (!is_to_hide(ids, own, id, length))
			continue;
		if (text == NULL) /* an ID has at least three octets with its brackets */
			text = out = memory_new(size / 3 + 1, NEW_ID_SIZE);
		make_id(ids, id, length, new_id);
		out = mempcpy(out, rest, (size_t)(id - rest));
		out = stpcpy(out, new_id);
		rest = id + length;
	}
	if (text != NULL)
		memcpy(out, rest, strlen(rest) + 1);
	return text;
}

void hide_message_ids(struct message *message, const struct hide_ids *ids)
{
	char own[DOMAIN_SIZE];

	find_own_host(message, ids->words, own);
	for (size_t i = 0; i < sizeof(id_headers) / sizeof(*id_headers); i++) {
		for (size_t at = 0; message_header_find(message, id_headers[i], at, &at); at++) {
			char *value = rewrite(ids, own, message_header_at(message, at)->value);

			if (value != NULL)
				message_header_replace(message, at, value);
			free(value);
		}
	}
}
