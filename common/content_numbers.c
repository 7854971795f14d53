/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds card numbers and IBANs in a text. */
#include "common/content_numbers.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CARD_MIN 13
#define CARD_MAX 19
#define IBAN_MAX 34

/* FNV-1a. */
static uint64_t digest(const char *text, size_t length)
{
	uint64_t sum = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char)text[i]) * 0x100000001b3u;
	return sum;
}

static void note(struct content_numbers *numbers, const char *text, size_t length)
{
	uint64_t sum = digest(text, length);
	size_t kept = numbers->count < NUMBERS_KEPT_MAX ? numbers->count : NUMBERS_KEPT_MAX;

	for (size_t i = 0; i < kept; i++) {
		if (numbers->seen[i] == sum)
			return;
	}
	if (numbers->count < NUMBERS_KEPT_MAX)
		numbers->seen[numbers->count] = sum;
	numbers->count++;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Whose first digits these are, by the lengths that the issuer has: bits 13 to 19. */
static const struct {
	unsigned from, to; /* of the first four digits */
	unsigned lengths;
} issuers[] = {
    {4000, 4999, 1u << 13 | 1u << 16 | 1u << 19}, /* Visa */
    {5100, 5599, 1u << 16},                       /* Mastercard */
    {2221, 2720, 1u << 16},
    {3400, 3499, 1u << 15}, /* American Express */
    {3700, 3799, 1u << 15},
    {6011, 6011, 1u << 16 | 1u << 19}, /* Discover */
    {6440, 6599, 1u << 16 | 1u << 19},
    {3528, 3589, 1u << 16 | 1u << 17 | 1u << 18 | 1u << 19}, /* JCB */
    {3000, 3059, 1u << 14 | 1u << 16},                       /* Diners Club */
    {3095, 3095, 1u << 14 | 1u << 16},
    {3600, 3699, 1u << 14 | 1u << 16},
    {3800, 3999, 1u << 14 | 1u << 16},
    {6200, 6299, 1u << 16 | 1u << 17 | 1u << 18 | 1u << 19}, /* UnionPay */
};

static bool has_issuer(const char *digits, size_t length)
{
	unsigned first = 0;

	for (int i = 0; i < 4; i++)
		first = 10 * first + (unsigned)(digits[i] - '0');
	for (size_t i = 0; i < sizeof(issuers) / sizeof(*issuers); i++) {
		if (first >= issuers[i].from && first <= issuers[i].to &&
		    (issuers[i].lengths >> length & 1u) != 0)
			return true;
	}
	return false;
}

/* ISO/IEC 7812-1 annex B. */
static bool has_luhn_digit(const char *digits, size_t length)
{
	unsigned sum = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)(digits[length - 1 - i] - '0');

		if (i % 2 == 1)
			digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* The digits from `at` on, without separators; gives how many. */
static size_t group_length(const char *text, size_t length, size_t at)
{
	size_t count = 0;

	while (at + count < length && is_digit(text[at + count]))
		count++;
	return count;
}

/* Is another group behind this one, a blank or hyphen between? */
static bool has_next_group(const char *text, size_t length, size_t at)
{
	return at + 1 < length && (text[at] == ' ' || text[at] == '-') && is_digit(text[at + 1]);
}

/* How cards are printed: in one piece, in fours, or 4-6-5 and 4-6-4. */
static bool is_grouping(const size_t *groups, size_t count)
{
	if (count == 1)
		return true;
	if (count == 3 && groups[0] == 4 && groups[1] == 6)
		return groups[2] == 5 || groups[2] == 4;
	for (size_t i = 0; i + 1 < count; i++) {
		if (groups[i] != 4)
			return false;
	}
	return groups[count - 1] <= 4;
}

/* A card that begins with the group at `at`: its end; 0: none does. */
static size_t read_card(struct content_numbers *numbers, const char *text, size_t length, size_t at)
{
	size_t groups[CARD_MAX], group_count = 0, count = 0;
	char digits[CARD_MAX];

	for (;; at++) {
		size_t group = group_length(text, length, at);

		if (group > CARD_MAX - count)
			return 0;
		memcpy(digits + count, text + at, group);
		groups[group_count++] = group;
		count += group;
		at += group;
		if (count >= CARD_MIN && is_grouping(groups, group_count) &&
		    has_issuer(digits, count) && has_luhn_digit(digits, count)) {
			note(numbers, digits, count);
			return at;
		}
		if (!has_next_group(text, length, at))
			return 0;
	}
}

void content_numbers_cards(struct content_numbers *numbers, const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t end;

		if (!is_digit(text[at]) || (at > 0 && is_letter(text[at - 1]))) {
			at += is_digit(text[at]) ? group_length(text, length, at) : 1;
			continue;
		}
		end = read_card(numbers, text, length, at);
		at = end > 0 ? end : at + group_length(text, length, at);
	}
}

/* The registry of ISO 13616: country and the IBAN's length; sorted. */
static const struct country {
	char code[3];
	unsigned char length;
} countries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
};

static int compare_country(const void *key, const void *item)
{
	return strncmp(key, ((const struct country *)item)->code, 2);
}

/* 0: there is no such country. */
static size_t iban_length(const char *text)
{
	const struct country *country =
	    bsearch(text, countries, sizeof(countries) / sizeof(*countries), sizeof(*countries),
		    compare_country);

	return country == NULL ? 0 : country->length;
}

/* ISO/IEC 7064: the first four go behind the rest, letters are 10 to 35, and 97 leaves 1. */
static bool has_check_digits(const char *iban, size_t length)
{
	unsigned rest = 0;

	for (size_t i = 0; i < length; i++) {
		char c = iban[(i + 4) % length];

		rest = is_digit(c) ? rest * 10 + (unsigned)(c - '0')
				   : rest * 100 + (unsigned)(c - 'A') + 10;
		rest %= 97;
	}
	return rest == 1;
}

static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* Copies `wanted` letters and digits, single blanks between left out; gives the end, 0: they are not there. */
static size_t read_iban(const char *text, size_t length, size_t at, size_t wanted, char *iban_r)
{
	size_t count = 0;

	while (at < length && count < wanted) {
		if (is_digit(text[at]) || is_letter(text[at]))
			iban_r[count++] = upper(text[at++]);
		else if (text[at] == ' ' && count > 0 && text[at - 1] != ' ')
			at++;
		else
			return 0;
	}
	return count == wanted ? at : 0;
}

static bool begins_iban(const char *text, size_t length, size_t at)
{
	return at + 4 <= length && is_letter(text[at]) && is_letter(text[at + 1]) &&
	       is_digit(text[at + 2]) && is_digit(text[at + 3]) &&
	       (at == 0 || (!is_letter(text[at - 1]) && !is_digit(text[at - 1])));
}

void content_numbers_ibans(struct content_numbers *numbers, const char *text, size_t length)
{
	char iban[IBAN_MAX];

	for (size_t at = 0; at < length; at++) {
		char code[3] = {0};
		size_t wanted, end;

		if (!begins_iban(text, length, at))
			continue;
		code[0] = upper(text[at]);
		code[1] = upper(text[at + 1]);
		wanted = iban_length(code);
		end = wanted == 0 ? 0 : read_iban(text, length, at, wanted, iban);
		if (end == 0 || (end < length && (is_letter(text[end]) || is_digit(text[end]))))
			continue;
		if (has_check_digits(iban, wanted))
			note(numbers, iban, wanted);
	}
}
