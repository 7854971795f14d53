/* SPDX-License-Identifier: BSD-2-Clause */
/* SPF records and macros of hostile domains: what is accepted must hold together and expand within bounds. */
#include "common/spf_macro.h"
#include "common/spf_record.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

static const char *validated(void *context)
{
	return context;
}

/* The longest values that the macros may have, of parts as many as can be. */
static struct spf_macros worst_macros(bool v6)
{
	static char dots[256], longest[256], name[] = "unknown";
	struct spf_macros macros = {.local = dots,
				    .origin = longest,
				    .current = longest,
				    .helo = dots,
				    .receiver = name,
				    .validated = validated,
				    .context = name};

	memset(dots, '.', sizeof(dots) - 1);
	memset(longest, '=', sizeof(longest) - 1);
	memset(macros.client.bytes, v6 ? 0xfe : 0xff, sizeof(macros.client.bytes));
	if (!v6)
		memset(macros.client.bytes, 0, 10);
	return macros;
}

static void expand_domain(const struct spf_domain *domain)
{
	char name[DNS_NAME_MAX + 1];
	struct error err;

	for (int v6 = 0; v6 < 2; v6++) {
		struct spf_macros macros = worst_macros(v6 != 0);

		if (domain->text &&
		    spf_macro_expand_domain(domain->text, domain->length, &macros, name, &err))
			require(strlen(name) <= DNS_NAME_MAX);
	}
}

static void check_term(const struct spf_term *term)
{
	require(strchr("+-~?", term->qualifier) != NULL && term->text[0] != '\0');
	require(term->prefix4 >= 0 && term->prefix4 <= 32);
	require(term->prefix6 >= 0 && term->prefix6 <= 128);
	require(term->domain.length <= strlen(term->text));
	if (term->mechanism == SPF_INCLUDE || term->mechanism == SPF_EXISTS)
		require(term->domain.text != NULL);
	expand_domain(&term->domain);
}

/* A record that was accepted is accepted again when its terms are written one by one. */
static void check_again(const struct spf_record *record)
{
	struct spf_record *again;
	struct error err;
	char text[4096];
	int used;

	for (size_t i = 0; i < record->count; i++) {
		used = snprintf(text, sizeof(text), "v=spf1 %s", record->terms[i].text);
		if (used >= (int)sizeof(text))
			continue;
		require(spf_record_parse(text, (size_t)used, &again, &err));
		require(again->count == 1);
		require(again->terms[0].mechanism == record->terms[i].mechanism);
		spf_record_free(again);
	}
}

static void check_explanation(const char *text, size_t length)
{
	struct spf_macros macros = worst_macros(true);
	char expansion[SPF_EXPANSION_SIZE];
	struct error err;

	if (spf_macro_check(text, length, SPF_MACRO_EXPLANATION, &err) &&
	    spf_macro_expand(text, length, &macros, expansion, &err))
		require(strlen(expansion) < SPF_EXPANSION_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct spf_record *record;
	struct error err;

	check_explanation(text, size);
	if (!spf_record_is(text, size) || !spf_record_parse(text, size, &record, &err))
		return 0;
	for (size_t i = 0; i < record->count; i++)
		check_term(&record->terms[i]);
	expand_domain(&record->redirect);
	expand_domain(&record->exp);
	check_again(record);
	spf_record_free(record);
	return 0;
}
