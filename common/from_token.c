/* SPDX-License-Identifier: BSD-2-Clause */
/* Tokens of header From. Each octet is looked at once; comments nest to any depth by a counter. */
#include "common/from_token.h"
#include "common/utf8.h"
#include <string.h>

static bool is_atext(char c)
{
	return (unsigned char)c > 127 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Octets of a fold that begins here: CRLF or LF before white space; 0: it is none. */
static size_t fold_length(const char *at)
{
	size_t newline = at[0] == '\n' ? 1 : at[0] == '\r' && at[1] == '\n' ? 2 : 0;

	return newline > 0 && (at[newline] == ' ' || at[newline] == '\t') ? newline + 1 : 0;
}

/*
 * Octets of the character that begins here: white space, a fold, or printable ASCII or UTF-8. 0, with
 * the error set: none that may be in a header.
 */
static size_t character_length(const char *at, struct error *err)
{
	unsigned char c = (unsigned char)*at;
	size_t length;

	if (c == '\t' || (c >= ' ' && c < 0x7f))
		return 1;
	if (c == '\r' || c == '\n') {
		length = fold_length(at);
		if (length == 0)
			error_set(err, "header From: a line ends without being continued");
		return length;
	}
	if (c < 128 || (c == 0xc2 && (unsigned char)at[1] < 0xa0)) { /* C0, DEL, C1 */
		error_set(err, "header From: there is a control character (0x%02x) in it", c);
		return 0;
	}
	length = utf8_sequence(at);
	if (length == 0)
		error_set(err, "header From: octet 0x%02x is not UTF-8", c);
	return length;
}

/* A backslash and what it quotes; 0 with the error set when it quotes nothing or a fold. */
static size_t pair_length(const char *at, struct error *err)
{
	size_t length;

	if (at[1] == '\0' || at[1] == '\r' || at[1] == '\n') {
		error_set(err, "header From: a backslash has nothing to quote");
		return 0;
	}
	length = character_length(at + 1, err);
	return length > 0 ? length + 1 : 0;
}

/* The length of what stands within quotes or a comment: a character or a quoted pair. */
static size_t content_length(const char *at, struct error *err)
{
	return *at == '\\' ? pair_length(at, err) : character_length(at, err);
}

/*
 * A comment from its `(` on, with those inside it. One with angle brackets is refused: readers that
 * know no comments look for an address between them.
 */
static bool skip_comment(struct from_lexer *lexer, struct error *err)
{
	size_t depth = 0;

	do {
		size_t length;

		if (*lexer->at == '\0')
			return error_set(err, "header From: a comment is not closed");
		length = content_length(lexer->at, err);
		if (length == 0)
			return false;
		if (memchr(lexer->at, '<', length) != NULL ||
		    memchr(lexer->at, '>', length) != NULL)
			return error_set(err, "header From: angle brackets are within a comment");
		if (*lexer->at == '(')
			depth++;
		else if (*lexer->at == ')')
			depth--;
		lexer->at += length;
	} while (depth > 0);
	return true;
}

/* CFWS, RFC 5322 section 3.2.2. */
static bool skip_blanks(struct from_lexer *lexer, struct error *err)
{
	for (;;) {
		size_t length = 0;

		if (*lexer->at == ' ' || *lexer->at == '\t')
			length = 1;
		else if (*lexer->at == '\r' || *lexer->at == '\n')
			length = character_length(lexer->at, err);
		else if (*lexer->at != '(')
			return true;
		if (length == 0 && (*lexer->at != '(' || !skip_comment(lexer, err)))
			return false;
		lexer->at += length;
	}
}

static bool take_quoted(struct from_lexer *lexer, struct error *err)
{
	lexer->at++;
	while (*lexer->at != '"') {
		size_t length;

		if (*lexer->at == '\0')
			return error_set(err, "header From: a quote is not closed");
		length = content_length(lexer->at, err);
		if (length == 0)
			return false;
		lexer->at += length;
	}
	lexer->at++;
	return true;
}

static bool take_atom(struct from_lexer *lexer, struct error *err)
{
	while (is_atext(*lexer->at)) {
		size_t length = character_length(lexer->at, err);

		if (length == 0)
			return false;
		lexer->at += length;
	}
	return true;
}

static bool take_special(struct from_lexer *lexer, struct error *err)
{
	if (strchr("<>@,;:.[]", *lexer->at) == NULL)
		return character_length(lexer->at, err) > 0 &&
		       error_set(err, "header From: a stray \"%c\" is in it", *lexer->at);
	lexer->at++;
	return true;
}

bool from_token_next(struct from_lexer *lexer, struct from_token *token_r, struct error *err)
{
	const char *start = lexer->at;
	bool good;

	if (!skip_blanks(lexer, err))
		return false;
	*token_r = (struct from_token){.text = lexer->at, .is_apart = lexer->at != start};
	if (*lexer->at == '\0')
		return true;
	if (*lexer->at == '"') {
		token_r->kind = FROM_QUOTED;
		good = take_quoted(lexer, err);
	} else if (is_atext(*lexer->at)) {
		token_r->kind = FROM_ATOM;
		good = take_atom(lexer, err);
	} else {
		token_r->kind = FROM_SPECIAL;
		good = take_special(lexer, err);
	}
	token_r->length = (size_t)(lexer->at - token_r->text);
	token_r->has_brackets =
	    token_r->kind == FROM_QUOTED && (memchr(token_r->text, '<', token_r->length) != NULL ||
					     memchr(token_r->text, '>', token_r->length) != NULL);
	token_r->is_encoded = memmem(token_r->text, token_r->length, "=?", 2) != NULL;
	return good;
}
