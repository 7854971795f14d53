/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks through a text word by word; in HTML only what is prose for certain is looked at. */
#include "milters/content/antispam_words.h"
#include "milters/content/antispam_html.h"
#include <limits.h>
#include <string.h>

#define DIGITS_MAX     8 /* of numbers that follow one another */
#define NUMBER_MAX     12
#define TOKEN_MIN      8
#define TOKEN_MAX      64
#define IDENTIFIER_MAX 128
#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define DIGITS         "0123456789"

static const bool is_delimiter[UCHAR_MAX + 1] = {
    [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true,
    ['<'] = true, ['>'] = true,  ['"'] = true,  ['\''] = true,
};

/* Stands for what was taken out; no text that is looked at has a NUL. */
#define MARK(letter) "\0" letter

struct piece {
	const char *at;
	size_t length;
};

/* Where a walk is. */
struct walk {
	struct words *words;
	enum words_kind kind;
	struct html html;
	size_t digits; /* of the numbers just before */
};

static bool consists_of(struct piece piece, const char *characters)
{
	for (size_t i = 0; i < piece.length; i++)
		if (strchr(characters, piece.at[i]) == NULL || piece.at[i] == '\0')
			return false;
	return true;
}

static size_t count_of(struct piece piece, char first, char last)
{
	size_t count = 0;

	for (size_t i = 0; i < piece.length; i++)
		count += piece.at[i] >= first && piece.at[i] <= last;
	return count;
}

static size_t digits_in(struct piece piece)
{
	return count_of(piece, '0', '9');
}

static bool is_text(struct piece piece, const char *text, size_t length)
{
	return piece.length == length && length > 0 && strncasecmp(piece.at, text, length) == 0;
}

static void flush(struct words *words)
{
	crypto_hash_add(words->hash, words->kept, words->kept_length);
	words->kept_length = 0;
}

/* Text that stays, piece by piece in its order: what is taken out lies between. */
static void keep(struct words *words, const char *at, size_t length)
{
	if (words->kept_length == 0)
		words->kept = at;
	words->kept_length += length;
}

static void take_out(struct words *words, struct piece piece, const char mark[2])
{
	flush(words);
	crypto_hash_add(words->hash, mark, 2);
	words->places++;
	words->bytes += piece.length;
}

bool words_names(const char *value, struct words_person *person)
{
	static const char blanks[] = " \t\r\n\"";
	size_t length = strlen(person->address);
	const char *at = value + strspn(value, blanks);

	person->name_count = 0;
	while (*at != '\0' && *at != '<' && strncasecmp(at, person->address, length) != 0) {
		size_t word = strcspn(at, " \t\r\n\"<");

		/* Letters of any script, and what joins names; no digits, dots, slashes. */
		if (person->name_count == WORDS_NAMES_MAX || word > WORDS_NAME_BYTES ||
		    strcspn(at, DIGITS "@.,:;/\\=?&%#()[]{}|~^*+_!$`>") < word)
			return false;
		memcpy(person->names[person->name_count], at, word);
		person->names[person->name_count++][word] = '\0';
		at += word + strspn(at + word, blanks);
	}
	at += *at == '<';
	if (strncasecmp(at, person->address, length) != 0)
		return false;
	at += length;
	at += *at == '>';
	return at[strspn(at, " \t\r\n")] == '\0';
}

static bool is_name(const struct words_person *person, struct piece word)
{
	for (size_t i = 0; i < person->name_count; i++)
		if (is_text(word, person->names[i], strlen(person->names[i])))
			return true;
	return is_text(word, person->address, person->local_length);
}

/* Amounts, dates, times, customers' numbers; no address of a host, and nothing as long as a telephone number. */
static bool is_number(struct piece word)
{
	return word.length <= NUMBER_MAX && consists_of(word, DIGITS ".,:/-+%$") &&
	       digits_in(word) > 0 && count_of(word, '.', '.') < 3;
}

/* An identifier in a link. */
static bool is_token(struct piece segment)
{
	if (segment.length <= NUMBER_MAX && segment.length > 0 && consists_of(segment, DIGITS))
		return true;
	return segment.length >= TOKEN_MIN && segment.length <= TOKEN_MAX &&
	       consists_of(segment, LETTERS_DIGITS "_-") && digits_in(segment) > 0;
}

/* A link's host, when it is the sender's domain or below it; 0 otherwise. */
static size_t own_host_length(const struct words_person *person, struct piece url)
{
	size_t scheme = strncasecmp(url.at, "https://", 8) == 0 ? 8 : 7, length = 0;
	size_t domain = strlen(person->domain);
	const char *host = url.at + scheme;

	while (scheme + length < url.length && strchr("/?#", host[length]) == NULL)
		length++;
	if (domain == 0 || length < domain ||
	    !consists_of((struct piece){host, length}, LETTERS_DIGITS ".-") ||
	    strncasecmp(host + length - domain, person->domain, domain) != 0 ||
	    (length > domain && host[length - domain - 1] != '.'))
		return 0;
	return scheme + length;
}

static bool is_url(struct piece word)
{
	return word.length > 8 && (strncasecmp(word.at, "http://", 7) == 0 ||
				   strncasecmp(word.at, "https://", 8) == 0);
}

/* Path and query of a link to the sender's own domain, segment by segment; any other link stays as it is. */
static void add_url(struct words *words, struct piece url)
{
	size_t at = own_host_length(words->person, url);

	if (at == 0)
		at = url.length;
	keep(words, url.at, at);
	words->fixed += at;
	while (at < url.length) {
		struct piece segment = {url.at + at, 0};

		while (at + segment.length < url.length &&
		       strchr("/?&=#;", segment.at[segment.length]) == NULL)
			segment.length++;
		if (is_token(segment) ||
		    is_text(segment, words->person->address, strlen(words->person->address)))
			take_out(words, segment, MARK("U"));
		else
			keep(words, segment.at, segment.length);
		at += segment.length;
		if (at < url.length)
			keep(words, url.at + at++, 1);
	}
}

static bool is_identifier(struct piece word)
{
	return word.length >= TOKEN_MIN && word.length <= IDENTIFIER_MAX && digits_in(word) > 0 &&
	       consists_of(word, LETTERS_DIGITS "+/=_-");
}

/* Numbers that follow one another count as one. */
static bool take_number(struct walk *walk, struct piece word)
{
	if (!is_number(word)) {
		walk->digits = 0;
		return false;
	}
	walk->digits += digits_in(word);
	return walk->digits <= DIGITS_MAX || walk->kind == WORDS_TRACE;
}

static bool is_prose(const struct walk *walk)
{
	switch (walk->kind) {
	case WORDS_EXACT:
		return false;
	case WORDS_PLAIN:
	case WORDS_TRACE:
		return true;
	case WORDS_HTML:
		return walk->html.place == HTML_PROSE;
	}
	return false;
}

static void add_core(struct walk *walk, struct piece word)
{
	struct words *words = walk->words;
	const struct words_person *person = words->person;
	bool may = is_prose(walk);

	if (word.length == 0)
		return;
	if (may && take_number(walk, word))
		take_out(words, word, MARK("D"));
	else if (may && is_text(word, person->address, strlen(person->address)))
		take_out(words, word, MARK("A"));
	else if (may && is_name(person, word))
		take_out(words, word, MARK("N"));
	else if (walk->kind == WORDS_TRACE && is_identifier(word))
		take_out(words, word, MARK("I"));
	else if ((may || walk->html.place == HTML_QUOTED) && is_url(word))
		add_url(words, word);
	else {
		keep(words, word.at, word.length);
		words->fixed += word.length;
	}
}

/* A word with the punctuation around it. */
static void add_word(struct walk *walk, struct piece word)
{
	size_t before = 0, after = 0;

	while (before < word.length && word.at[before] == '(')
		before++;
	while (before + after < word.length &&
	       strchr(".,!?:;)", word.at[word.length - after - 1]) != NULL)
		after++;
	keep(walk->words, word.at, before);
	add_core(walk, (struct piece){word.at + before, word.length - before - after});
	keep(walk->words, word.at + word.length - after, after);
}

void words_add(struct words *words, enum words_kind kind, const char *text, size_t length)
{
	struct walk walk = {.words = words, .kind = kind};
	size_t at = 0;

	while (at < length) {
		struct piece word = {text + at, 0};

		while (at + word.length < length &&
		       !is_delimiter[(unsigned char)text[at + word.length]])
			word.length++;
		if (kind == WORDS_HTML)
			html_see_word(&walk.html, word.at, word.length, text + length);
		add_word(&walk, word);
		at += word.length;
		if (at == length)
			break;
		if (kind == WORDS_HTML)
			html_see_delimiter(&walk.html, text + at, text + length);
		keep(words, text + at, 1);
		at++;
	}
	flush(words);
}

bool words_within_limits(const struct words *words)
{
	return words->places <= WORDS_PLACES_MAX && words->bytes <= WORDS_BYTES_MAX &&
	       words->bytes * WORDS_FIXED_RATIO <= words->fixed;
}
