/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the records that others publish: tag lists, DMARC policies and DKIM key records. A value is the same
 * with blanks around the list, and what a key record is compared with can only be that key.
 */
#include "common/dkim_record.h"
#include "common/dmarc.h"
#include "common/tag_list.h"
#include "tests/fuzz/fuzz.h"

#define VALUE_SIZE 2048

/* The value of p= with blanks and a semicolon put around the list. */
static void check_variant(const char *text, enum found found, const char *value)
{
	char *variant = malloc(strlen(text) + 8), again[VALUE_SIZE];
	struct error err;

	if (variant == NULL)
		abort();
	strcpy(stpcpy(stpcpy(variant, " \t"), text), "\r\n ");
	MUST(tag_list_get(variant, "p", again, sizeof(again), &err) == found);
	MUST(strcmp(again, value) == 0);
	free(variant);
}

static void check_key_record(const char *text, const char *value)
{
	struct dkim_key_row row = {.algorithm = CRYPTO_RSA, .public_key = "QUJD"};
	char squeezed[VALUE_SIZE];
	struct error why;

	strcpy(squeezed, value);
	tag_list_squeeze(squeezed);
	if (dkim_record_serves(text, &row, &why))
		MUST(strcmp(squeezed, row.public_key) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), value[VALUE_SIZE];
	struct dmarc_record record;
	struct error err;
	enum found found = tag_list_get(text, "p", value, sizeof(value), &err);

	check_variant(text, found, value);
	check_key_record(text, value);
	if (dmarc_parse(text, &record, &err)) {
		MUST(found != FOUND_ERROR || record.policy == DMARC_NONE);
		MUST(record.percent >= 0 && record.percent <= 100);
		MUST(strlen(record.reports) < sizeof(record.reports));
	}
	free(text);
	return 0;
}
