/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes header From: the answer is a list of normalized, distinct domains or doubt, and stays the same when
 * the header is folded or a comment is put behind it.
 */
#include "common/from_header.h"
#include "tests/fuzz/fuzz.h"

static void check_domains(const struct from_domains *domains)
{
	MUST(domains->count >= 1 && domains->count <= FROM_DOMAINS_MAX);
	for (size_t i = 0; i < domains->count; i++) {
		char again[DOMAIN_SIZE];
		struct error err;

		MUST(domain_normalize(domains->domain[i], strlen(domains->domain[i]), again, &err));
		MUST(strcmp(domains->domain[i], again) == 0);
		for (size_t j = 0; j < i; j++)
			MUST(strcmp(domains->domain[i], domains->domain[j]) != 0);
	}
}

static bool same(const struct from_domains *a, const struct from_domains *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->domain[i], b->domain[i]) != 0)
			return false;
	return true;
}

/* Parses `before`, the value and `after` as one value; whether it is good must not change. */
static void check_variant(const char *before, const char *text, const char *after,
			  const struct from_domains *expected)
{
	static struct from_domains domains;
	struct error err;
	char *variant = malloc(strlen(before) + strlen(text) + strlen(after) + 1);

	if (variant == NULL)
		abort();
	strcpy(stpcpy(stpcpy(variant, before), text), after);
	MUST(from_header_parse(variant, &domains, &err) && same(&domains, expected));
	free(variant);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct from_domains domains;
	struct error err = {""};
	char *text = fuzz_text(data, size);

	if (from_header_parse(text, &domains, &err)) {
		check_domains(&domains);
		check_variant("\r\n ", text, "", &domains);
		check_variant("(c (d))\n\t", text, " (e)", &domains);
		check_variant(",", text, " , ", &domains);
	} else {
		MUST(strncmp(err.text, "header From: ", 13) == 0);
	}
	free(text);
	return 0;
}
