/* SPDX-License-Identifier: BSD-2-Clause */
/* Header From: addresses out of tokens, without recursion and in one pass. */
#include "common/from_header.h"
#include "common/from_token.h"
#include <string.h>

#define DOMAIN_TEXT_MAX 1024 /* octets of a domain as written */

/* One token is looked at before it is taken. */
struct parser {
	struct from_lexer lexer;
	struct from_token token;
	struct from_domains *domains;
	bool in_group;
	bool group_has_member;
};

static bool is_special(const struct parser *parser, char special)
{
	return parser->token.kind == FROM_SPECIAL && *parser->token.text == special;
}

static bool is_word(const struct parser *parser)
{
	return parser->token.kind == FROM_ATOM || parser->token.kind == FROM_QUOTED;
}

static bool next(struct parser *parser, struct error *err)
{
	return from_token_next(&parser->lexer, &parser->token, err);
}

/* What a reader may take for the one thing or the other where `what` should be. */
static bool unexpected(const struct parser *parser, const char *what, struct error *err)
{
	const struct from_token *token = &parser->token;

	if (token->kind == FROM_END)
		return error_set(err, "header From: it ends where %s should be", what);
	return error_set(err, "header From: \"%.*s\" stands where %s should be",
			 token->length > 60 ? 60 : (int)token->length, token->text, what);
}

static bool add_domain(struct from_domains *domains, const char *text, size_t length,
		       struct error *err)
{
	char domain[DOMAIN_SIZE];

	if (!domain_normalize(text, length, domain, err))
		return error_prefix(err, "header From: ");
	for (size_t i = 0; i < domains->count; i++)
		if (strcmp(domains->domain[i], domain) == 0)
			return true;
	if (domains->count == FROM_DOMAINS_MAX)
		return error_set(err, "header From: it has addresses of more than %d domains",
				 FROM_DOMAINS_MAX);
	memcpy(domains->domain[domains->count++], domain, strlen(domain) + 1);
	return true;
}

/*
 * Is the domain so far one that a reader could stop at? RFC 5322 section 4.4 allows comments and blanks
 * between labels ("jdoe@machine(comment). example"); a reader that ends the domain there must not be
 * left with another whole domain.
 */
static bool is_whole_domain(const char *text, size_t length)
{
	if (length > 0 && text[length - 1] == '.')
		length--;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '.' || (unsigned char)text[i] > 127)
			return true;
	return false;
}

/* The labels behind an `@` with the dots between them, as written but for comments and blanks. */
static bool take_domain(struct parser *parser, char text_r[DOMAIN_TEXT_MAX], size_t *length_r,
			struct error *err)
{
	size_t length = 0;
	bool dot_before = true;

	while (is_special(parser, '.') || (parser->token.kind == FROM_ATOM && dot_before)) {
		const struct from_token *token = &parser->token;

		if (length > 0 && token->is_apart && is_whole_domain(text_r, length))
			return unexpected(parser, "the end of the domain", err);
		if (token->is_encoded)
			return error_set(err, "header From: an encoded word is within an address");
		if (token->length > DOMAIN_TEXT_MAX - length)
			return error_set(err, "header From: a domain is longer than %d octets",
					 DOMAIN_TEXT_MAX);
		memcpy(text_r + length, token->text, token->length);
		length += token->length;
		dot_before = is_special(parser, '.');
		if (!next(parser, err))
			return false;
	}
	*length_r = length;
	return length > 0 || unexpected(parser, "a domain", err);
}

/* From the `@` on; the domain is one that the header claims. */
static bool take_claimed_domain(struct parser *parser, struct error *err)
{
	char text[DOMAIN_TEXT_MAX];
	size_t length;

	return next(parser, err) && take_domain(parser, text, &length, err) &&
	       add_domain(parser->domains, text, length, err);
}

/* obs-route: "@a.example,@b.example:", of which RFC 5322 section 4.4 says to ignore it. */
static bool skip_route(struct parser *parser, struct error *err)
{
	char text[DOMAIN_TEXT_MAX];
	size_t length;

	if (!is_special(parser, '@') && !is_special(parser, ','))
		return true;
	while (!is_special(parser, ':')) {
		bool is_host = is_special(parser, '@');

		if (!is_host && !is_special(parser, ','))
			return unexpected(parser, "the \":\" of a source route", err);
		if (!next(parser, err) || (is_host && !take_domain(parser, text, &length, err)))
			return false;
	}
	return next(parser, err);
}

