/* SPDX-License-Identifier: BSD-2-Clause */
/* Appends to the texts that a reader takes for the message itself. */
#include "milters/content/editor.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGETS_MAX 16
#define TYPE_SIZE   128
/* RFC 4880 section 6.2: what stands between these is signed or encrypted. */
#define PGP_MARK "-----BEGIN PGP "

/* Readers differ in what such a text says; to write it anew would be to take sides. */
#define DOUBTFUL                                                                            \
	(MALFORMED_DOUBLED_TYPE | MALFORMED_DOUBLED_ENCODING | MALFORMED_UNKNOWN_ENCODING | \
	 MALFORMED_BASE64 | MALFORMED_BASE64_GOES_ON | MALFORMED_QUOTED_PRINTABLE |         \
	 MALFORMED_NUL | MALFORMED_CHARSET)

struct targets {
	size_t count;
	const struct facts_part *parts[TARGETS_MAX];
};

static bool is_text(const struct facts_part *part)
{
	return part->kind == FACTS_LEAF && !part->attachment &&
	       (strcmp(part->type, "text/plain") == 0 || strcmp(part->type, "text/html") == 0);
}

static const struct facts_part *next_child(const struct editor *editor, unsigned parent,
					   unsigned after)
{
	for (size_t i = after; i < editor->facts->part_count; i++) {
		const struct facts_part *part = &editor->facts->parts[i];

		if (part->parent == parent && part->same_as == 0 && part->kind != FACTS_UUENCODED)
			return part;
	}
	return NULL;
}

/* RFC 2046: all of an alternative are the text; elsewhere it is in the first part that has one. Going down does
 * not return, so each level costs one look; the scanner bounds the depth. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void find_targets(const struct editor *editor, const struct facts_part *part,
			 struct targets *targets)
{
	bool all = strcmp(part->type, "multipart/alternative") == 0;
	const struct facts_part *child;

	if (is_text(part) && targets->count < TARGETS_MAX)
		targets->parts[targets->count++] = part;
	if (part->kind != FACTS_MULTIPART)
		return;
	for (child = next_child(editor, part->number, part->number); child != NULL;
	     child = next_child(editor, part->number, child->number)) {
		find_targets(editor, child, targets);
		if (!all && targets->count > 0)
			return;
	}
}

static char *find_in(char *text, const char *tag)
{
	char *last = NULL;

	for (char *at = strcasestr(text, tag); at != NULL; at = strcasestr(at + 1, tag))
		last = at;
	return last;
}

/* Before the end of the page's body, if it says where that is. */
static void append_html(struct octets *page, const struct octets *html)
{
	struct octets out = {0};
	char *end = find_in(page->data, "</body");
	size_t length;

	if (end == NULL)
		end = find_in(page->data, "</html");
	length = end != NULL ? (size_t)(end - page->data) : page->length;
	octets_add(&out, page->data, length);
	octets_add(&out, html->data, html->length);
	octets_add(&out, page->data + length, page->length - length);
	free(page->data);
	*page = out;
}

static void append_text(struct octets *text, const struct octets *more)
{
	if (text->length > 0 && text->data[text->length - 1] != '\n')
		octets_add_text(text, "\r\n");
	octets_add(text, more->data, more->length);
}

/* The line end before the delimiter, or the message's last, is put there when it is written. */
static void cut_line_end(struct octets *text)
{
	if (text->length > 0 && text->data[text->length - 1] == '\n')
		text->length--;
	if (text->length > 0 && text->data[text->length - 1] == '\r')
		text->length--;
}

static bool decode(const struct editor *editor, const struct facts_part *part,
		   struct octets *text_r, struct error *why)
{
	struct octets octets;
	bool done;

	*text_r = (struct octets){0};
	if (!transfer_decode(part->encoding, editor->data + part->body_at, part->body_length,
			     &octets)) {
		free(octets.data);
		return error_set(why, "part %u has the encoding \"%.40s\"", part->number,
				 part->encoding);
	}
	done = charset_to_utf8(part->charset, octets.data, octets.length, text_r);
	free(octets.data);
	return done || error_set(why, "part %u is not text in the charset \"%.40s\"", part->number,
				 part->charset);
}

/* RFC 3676: how the lines of a plain text flow stays as it was. */
static void make_type(const struct editor *editor, const struct facts_part *part,
		      char type_r[TYPE_SIZE])
{
	const char *header = editor->data + part->header_at;
	bool flowed = memmem(header, part->header_length, "format=flowed", 13) != NULL;
	bool delsp = memmem(header, part->header_length, "delsp=yes", 9) != NULL;

	snprintf(type_r, TYPE_SIZE, "%s; charset=utf-8%s%s", part->type,
		 flowed ? "; format=flowed" : "", delsp ? "; delsp=yes" : "");
}

static bool append_to(struct editor *editor, const struct facts_part *part, struct error *why)
{
	struct octets text;
	char type[TYPE_SIZE];
	bool done;

	if (editor_is_protected(editor, part, why))
		return false;
	if ((part->malformed & DOUBTFUL) != 0)
		return error_set(why, "part %u is not written as it says", part->number);
	done = decode(editor, part, &text, why);
	if (done && strstr(text.data, PGP_MARK) != NULL)
		done = error_set(why, "part %u is signed or encrypted with PGP", part->number);
	if (done) {
		if (strcmp(part->type, "text/html") == 0)
			append_html(&text, &editor->html);
		else
			append_text(&text, &editor->text);
		cut_line_end(&text);
		make_type(editor, part, type);
		if (!editor_write(editor, part, type, &text, true))
			done = error_set(why, "part %u was written anew already", part->number);
	}
	free(text.data);
	return done;
}

bool editor_append_texts(struct editor *editor, struct error *why)
{
	struct targets targets = {0};
	bool done = true;

	find_targets(editor, &editor->facts->parts[0], &targets);
	if (targets.count == 0)
		return error_set(why, "the message has no text of its own");
	for (size_t i = 0; i < targets.count; i++)
		done = append_to(editor, targets.parts[i], why) && done;
	return done;
}
