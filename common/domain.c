/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names in one spelling; the only file that knows libidn2. */
#include "common/domain.h"
#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define INPUT_MAX 1024 /* octets; 253 characters of four octets and a dot */
#define LABEL_MAX 63   /* RFC 1035 section 2.3.4 */

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool has_only_digits(const char *label, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (label[i] < '0' || label[i] > '9')
			return false;
	return true;
}

/* NULL when the label is fine, else what is wrong with it. */
static const char *fault_of_label(const char *label, size_t length)
{
	bool underscored = length > 0 && label[0] == '_';

	if (length == 0)
		return "it has an empty label";
	if (length > LABEL_MAX)
		return "a label has more than 63 characters";
	for (size_t i = 0; i < length; i++)
		if (!is_letter_or_digit(label[i]) && label[i] != '-' &&
		    !(underscored && label[i] == '_'))
			return "only letters, digits, hyphens and dots may be in it";
	if (label[0] == '-' || !is_letter_or_digit(label[length - 1]))
		return "a label must not begin or end with a hyphen";
	return NULL;
}

/* NULL when the lower-case ASCII name is fine, else what is wrong with it. */
static const char *fault_of_name(const char *name)
{
	const char *label = name;

	for (size_t labels = 1;; labels++) {
		size_t length = strcspn(label, ".");
		const char *fault = fault_of_label(label, length);

		if (fault != NULL)
			return fault;
		if (label[length] != '\0') {
			label += length + 1;
			continue;
		}
		if (labels < 2)
			return "it needs at least two labels, as in example.org";
		return has_only_digits(label, length) ? "its last label is a number" : NULL;
	}
}

/* Is there anything that IDNA has a say in: octets over 127, or a label that claims to be an A-label? */
static bool is_international(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at > 127 ||
		    ((at == text || at[-1] == '.') && strncasecmp(at, "xn--", 4) == 0))
			return true;
	return false;
}

/* Refuses A-labels too that no U-label makes (IDN2_ALABEL_ROUNDTRIP, the library's default). */
static const char *international_to_ascii(char text[INPUT_MAX + 1])
{
	char *ascii = NULL;
	const char *fault = NULL;
	int rc = idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);

	if (rc != IDN2_OK)
		fault = idn2_strerror(rc);
	else if (strlen(ascii) > INPUT_MAX)
		fault = "it has more than 253 characters";
	else
		memcpy(text, ascii, strlen(ascii) + 1);
	idn2_free(ascii);
	return fault;
}

static void fold_case(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

/* Normalizes in place; NULL when that went well, else what is wrong with it. */
static const char *normalize(char text[INPUT_MAX + 1])
{
	const char *fault;
	size_t length;

	if (text[0] == '[')
		return "an address literal is not a domain";
	if (is_international(text) && (fault = international_to_ascii(text)) != NULL)
		return fault;
	length = strlen(text);
	if (length > 0 && text[length - 1] == '.')
		text[--length] = '\0';
	if (length == 0)
		return "it is empty";
	if (length >= DOMAIN_SIZE)
		return "it has more than 253 characters";
	fold_case(text);
	return fault_of_name(text);
}

bool domain_normalize(const char *text, size_t length, char domain_r[DOMAIN_SIZE],
		      struct error *err)
{
	char copy[INPUT_MAX + 1];
	const char *fault;

	if (length > INPUT_MAX)
		return error_set(err, "domain \"%.60s...\": it has more than 253 characters", text);
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (strlen(copy) != length)
		return error_set(err, "domain \"%.100s\": it has a NUL in it", copy);
	fault = normalize(copy);
	if (fault != NULL)
		return error_set(err, "domain \"%.*s\": %s", length > 260 ? 260 : (int)length, text,
				 fault);
	memcpy(domain_r, copy, strlen(copy) + 1);
	return true;
}

bool domain_is_below(const char *domain, const char *ancestor)
{
	size_t length = strlen(domain), above = strlen(ancestor);

	return above > 0 && length > above + 1 && domain[length - above - 1] == '.' &&
	       strcmp(domain + length - above, ancestor) == 0;
}

const char *domain_parent(const char *domain)
{
	const char *dot = strchr(domain, '.');

	return dot != NULL ? dot + 1 : NULL;
}
