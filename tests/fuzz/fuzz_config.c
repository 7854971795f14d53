/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes easymail.conf: a refusal has a reason with the place in it, a text taken has values in range. */
#include "common/config.h"
#include "tests/fuzz/fuzz.h"

static void check_option(const struct config *config, const struct config_option *option)
{
	switch (option->kind) {
	case CONFIG_TEXT:
		MUST(strchr(config_text(config, option->name), '\n') == NULL);
		break;
	case CONFIG_PATH:
		MUST(config_text(config, option->name)[0] == '/');
		break;
	case CONFIG_NUMBER:
	case CONFIG_SECONDS:
		MUST(config_number(config, option->name) >= option->min);
		MUST(config_number(config, option->name) <= option->max);
		break;
	case CONFIG_BOOL:
	case CONFIG_CHOICE:
		MUST(config_number(config, option->name) >= 0);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;
	struct error err;
	char *text = malloc(size + 1); /* not more is read than `size`, NUL or not */

	if (text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	if (config_parse("fuzz", text, size, &config, &err)) {
		for (const struct config_option *option = config_options; option->name != NULL;
		     option++)
			check_option(config, option);
		config_free(config);
	} else {
		MUST(strncmp(err.text, "fuzz:", 5) == 0);
	}
	free(text);
	return 0;
}
