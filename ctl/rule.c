/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl rule: rules on what mail may carry, the provider's and the tenants'. */
#include "common/content_rules.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/rule_report.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *field, const char *text, int64_t *number_r, struct error *err)
{
	char *end;

	errno = 0;
	*number_r = strtoll(text, &end, 10);
	return (errno == 0 && end != text && *end == '\0' && *number_r > 0) ||
	       error_set(err, "%s: '%.60s' is no number from 1 on", field, text);
}

static const char *tenant_or_provider(const struct ctl *ctl, size_t at)
{
	const char *tenant = ctl_argument(ctl, at);

	return tenant != NULL ? tenant : "";
}

static bool add(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *comment = ctl_option(ctl, "--comment");
	const char *position = ctl_option(ctl, "--position");
	struct content_rule_row row = {
	    .tenant = tenant_or_provider(ctl, 2),
	    .enabled = ctl_option(ctl, "--disabled") == NULL,
	    .condition = ctl_argument(ctl, 0),
	    .action = ctl_argument(ctl, 1),
	    .comment = comment != NULL ? comment : "",
	};
	struct content_rule_text text = {0, row.condition, row.action};

	return (position == NULL || read_number("--position", position, &row.position, err)) &&
	       content_rule_check(&text, err) && content_rule_rows_add(db, &row, ctl->context, err);
}

static bool add_numbered(struct ctl *ctl, int64_t *number_r, struct error *err)
{
	ctl->context = number_r;
	return ctl_change(ctl, add, err);
}

bool ctl_rule_add(struct ctl *ctl, struct error *err)
{
	int64_t number = 0;

	if (!add_numbered(ctl, &number, err))
		return false;
	output_done(ctl, "rule %lld: added", (long long)number);
	return true;
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = rule_report_rows(db, ctl_argument(ctl, 0), !ctl->json, err);

	if (rows == NULL)
		return false;
	output_list(ctl, "rule owner position enabled condition action fault", rows);
	return true;
}

bool ctl_rule_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static void keep_row(const struct content_rule_row *row, void *context)
{
	*(struct json **)context = rule_report_row(row, false);
}

static bool show(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *object;
	int64_t number;

	if (!read_number("rule", ctl_argument(ctl, 0), &number, err) ||
	    !content_rule_rows_get(db, number, keep_row, &object, err))
		return false;
	output_object(ctl, "rule owner position enabled condition action comment created fault",
		      object);
	return true;
}

bool ctl_rule_show(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, show, err);
}

static bool move(struct ctl *ctl, struct db *db, struct error *err)
{
	int64_t number, position;

	return read_number("rule", ctl_argument(ctl, 0), &number, err) &&
	       read_number("position", ctl_argument(ctl, 1), &position, err) &&
	       content_rule_rows_move(db, number, position, err);
}

static bool done(const struct ctl *ctl, const char *what)
{
	output_done(ctl, "rule %s: %s", ctl_argument(ctl, 0), what);
	return true;
}

bool ctl_rule_move(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, move, err) && done(ctl, "moved");
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	int64_t number;

	return read_number("rule", ctl_argument(ctl, 0), &number, err) &&
	       content_rule_rows_delete(db, number, err);
}

bool ctl_rule_delete(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, delete, err) && done(ctl, "deleted");
}

/* A rule that plain SQL wrote may be wrong. */
struct soundness {
	bool good;
	struct error err;
};

static void check_row(const struct content_rule_row *row, void *context)
{
	struct soundness *soundness = context;
	struct content_rule_text text = {row->number, row->condition, row->action};

	soundness->good = content_rule_check(&text, &soundness->err);
}

static bool enable(struct ctl *ctl, struct db *db, struct error *err)
{
	struct soundness soundness;
	int64_t number;

	if (!read_number("rule", ctl_argument(ctl, 0), &number, err) ||
	    !content_rule_rows_get(db, number, check_row, &soundness, err))
		return false;
	if (!soundness.good) {
		*err = soundness.err;
		return false;
	}
	return content_rule_rows_enable(db, number, true, err);
}

bool ctl_rule_enable(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, enable, err) && done(ctl, "enabled");
}

static bool disable(struct ctl *ctl, struct db *db, struct error *err)
{
	int64_t number;

	return read_number("rule", ctl_argument(ctl, 0), &number, err) &&
	       content_rule_rows_enable(db, number, false, err);
}

bool ctl_rule_disable(struct ctl *ctl, struct error *err)
{
	return ctl_change(ctl, disable, err) && done(ctl, "disabled");
}
