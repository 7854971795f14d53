/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes how names are matched: two lines, a pattern and a file name. A glob means what fnmatch(3) says, a piece what
 * strcasestr(3) says, and what Hyperscan leaves out is nowhere.
 */
#include "common/content_glob.h"
#include "common/content_regex.h"
#include "common/content_values.h"
#include "common/pattern_set.h"
#include "common/utf8.h"
#include "tests/fuzz/fuzz.h"
#include <fnmatch.h>

#define LENGTH_MAX 200

static bool note(void *context, size_t pattern)
{
	MUST(pattern == 0);
	*(bool *)context = true;
	return true;
}

/* Is it there? Asks both. */
static bool is_in(const char *name, const struct content_pattern *pattern)
{
	struct content_regex *regex;
	struct pattern_set *set = pattern_set_new(&pattern, 1);
	bool candidate = false, found;
	struct error err;

	MUST(content_regex_new(pattern, &regex, &err));
	found = content_regex_match(regex, name, strlen(name)) == REGEX_YES;
	MUST(pattern_set_scan(set, name, strlen(name), note, &candidate));
	MUST(candidate || !found);
	content_regex_free(regex);
	pattern_set_free(set);
	return found;
}

static bool is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

static void check(const char *text, const char *name)
{
	bool ascii = is_ascii(text) && is_ascii(name);
	struct content_pattern pattern = {.ignore_case = true, .dot_all = true};
	bool found;

	pattern.expression = content_glob_expression(text);
	found = is_in(name, &pattern);
	/* In sets and behind backslashes fnmatch(3) has rules of its own. */
	if (ascii && strpbrk(text, "[\\") == NULL)
		MUST(found == (fnmatch(text, name, FNM_CASEFOLD) == 0));
	free(pattern.expression);
	pattern.plain = ascii;
	pattern.expression = content_glob_piece(text);
	found = is_in(name, &pattern);
	if (ascii && strpbrk(text, " \t\r\n") == NULL)
		MUST(found == (strcasestr(name, text) != NULL));
	free(pattern.expression);
	pattern.expression = content_glob_exact(text);
	found = is_in(name, &pattern);
	if (ascii)
		MUST(found == (strcasecmp(name, text) == 0));
	free(pattern.expression);
}

static void check_extension(const char *name)
{
	char extension[64], longer[LENGTH_MAX + 8];

	if (!content_extension(name, extension, sizeof(extension)))
		return;
	MUST(extension[0] != '\0' && strpbrk(extension, "./\\") == NULL);
	snprintf(longer, sizeof(longer), "%s. .", name);
	MUST(content_extension(longer, longer, sizeof(extension)));
	MUST(strcmp(longer, extension) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size < LENGTH_MAX ? size : LENGTH_MAX);
	char *name = strchr(text, '\n');

	if (name != NULL) {
		*name++ = '\0';
		/* Names are UTF-8 when they get here. The long s and the Kelvin sign are an exception by design. */
		if (utf8_is_valid(text) && utf8_is_valid(name) &&
		    strstr(name, "\xc5\xbf") == NULL && strstr(name, "\xe2\x84\xaa") == NULL)
			check(text, name);
		check_extension(name);
	}
	free(text);
	return 0;
}
