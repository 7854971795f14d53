/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 2047 and the percent signs of RFC 2231, as leniently as mail programs read them. */
#include "services/scanner/mime_words.h"
#include "services/scanner/charsets.h"
#include "services/scanner/mime_decode.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS_MAX 65536

/* `=?charset?E?text?=`, as it stands. */
struct word {
	char charset[48];
	char encoding; /* 'q', 'b' */
	const char *text;
	size_t length;
	size_t end; /* behind it */
};

/* Octets of words of one character set, which may share a character between them. */
struct pending {
	char charset[48];
	struct text_buffer octets;
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* An escape of a sign and two hexadecimal digits. */
static bool is_escape(const char *text, size_t length)
{
	return length >= 3 && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;
}

static void add_octet(struct text_buffer *octets, char octet)
{
	text_add(octets, &octet, 1);
}

/* Escapes undone. */
static bool add_escaped(struct text_buffer *octets, char sign, const char *text, size_t length)
{
	bool clean = true;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == sign && is_escape(text + i, length - i)) {
			add_octet(octets,
				  (char)(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2])));
			i += 2;
		} else {
			clean &= text[i] != sign;
			add_octet(octets, sign == '=' && text[i] == '_' ? ' ' : text[i]);
		}
	}
	return clean;
}

bool mime_percent_add(struct text_buffer *octets, const char *text, size_t length)
{
	return add_escaped(octets, '%', text, length);
}

/* The word that `text` begins with. */
static bool read_word(const char *text, size_t length, struct word *word_r)
{
	const char *charset = text + 2;
	const char *encoding = memchr(charset, '?', length - 2);
	size_t used;
	const char *end;

	if (encoding == NULL || (size_t)(text + length - encoding) < 3 || encoding[2] != '?')
		return false;
	word_r->encoding = (char)(encoding[1] | 0x20);
	if (word_r->encoding != 'q' && word_r->encoding != 'b')
		return false;
	word_r->text = encoding + 3;
	end = memmem(word_r->text, (size_t)(text + length - word_r->text), "?=", 2);
	if (end == NULL)
		return false;
	/* RFC 2231 section 5: charset*language */
	used = (size_t)(encoding - charset);
	if (memchr(charset, '*', used) != NULL)
		used = (size_t)((const char *)memchr(charset, '*', used) - charset);
	if (used == 0 || used >= sizeof(word_r->charset))
		return false;
	snprintf(word_r->charset, sizeof(word_r->charset), "%.*s", (int)used, charset);
	word_r->length = (size_t)(end - word_r->text);
	word_r->end = (size_t)(end - text) + 2;
	return true;
}

static bool flush(struct pending *pending, struct text_buffer *buffer)
{
	bool clean = true;

	if (pending->octets.length > 0)
		clean = charset_add(buffer, pending->charset, pending->octets.data,
				    pending->octets.length) &&
			!pending->octets.cut;
	pending->octets.length = 0;
	return clean;
}

static bool add_base64(struct text_buffer *octets, const struct word *word)
{
	struct mime_decoded decoded;
	bool clean;

	if (!mime_decode_base64(word->text, word->length, &decoded))
		return false;
	text_add(octets, decoded.data, decoded.length);
	clean = !decoded.rubbish && !decoded.cut && decoded.first_end == decoded.length;
	free(decoded.data);
	return clean;
}

static bool add_word(struct pending *pending, const struct word *word, struct text_buffer *buffer)
{
	bool clean = true;

	if (strcmp(pending->charset, word->charset) != 0) {
		clean = flush(pending, buffer);
		memcpy(pending->charset, word->charset, sizeof(pending->charset));
	}
	if (word->encoding == 'b')
		return add_base64(&pending->octets, word) && clean;
	return add_escaped(&pending->octets, '=', word->text, word->length) && clean;
}

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (strchr(" \t\r\n", text[i]) == NULL || text[i] == '\0')
			return false;
	}
	return true;
}

/* What stands before a word: nothing when it only parts two words. */
static bool add_plain(struct pending *pending, const char *text, size_t length,
		      struct text_buffer *buffer)
{
	bool clean;

	if (length == 0 || (pending->octets.length > 0 && is_blank(text, length)))
		return true;
	clean = flush(pending, buffer);
	(void)charset_add(buffer, "", text, length);
	return clean;
}

bool mime_words_add(struct text_buffer *buffer, const char *text, size_t length)
{
	struct pending pending = {.octets = {.limit = OCTETS_MAX}};
	size_t from = 0, at = 0;
	bool clean = true;
	struct word word;

	while (at < length) {
		const char *found = memmem(text + at, length - at, "=?", 2);

		if (found == NULL)
			break;
		at = (size_t)(found - text);
		if (!read_word(found, length - at, &word)) {
			clean = false;
			at += 2;
			continue;
		}
		clean &= add_plain(&pending, text + from, at - from, buffer);
		clean &= add_word(&pending, &word, buffer);
		from = at += word.end;
	}
	clean &= flush(&pending, buffer);
	clean &= add_plain(&pending, text + from, length - from, buffer);
	free(pending.octets.data);
	return clean;
}
