/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows the operator's table of replies. */
#include "services/tracker/rules.h"
#include "common/log.h"
#include "common/text_rule.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct rules {
	char *path;
	struct reply_rules *current;
	struct stat seen; /* all zero: no file */
	char error[512];
};

static struct stat look(const char *path)
{
	struct stat status = {0};

	if (stat(path, &status) != 0)
		return (struct stat){0};
	return status;
}

bool rules_new(const char *path, struct rules **rules_r, struct error *err)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	if (rules == NULL || (rules->path = strdup(path)) == NULL)
		abort();
	rules->seen = look(path);
	if (!reply_rules_load(path, &rules->current, err)) {
		rules_free(rules);
		return false;
	}
	*rules_r = rules;
	return true;
}

void rules_free(struct rules *rules)
{
	if (rules == NULL)
		return;
	reply_rules_free(rules->current);
	free(rules->path);
	free(rules);
}

void rules_refresh(struct rules *rules)
{
	struct stat now = look(rules->path);
	struct reply_rules *fresh;
	struct error err;

	if (now.st_ino == rules->seen.st_ino && now.st_size == rules->seen.st_size &&
	    now.st_mtim.tv_sec == rules->seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == rules->seen.st_mtim.tv_nsec)
		return;
	rules->seen = now;
	rules->error[0] = '\0';
	if (!reply_rules_load(rules->path, &fresh, &err)) {
		log_error("%s; the former rules stay in use", err.text);
		text_rule_copy(rules->error, sizeof(rules->error), err.text);
		return;
	}
	reply_rules_free(rules->current);
	rules->current = fresh;
	log_info("%s: read anew", rules->path);
}

const struct reply_rules *rules_current(const struct rules *rules)
{
	return rules->current;
}

const char *rules_error(const struct rules *rules)
{
	return rules->error;
}