/* Words and dots up to something else, as the local part of an address or as a display name. */
struct words {
	size_t count;
	bool is_local_part; /* words with one dot between each two (obs-local-part) */
	bool has_encoded;
	bool has_brackets;
};

static bool take_words(struct parser *parser, struct words *words_r, struct error *err)
{
	bool dot_before = true;

	*words_r = (struct words){.is_local_part = true};
	while (is_word(parser) || is_special(parser, '.')) {
		bool is_dot = is_special(parser, '.');

		if (is_dot == dot_before)
			words_r->is_local_part = false;
		words_r->has_encoded |= parser->token.is_encoded;
		words_r->has_brackets |= parser->token.has_brackets;
		words_r->count++;
		dot_before = is_dot;
		if (!next(parser, err))
			return false;
	}
	if (dot_before)
		words_r->is_local_part = false;
	return true;
}

/* `@` and domain, behind words that must be a local part. */
static bool take_address(struct parser *parser, const struct words *local, struct error *err)
{
	if (!local->is_local_part)
		return error_set(err,
				 "header From: what is before an @ is not one local part; a name "
				 "before an address needs the address in < >");
	if (local->has_encoded)
		return error_set(err, "header From: an encoded word is within an address");
	if (local->has_brackets)
		return error_set(err, "header From: angle brackets are within an address");
	return take_claimed_domain(parser, err);
}

/* From `<` to `>`. */
static bool take_angle_address(struct parser *parser, struct error *err)
{
	struct words local;

	if (!next(parser, err) || !skip_route(parser, err) || !take_words(parser, &local, err))
		return false;
	if (!is_special(parser, '@'))
		return unexpected(parser, "an address with its @", err);
	if (!take_address(parser, &local, err))
		return false;
	if (!is_special(parser, '>'))
		return unexpected(parser, "\">\"", err);
	return next(parser, err);
}

static bool begin_group(struct parser *parser, const struct words *name, struct error *err)
{
	if (parser->in_group || name->count == 0)
		return unexpected(parser, "an address", err);
	parser->in_group = true;
	parser->group_has_member = false;
	return next(parser, err);
}

static bool end_group(struct parser *parser, struct error *err)
{
	if (!parser->in_group)
		return unexpected(parser, "an address", err);
	if (!parser->group_has_member)
		return error_set(err, "header From: a group has no members");
	parser->in_group = false;
	if (!next(parser, err))
		return false;
	if (!is_special(parser, ',') && parser->token.kind != FROM_END)
		return unexpected(parser, "a comma", err);
	return true;
}

/* One address with or without display name. What follows it must end it. */
static bool take_mailbox(struct parser *parser, const struct words *words, struct error *err)
{
	bool good = is_special(parser, '<') ? take_angle_address(parser, err)
					    : take_address(parser, words, err);

	if (!good)
		return false;
	parser->group_has_member = true;
	if (is_special(parser, ',') || parser->token.kind == FROM_END ||
	    (is_special(parser, ';') && parser->in_group))
		return true;
	return unexpected(parser, "a comma or the end", err);
}

/* An address, the beginning or end of a group, or an empty place in the list (RFC 5322 section 4.4). */
static bool take_element(struct parser *parser, struct error *err)
{
	struct words words;

	if (!take_words(parser, &words, err))
		return false;
	if (is_special(parser, '<') || is_special(parser, '@'))
		return take_mailbox(parser, &words, err);
	if (is_special(parser, ':'))
		return begin_group(parser, &words, err);
	if (words.count > 0)
		return unexpected(parser, "the @ of an address", err);
	if (is_special(parser, ';'))
		return end_group(parser, err);
	if (is_special(parser, ','))
		return next(parser, err);
	return parser->token.kind == FROM_END || unexpected(parser, "an address", err);
}

bool from_header_parse(const char *value, struct from_domains *domains_r, struct error *err)
{
	struct parser parser = {.lexer = {.at = value}, .domains = domains_r};

	domains_r->count = 0;
	if (!next(&parser, err))
		return false;
	do {
		if (!take_element(&parser, err))
			return false;
	} while (parser.token.kind != FROM_END);
	if (parser.in_group)
		return error_set(err, "header From: a group is not closed with \";\"");
	return domains_r->count > 0 || error_set(err, "header From: there is no address in it");
}
