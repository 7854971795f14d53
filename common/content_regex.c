/* SPDX-License-Identifier: BSD-2-Clause */
/* Flags and errors of the expressions in content rules. */
#include "common/content_regex.h"

static unsigned flags_of(const struct content_pattern *pattern)
{
	return REGEX_UTF | (pattern->ignore_case ? REGEX_CASELESS : 0u) |
	       (pattern->multi_line ? REGEX_MULTILINE : 0u) |
	       (pattern->dot_all ? REGEX_DOTALL : 0u) | (pattern->extended ? REGEX_EXTENDED : 0u);
}

bool content_regex_new(const struct content_pattern *pattern, struct regex **regex_r,
		       struct error *err)
{
	struct error wrong;
	size_t at;

	return regex_new_at(pattern->expression, flags_of(pattern), regex_r, &at, &wrong) ||
	       error_set(err, "column %zu: expression: %.200s", pattern->column + 1 + at,
			 wrong.text);
}
