/* SPDX-License-Identifier: BSD-2-Clause */
/* Envelope addresses, by RFC 5321 section 4.1.2 and its extension to UTF-8, RFC 6531 section 3.3. */
#include "common/mailbox.h"
#include "common/utf8.h"
#include <string.h>

/* Where the parser is in the text; it ends before `end`. */
struct cursor {
	const char *at, *end;
};

static bool is_atext(char c)
{
	return (unsigned char)c > 127 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Octets that may be within quotes, alone or behind a backslash. */
static bool is_quotable(char c)
{
	return (unsigned char)c >= ' ' && c != 0x7f;
}

static const char *append(struct mailbox *mailbox, size_t *used, char c)
{
	if (*used + 1 >= sizeof(mailbox->local))
		return "the local part has more than 255 octets";
	mailbox->local[(*used)++] = c;
	mailbox->local[*used] = '\0';
	return NULL;
}

/* The rest of a quoted string, without its quotes. NULL or what is wrong with it. */
static const char *take_quoted(struct cursor *cursor, struct mailbox *mailbox, size_t *used)
{
	for (; cursor->at < cursor->end; cursor->at++) {
		const char *fault;

		if (*cursor->at == '"') {
			cursor->at++;
			return NULL;
		}
		if (*cursor->at == '\\' && ++cursor->at == cursor->end)
			break;
		if (!is_quotable(*cursor->at))
			return "a control character is within quotes";
		fault = append(mailbox, used, *cursor->at);
		if (fault != NULL)
			return fault;
	}
	return "a quote is not closed";
}

static const char *take_atom(struct cursor *cursor, struct mailbox *mailbox, size_t *used)
{
	const char *fault;

	for (; cursor->at < cursor->end && is_atext(*cursor->at); cursor->at++) {
		fault = append(mailbox, used, *cursor->at);
		if (fault != NULL)
			return fault;
	}
	return NULL;
}

/*
 * The local part and its `@`: atoms and quoted strings with dots between them. Dots in places where
 * RFC 5321 wants quotes are taken, since Postfix takes them and such mailboxes exist.
 */
static const char *take_local(struct cursor *cursor, struct mailbox *mailbox)
{
	const char *fault = NULL, *start = cursor->at;
	bool word_before = false;
	size_t used = 0;

	while (cursor->at < cursor->end && fault == NULL) {
		char c = *cursor->at;

		if (c == '@')
			return cursor->at++ == start ? "it has nothing before the @" : NULL;
		if (c == '.') {
			cursor->at++;
			fault = append(mailbox, &used, c);
		} else if (word_before || (c != '"' && !is_atext(c))) {
			fault = "it has a character that must be quoted before the @";
		} else if (c == '"') {
			cursor->at++;
			fault = take_quoted(cursor, mailbox, &used);
		} else {
			fault = take_atom(cursor, mailbox, &used);
		}
		word_before = c != '.';
	}
	return fault != NULL ? fault : "it has no domain";
}

/* "@a.example,@b.example:" before the mailbox. RFC 5321 appendix C: to be accepted and ignored. */
static const char *skip_route(struct cursor *cursor)
{
	if (cursor->at == cursor->end || *cursor->at != '@')
		return NULL;
	for (;; cursor->at++) {
		const char *host;

		if (*cursor->at != '@')
			return "its source route is not a list of @host";
		host = ++cursor->at;
		while (is_atext(*cursor->at) || *cursor->at == '.')
			cursor->at++;
		if (cursor->at == host)
			return "its source route has an empty host";
		if (*cursor->at != ',')
			break;
	}
	if (*cursor->at != ':')
		return "it has nothing before the @";
	cursor->at++;
	return NULL;
}

/* Text without its angle brackets; NULL or what is wrong with it. */
static const char *strip_brackets(struct cursor *cursor)
{
	bool opens = cursor->at < cursor->end && *cursor->at == '<';
	bool closes = cursor->at < cursor->end && cursor->end[-1] == '>';

	if (opens != closes || (opens && cursor->end - cursor->at < 2))
		return "one of its angle brackets is missing";
	if (opens) {
		cursor->at++;
		cursor->end--;
	} else if (cursor->at == cursor->end) {
		return "it is empty; the null sender is written <>";
	}
	return NULL;
}

/* May the local part go without quotes (Dot-string)? */
static bool is_dot_string(const char *local)
{
	for (const char *at = local; *at != '\0'; at++)
		if (*at == '.' ? (at == local || at[1] == '.' || at[1] == '\0') : !is_atext(*at))
			return false;
	return *local != '\0';
}

static void write_address(struct mailbox *mailbox)
{
	char *out = mailbox->address;
	bool quoted = !is_dot_string(mailbox->local);

	if (quoted)
		*out++ = '"';
	for (const char *at = mailbox->local; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\')
			*out++ = '\\';
		*out++ = *at;
	}
	if (quoted)
		*out++ = '"';
	*out++ = '@';
	memcpy(out, mailbox->domain, strlen(mailbox->domain) + 1);
}

bool mailbox_parse(const char *text, struct mailbox *mailbox_r, struct error *err)
{
	struct cursor cursor = {text, text + strlen(text)};
	const char *fault = strip_brackets(&cursor);

	memset(mailbox_r, 0, sizeof(*mailbox_r));
	if (fault == NULL && cursor.at == cursor.end) {
		mailbox_r->is_null = true;
		return true;
	}
	if (fault == NULL)
		fault = skip_route(&cursor);
	if (fault == NULL)
		fault = take_local(&cursor, mailbox_r);
	if (fault == NULL && !utf8_is_valid(mailbox_r->local))
		fault = "its local part is not UTF-8";
	if (fault != NULL)
		return error_set(err, "address \"%.200s\": %s", text, fault);
	if (!domain_normalize(cursor.at, (size_t)(cursor.end - cursor.at), mailbox_r->domain, err))
		return error_prefix(err, "address \"%.200s\": ", text);
	write_address(mailbox_r);
	return true;
}
