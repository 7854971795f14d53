/* SPDX-License-Identifier: BSD-2-Clause */
/* The public suffix list through libpsl. */
#include "common/public_suffix.h"
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>

struct public_suffixes {
	psl_ctx_t *list;
};

bool public_suffixes_new(struct public_suffixes **suffixes_r, struct error *err)
{
	struct public_suffixes *suffixes = calloc(1, sizeof(*suffixes));

	/* The file of Debian's publicsuffix, or what the library has built in if that is newer. */
	if (!suffixes || !(suffixes->list = psl_latest(NULL))) {
		free(suffixes);
		return error_set(err, "public suffix list: cannot be loaded; install publicsuffix");
	}
	*suffixes_r = suffixes;
	return true;
}

void public_suffixes_free(struct public_suffixes *suffixes)
{
	if (!suffixes)
		return;
	psl_free(suffixes->list);
	free(suffixes);
}

void public_suffix_organization(const struct public_suffixes *suffixes, const char *domain,
				char organization_r[DOMAIN_SIZE])
{
	const char *found = psl_registrable_domain(suffixes->list, domain);

	snprintf(organization_r, DOMAIN_SIZE, "%s", found ? found : domain);
}
