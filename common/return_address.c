/* SPDX-License-Identifier: BSD-2-Clause */
/* Judging addresses in the domain of return paths. */
#include "common/return_address.h"
#include "common/key_file.h"
#include "common/policy_read.h"
#include "common/setting_rows.h"
#include "common/text_rule.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool read_settings(struct db *db, void *context, struct error *err)
{
	struct return_site *site = context;
	struct setting_row domain, days;

	if (!setting_rows_get(db, NULL, setting_definitions[SETTING_BULK_RETURN_PATH_DOMAIN].name,
			      &domain, err) ||
	    !setting_rows_get(db, NULL, setting_definitions[SETTING_BULK_RETURN_PATH_DAYS].name,
			      &days, err))
		return false;
	text_rule_copy(site->domain, sizeof(site->domain), domain.value);
	site->max_days = (unsigned)strtoul(days.value, NULL, 10);
	return true;
}

bool return_site_read(struct policy_store *store, struct return_site *site, struct error *err)
{
	return policy_read(store, read_settings, site, err);
}

static enum return_address judge_path(const struct return_site *site, const char *local,
				      int64_t now, struct return_path *path_r, struct error *err)
{
	enum return_path_answer answer;
	struct key_file file;

	switch (key_file_load(site->key_file, &file, err)) {
	case FOUND_ERROR:
		return RETURN_ADDRESS_UNKNOWN;
	case FOUND_NONE:
		error_set(err,
			  "key file %s: is not there; make it with `easymailctl bulk "
			  "init-keyfile`",
			  site->key_file);
		return RETURN_ADDRESS_UNKNOWN;
	case FOUND_ONE:
		break;
	}
	answer = return_path_read(local, file.key, return_path_day(now), site->max_days, path_r);
	key_file_wipe(&file);
	switch (answer) {
	case RETURN_PATH_GENUINE:
		return RETURN_ADDRESS_GENUINE;
	case RETURN_PATH_EXPIRED:
		return RETURN_ADDRESS_EXPIRED;
	case RETURN_PATH_FORGED:
		break;
	}
	return RETURN_ADDRESS_FORGED;
}

enum return_address return_address_judge(const struct return_site *site,
					 const struct mailbox *address, int64_t now,
					 struct return_path *path_r, struct error *err)
{
	*path_r = (struct return_path){0};
	if (site->domain[0] == '\0' || strcmp(address->domain, site->domain) != 0)
		return RETURN_ADDRESS_ELSEWHERE;
	if (strcasecmp(address->local, RETURN_ADDRESS_FEEDBACK) == 0)
		return RETURN_ADDRESS_COMPLAINTS;
	if (!return_path_looks_like_one(address->local))
		return RETURN_ADDRESS_FORGED;
	return judge_path(site, address->local, now, path_r, err);
}
