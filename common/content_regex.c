/* SPDX-License-Identifier: BSD-2-Clause */
/* PCRE2 with limits of time, heap and depth. */
#include "common/content_regex.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

/* Some 10 ms; what needs more of a 50 KB text is a runaway. */
#define MATCH_LIMIT 500000
#define HEAP_KIB    16384
#define DEPTH_LIMIT 100000

struct content_regex {
	pcre2_code *code;
};

static uint32_t options_of(const struct content_pattern *pattern)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;

	options |= pattern->ignore_case ? PCRE2_CASELESS : 0;
	options |= pattern->multi_line ? PCRE2_MULTILINE : 0;
	options |= pattern->dot_all ? PCRE2_DOTALL : 0;
	options |= pattern->extended ? PCRE2_EXTENDED : 0;
	return options;
}

bool content_regex_new(const struct content_pattern *pattern, struct content_regex **regex_r,
		       struct error *err)
{
	PCRE2_UCHAR8 text[256];
	PCRE2_SIZE offset;
	pcre2_code *code;
	int number;

	code = pcre2_compile((PCRE2_SPTR)pattern->expression, PCRE2_ZERO_TERMINATED,
			     options_of(pattern), &number, &offset, NULL);
	if (code == NULL) {
		pcre2_get_error_message(number, text, sizeof(text));
		return error_set(err, "column %zu: expression: %s", pattern->column + 1 + offset,
				 (const char *)text);
	}
	*regex_r = malloc(sizeof(**regex_r));
	if (*regex_r == NULL)
		abort();
	(*regex_r)->code = code;
	return true;
}

void content_regex_free(struct content_regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_code_free(regex->code);
	free(regex);
}

enum regex_result content_regex_match(const struct content_regex *regex, const char *text,
				      size_t length)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *match = pcre2_match_data_create(1, NULL);
	int result;

	if (context == NULL || match == NULL)
		abort();
	pcre2_set_match_limit(context, MATCH_LIMIT);
	pcre2_set_heap_limit(context, HEAP_KIB);
	pcre2_set_depth_limit(context, DEPTH_LIMIT);
	result = pcre2_match(regex->code, (PCRE2_SPTR)text, length, 0, 0, match, context);
	pcre2_match_data_free(match);
	pcre2_match_context_free(context);
	if (result >= 0)
		return REGEX_YES;
	return result == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_TOO_COSTLY;
}
