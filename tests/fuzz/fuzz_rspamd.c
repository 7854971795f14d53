/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes rspamd's answers: what is read stays within its bounds, and nothing in it can end a header or a log line. */
#include "milters/content/rspamd_reply.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *text, size_t size)
{
	MUST(strnlen(text, size) < size);
	for (; *text != '\0'; text++)
		MUST((unsigned char)*text >= ' ' && *text != '\x7f');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct rspamd_reply reply;
	struct error err;

	if (rspamd_reply_parse(text, &reply, &err)) {
		MUST(reply.action <= RSPAMD_REJECT);
		MUST(reply.score <= 100000000000 && reply.score >= -100000000000);
		check_text(reply.symbols, sizeof(reply.symbols));
		check_text(reply.message, sizeof(reply.message));
		MUST(strstr(text, "action") != NULL && strstr(text, "score") != NULL);
	} else {
		MUST(err.text[0] != '\0');
	}
	free(text);
	return 0;
}
