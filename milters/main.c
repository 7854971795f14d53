/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-milter: the filters in the order they run in. */
#include "milters/av/av_filter.h"
#include "milters/chain/program.h"
#include "milters/content/content_filter.h"
#include "milters/egress/egress_filter.h"
#include "milters/sign/sign_filter.h"
#include "milters/tenant/tenant_filter.h"

static const struct filter *const filters[] = {
    &tenant_filter, &content_filter, &av_filter, &egress_filter, &sign_filter,
};

int main(int argc, char **argv)
{
	return program_main(argc, argv, filters, sizeof(filters) / sizeof(filters[0]));
}
