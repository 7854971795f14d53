/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl bulk: what bulk mail needs beside settings. */
#include "common/key_file.h"
#include "ctl/nouns.h"
#include "ctl/output.h"

bool ctl_bulk_init_keyfile(struct ctl *ctl, struct error *err)
{
	const char *path = config_text(ctl->config, "bulk.key_file");

	if (!key_file_create(path, config_text(ctl->config, "dkim.key_file_group"), err))
		return false;
	output_done(ctl, "key file %s: made", path);
	return true;
}
