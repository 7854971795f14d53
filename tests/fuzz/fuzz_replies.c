/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes an operator's table of replies, and a reply: before the first NUL the table, after it the reply. */
#include "common/reply_rules.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	size_t table = strlen(text);
	const char *reply = table < size ? text + table + 1 : "550 5.1.1 x";
	struct reply_rules *rules;
	struct error err = {""};

	if (reply_rules_parse("fuzz", text, &rules, &err)) {
		const struct reply_rule *rule = reply_rules_find(rules, reply);

		MUST(rule == NULL || (rule->class < REPLY_CLASS_COUNT && rule->line > 0));
		reply_rules_free(rules);
	} else {
		MUST(strncmp(err.text, "fuzz:", 5) == 0);
	}
	free(text);
	return 0;
}
