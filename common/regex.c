/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular expressions through PCRE2: compiled for the machine where that is allowed, interpreted where not. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "common/regex.h"
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX    100000 /* calls of PCRE2's matcher in one match: some 10 ms */
#define DEPTH_MAX    1000   /* of backtracking, where it is interpreted */
#define HEAP_KIB_MAX 4096   /* that one match may take */

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
	size_t groups;
};

static uint32_t options_of(unsigned flags)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;

	options |= flags & REGEX_CASELESS ? PCRE2_CASELESS : 0;
	options |= flags & REGEX_UTF ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0;
	options |= flags & REGEX_MULTILINE ? PCRE2_MULTILINE : 0;
	options |= flags & REGEX_DOTALL ? PCRE2_DOTALL : 0;
	options |= flags & REGEX_EXTENDED ? PCRE2_EXTENDED : 0;
	return options;
}

static bool compile(struct regex *regex, const char *pattern, unsigned flags, size_t *at_r,
		    struct error *err)
{
	PCRE2_UCHAR said[160];
	int code;

	regex->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options_of(flags),
				    &code, at_r, NULL);
	if (regex->code != NULL)
		return true;
	pcre2_get_error_message(code, said, sizeof(said));
	return error_set(err, "%s", (const char *)said);
}

/* Limits that hold whatever the pattern itself asks for. */
static bool set_limits(struct regex *regex, struct error *err)
{
	regex->limits = pcre2_match_context_create(NULL);
	if (regex->limits == NULL)
		return error_set(err, "out of memory");
	pcre2_set_match_limit(regex->limits, STEPS_MAX);
	pcre2_set_depth_limit(regex->limits, DEPTH_MAX);
	pcre2_set_heap_limit(regex->limits, HEAP_KIB_MAX);
	return true;
}

bool regex_new_at(const char *pattern, unsigned flags, struct regex **regex_r, size_t *at_r,
		  struct error *err)
{
	struct regex *regex = calloc(1, sizeof(*regex));
	uint32_t groups = 0;

	*at_r = 0;
	if (regex == NULL)
		return error_set(err, "out of memory");
	if (!compile(regex, pattern, flags, at_r, err) || !set_limits(regex, err)) {
		regex_free(regex);
		return false;
	}
	/* Refused where memory may not be made executable: then it is interpreted. */
	(void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
	(void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	regex->groups = groups;
	*regex_r = regex;
	return true;
}

bool regex_new(const char *pattern, unsigned flags, struct regex **regex_r, struct error *err)
{
	struct error wrong;
	size_t at;

	if (strlen(pattern) > REGEX_PATTERN_MAX)
		return error_set(err, "%.60s…: longer than %d octets; shorten it", pattern,
				 REGEX_PATTERN_MAX);
	return regex_new_at(pattern, flags, regex_r, &at, &wrong) ||
	       error_set(err, "%.160s: no regular expression: %.200s, at octet %zu", pattern,
			 wrong.text, at + 1);
}

void regex_free(struct regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_match_context_free(regex->limits);
	pcre2_code_free(regex->code);
	free(regex);
}

size_t regex_groups(const struct regex *regex)
{
	return regex->groups;
}

static void copy_spans(pcre2_match_data *data, struct regex_span *spans_r, size_t span_count)
{
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(data);
	size_t known = pcre2_get_ovector_count(data);

	for (size_t i = 0; i < span_count; i++) {
		bool took_part = i < known && found[2 * i] != PCRE2_UNSET;

		spans_r[i].start = took_part ? found[2 * i] : SIZE_MAX;
		spans_r[i].end = took_part ? found[2 * i + 1] : SIZE_MAX;
	}
}

enum found regex_match(const struct regex *regex, const char *text, size_t length, size_t from,
		       struct regex_span *spans_r, size_t span_count)
{
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(regex->code, NULL);
	int code;

	if (data == NULL)
		return FOUND_ERROR;
	code = pcre2_match(regex->code, (PCRE2_SPTR)text, length, from, 0, data, regex->limits);
	if (code >= 0)
		copy_spans(data, spans_r, span_count);
	pcre2_match_data_free(data);
	if (code == PCRE2_ERROR_NOMATCH)
		return FOUND_NONE;
	return code >= 0 ? FOUND_ONE : FOUND_ERROR;
}
