/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes domains and envelope addresses: what is taken is in the one spelling already. */
#include "common/mailbox.h"
#include "common/utf8.h"
#include "tests/fuzz/fuzz.h"

static void check_domain(const char *text, size_t length)
{
	char domain[DOMAIN_SIZE], again[DOMAIN_SIZE];
	struct error err;
	const char *parent;

	if (!domain_normalize(text, length, domain, &err))
		return;
	MUST(strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(domain));
	MUST(domain_normalize(domain, strlen(domain), again, &err));
	MUST(strcmp(domain, again) == 0);
	parent = domain_parent(domain);
	MUST(parent != NULL && domain_is_below(domain, parent));
}

static void check_mailbox(const char *text)
{
	struct mailbox mailbox, again;
	struct error err;

	if (!mailbox_parse(text, &mailbox, &err))
		return;
	MUST(mailbox.is_null == (mailbox.address[0] == '\0'));
	MUST(utf8_is_valid(mailbox.address));
	if (mailbox.is_null)
		return;
	MUST(mailbox_parse(mailbox.address, &again, &err));
	MUST(memcmp(&again, &mailbox, sizeof(again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_domain(text, size);
	check_mailbox(text);
	free(text);
	return 0;
}
