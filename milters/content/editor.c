/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts written anew, in the body or as the whole message. */
#include "milters/content/editor.h"
#include <stdlib.h>
#include <string.h>

#define ENCODING "quoted-printable"

void editor_start(struct editor *editor, struct message *message, const struct message_facts *facts,
		  const char *data, size_t length)
{
	*editor =
	    (struct editor){.message = message, .facts = facts, .data = data, .length = length};
}

static const struct facts_part *part_at(const struct editor *editor, unsigned number)
{
	return &editor->facts->parts[number - 1];
}

/* RFC 1847, RFC 8551, RFC 3156: what others have signed or encrypted. */
static bool is_sealed(const struct facts_part *part)
{
	static const char *const types[] = {
	    "multipart/signed",         "multipart/encrypted",       "application/pkcs7-mime",
	    "application/x-pkcs7-mime", "application/pgp-encrypted",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(part->type, types[i]) == 0)
			return true;
	}
	return false;
}

bool editor_is_protected(const struct editor *editor, const struct facts_part *part,
			 struct error *why)
{
	const struct facts_part *at = part;

	if (!part->located) {
		error_set(why, "part %u stands in something encoded", part->number);
		return true;
	}
	for (;;) {
		if (is_sealed(at)) {
			error_set(why, "part %u is signed or encrypted", part->number);
			return true;
		}
		if (at->parent == 0)
			return false;
		at = part_at(editor, at->parent);
	}
}

/* The fields of a part's header but those on its type and encoding; all that are not kept otherwise. */
static void copy_fields(const struct editor *editor, const struct facts_part *part,
			struct octets *out)
{
	const char *at = editor->data + part->header_at, *end = at + part->header_length;
	bool copies = true;

	while (at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t length = line_end != NULL ? (size_t)(line_end - at) + 1 : (size_t)(end - at);
		bool empty = length == 1 || (length == 2 && at[0] == '\r');

		if (!empty && *at != ' ' && *at != '\t')
			copies = strncasecmp(at, "Content-Type:", 13) != 0 &&
				 strncasecmp(at, "Content-Transfer-Encoding:", 26) != 0;
		if (!empty && copies)
			octets_add(out, at, length);
		at += length;
	}
}

static void set_field(struct message *message, const char *name, const char *value)
{
	size_t at;

	if (!message_header_find(message, name, 0, &at)) {
		message_header_add(message, name, value);
		return;
	}
	message_header_replace(message, at, value);
	for (at++; message_header_find(message, name, at, &at);)
		message_header_delete(message, at);
}

/* What a file says of itself is not the notice's. */
static void drop_fields(struct message *message)
{
	for (size_t i = message_header_count(message); i-- > 0;) {
		if (strncasecmp(message_header_at(message, i)->name, "Content-", 8) == 0)
			message_header_delete(message, i);
	}
}

/* The message is this one part: its header is the model's. */
static void write_whole(struct editor *editor, const char *type, bool keep_header)
{
	if (!keep_header)
		drop_fields(editor->message);
	set_field(editor->message, "MIME-Version", "1.0");
	set_field(editor->message, "Content-Type", type);
	set_field(editor->message, "Content-Transfer-Encoding", ENCODING);
}

static void write_header(const struct editor *editor, const struct facts_part *part,
			 const char *type, bool keep_header, struct octets *out)
{
	if (keep_header)
		copy_fields(editor, part, out);
	octets_add_text(out, "Content-Type: ");
	octets_add_text(out, type);
	octets_add_text(out, "\r\nContent-Transfer-Encoding: " ENCODING "\r\n\r\n");
}

/* As it stands, its line ends CRLF. */
static void add_lines(struct octets *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n')
			octets_add(out, "\r", 1);
		octets_add(out, text, 1);
	}
}

bool editor_write(struct editor *editor, const struct facts_part *part, const char *type,
		  const struct octets *text, bool keep_header)
{
	bool whole = part->parent == 0, bare = part->kind == FACTS_UUENCODED;
	size_t at = whole || bare ? part->body_at : part->header_at;
	struct octets out = {0};

	if (!whole && !bare)
		write_header(editor, part, type, keep_header, &out);
	if (bare)
		add_lines(&out, text->data);
	else
		transfer_encode_quoted(text->data, text->length, &out);
	/* A part's last line end belongs to the delimiter, a message's and a file's is its own. */
	if (whole || bare)
		octets_add(&out, "\r\n", 2);
	if (!body_edits_put(&editor->edits, at, part->body_at + part->body_length - at, &out))
		return false;
	if (whole)
		write_whole(editor, type, keep_header);
	return true;
}

bool editor_remove(struct editor *editor, unsigned number, const char *notice, struct error *why)
{
	const struct facts_part *part = part_at(editor, number);
	struct octets text = {0};

	if (editor_is_protected(editor, part, why))
		return false;
	/* Two readings of the same octets, or inside of what is gone. */
	if (body_edits_cover(&editor->edits, part->body_at))
		return true;
	octets_add_text(&text, notice);
	(void)editor_write(editor, part, "text/plain; charset=utf-8", &text, false);
	free(text.data);
	return true;
}

/* RFC 5322 has no markup of its own: the text as HTML. */
static void add_escaped(struct octets *out, const char *text)
{
	octets_add_text(out, "<p>");
	for (; *text != '\0'; text++) {
		if (*text == '<')
			octets_add_text(out, "&lt;");
		else if (*text == '>')
			octets_add_text(out, "&gt;");
		else if (*text == '&')
			octets_add_text(out, "&amp;");
		else if (*text == '\n')
			octets_add_text(out, "<br>\n");
		else
			octets_add(out, text, 1);
	}
	octets_add_text(out, "</p>");
}

void editor_append(struct editor *editor, const char *text, const char *html)
{
	octets_add_text(&editor->text, "\n");
	octets_add_text(&editor->text, text);
	octets_add_text(&editor->text, "\n");
	if (html != NULL)
		octets_add_text(&editor->html, html);
	else
		add_escaped(&editor->html, text);
	octets_add_text(&editor->html, "\n");
}

bool editor_finish(struct editor *editor, struct error *why)
{
	bool done = editor->text.length == 0 || editor_append_texts(editor, why);

	if (editor->edits.count > 0) {
		size_t length;
		char *body = body_edits_apply(&editor->edits, editor->data, editor->length,
					      part_at(editor, 1)->body_at, &length);

		message_replace_body(editor->message, body, length);
	}
	body_edits_free(&editor->edits);
	free(editor->text.data);
	free(editor->html.data);
	return done;
}
