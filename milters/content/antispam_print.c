/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks through a message from its first octet to its last and hashes all of it, texts and headers by words. */
#include "milters/content/antispam_print.h"
#include "milters/content/antispam_print_fields.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS_MAX      64
#define TEXT_BYTES_MAX (512 * 1024) /* a longer text is compared octet by octet */
#define VERSION        "easymail campaign 1"

/* What a verdict is measured by. */
static const enum setting_id thresholds[] = {
    SETTING_ANTISPAM_TAG_SCORE,      SETTING_ANTISPAM_SUSPECT_SCORE,
    SETTING_ANTISPAM_TEMPFAIL_SCORE, SETTING_ANTISPAM_QUARANTINE_SCORE,
    SETTING_ANTISPAM_REJECT_SCORE,
};

struct print {
	const struct print_source *source;
	struct words words;
	struct boundaries boundaries;
};

static void add_text(struct print *print, const char *text)
{
	crypto_hash_add(print->words.hash, text, strlen(text) + 1);
}

static void add_number(struct print *print, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	add_text(print, text);
}

/* What is neither header nor content: delimiters, and what stands before, between and behind them. */
static void add_gap(struct print *print, size_t from, size_t to)
{
	const char *at = print->source->data + from, *end = print->source->data + to;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = newline != NULL ? (size_t)(newline + 1 - at) : (size_t)(end - at);

		boundaries_add_line(&print->boundaries, &print->words, at, length);
		at += length;
	}
}

/* -1: it is no digit as RFC 2045 has them. */
static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* A soft line break is no octet of the text (RFC 2045 section 6.7). -1: not encoded as it should be. */
static ssize_t decode_quoted(const char *from, size_t length, char *to)
{
	size_t used = 0;

	for (size_t at = 0; at < length; at++) {
		int high, low;

		if (from[at] != '=') {
			to[used++] = from[at];
			continue;
		}
		if (at + 2 >= length)
			return -1;
		if (from[at + 1] == '\r' && from[at + 2] == '\n') {
			at += 2;
			continue;
		}
		high = hex_value(from[at + 1]);
		low = hex_value(from[at + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return -1;
		to[used++] = (char)(high << 4 | low);
		at += 2;
	}
	return (ssize_t)used;
}

static void add_quoted(struct print *print, enum words_kind kind, const char *body, size_t length)
{
	char *text = malloc(length + 1);
	ssize_t decoded;

	if (text == NULL)
		abort();
	decoded = decode_quoted(body, length, text);
	add_number(print, decoded >= 0);
	if (decoded >= 0)
		words_add(&print->words, kind, text, (size_t)decoded);
	else
		words_add(&print->words, WORDS_EXACT, body, length);
	free(text);
}

/* Octets below 128 mean what they mean in ASCII. */
static bool is_like_ascii(const char *charset)
{
	return charset[0] == '\0' || strcmp(charset, "us-ascii") == 0 ||
	       strcmp(charset, "utf-8") == 0 || strncmp(charset, "iso-8859-", 9) == 0 ||
	       strncmp(charset, "windows-125", 11) == 0;
}

static enum words_kind kind_of(const struct facts_part *part)
{
	if (part->attachment || part->name_count > 0 || part->body_length > TEXT_BYTES_MAX ||
	    !is_like_ascii(part->charset))
		return WORDS_EXACT;
	if (strcmp(part->type, "text/plain") == 0)
		return WORDS_PLAIN;
	return strcmp(part->type, "text/html") == 0 ? WORDS_HTML : WORDS_EXACT;
}

static void add_body(struct print *print, const struct facts_part *part)
{
	const char *body = print->source->data + part->body_at;
	enum words_kind kind = kind_of(part);

	if (kind != WORDS_EXACT && strcmp(part->encoding, "quoted-printable") == 0)
		add_quoted(print, kind, body, part->body_length);
	else if (kind != WORDS_EXACT &&
		 (part->encoding[0] == '\0' || strcmp(part->encoding, "7bit") == 0 ||
		  strcmp(part->encoding, "8bit") == 0))
		words_add(&print->words, kind, body, part->body_length);
	else
		crypto_hash_add(print->words.hash, part->hash, sizeof(part->hash));
}

static bool is_fit(const struct facts_part *part, size_t at)
{
	return part->located && part->same_as == 0 && part->malformed == 0 &&
	       part->header_at >= at && part->body_at >= part->header_at + part->header_length &&
	       (part->kind == FACTS_LEAF || part->kind == FACTS_MULTIPART);
}

/* From *at on to the end of its header, or of its content where it has any of its own. */
static bool add_part(struct print *print, const struct facts_part *part, size_t *at)
{
	const char *data = print->source->data;

	if (!is_fit(part, *at))
		return false;
	add_gap(print, *at, part->header_at);
	add_number(print, part->number);
	add_number(print, part->parent);
	add_number(print, part->kind);
	add_text(print, part->type);
	add_text(print, part->encoding);
	add_text(print, part->charset);
	if (!fields_add(&print->words, &print->boundaries, part->number == 1 ? print->source : NULL,
			data + part->header_at, part->header_length))
		return false;
	*at = part->header_at + part->header_length;
	if (part->kind == FACTS_MULTIPART)
		return true;
	add_gap(print, *at, part->body_at);
	add_body(print, part);
	*at = part->body_at + part->body_length;
	return true;
}

static bool add_message(struct print *print)
{
	const struct print_source *source = print->source;
	const struct message_facts *facts = source->facts;
	size_t at = 0;

	if (facts->malformed != 0 || facts->part_count > PARTS_MAX || facts->part_count == 0 ||
	    memchr(source->data, '\0', source->length) != NULL)
		return false;
	add_text(print, VERSION);
	add_number(print, (uint64_t)source->tenant_id);
	add_text(print, source->sender_domain);
	add_text(print, source->client);
	for (size_t i = 0; i < sizeof(thresholds) / sizeof(*thresholds); i++)
		add_number(print, (uint64_t)source->settings[thresholds[i]].number);
	for (size_t i = 0; i < facts->part_count; i++)
		if (!add_part(print, &facts->parts[i], &at) || at > source->length)
			return false;
	add_gap(print, at, source->length);
	return words_within_limits(&print->words);
}

/* The recipient's name stands in the field To, if at all. */
static void find_names(const struct message_facts *facts, struct words_person *person)
{
	const char *to = NULL;

	for (size_t i = 0; i < facts->header_count; i++) {
		if (strcasecmp(facts->headers[i].name, "To") != 0)
			continue;
		if (to != NULL)
			return;
		to = facts->headers[i].value;
	}
	if (to == NULL || !words_names(to, person))
		person->name_count = 0;
}

static size_t plain_local_length(const char *address)
{
	size_t length = strcspn(address, "@");

	for (size_t i = 0; i < length; i++)
		if ((address[i] < 'a' || address[i] > 'z') &&
		    (address[i] < 'A' || address[i] > 'Z'))
			return 0;
	return length <= WORDS_NAME_BYTES ? length : 0;
}

bool antispam_print(const struct print_source *source, unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	struct words_person person = {.address = source->recipient,
				      .local_length = plain_local_length(source->recipient),
				      .domain = source->sender_domain};
	struct print print = {.source = source,
			      .words = {.hash = crypto_hash_new(), .person = &person}};
	bool has_print;

	find_names(source->facts, &person);
	has_print = add_message(&print);
	crypto_hash_finish(print.words.hash, digest_r);
	crypto_hash_free(print.words.hash);
	return has_print;
}
