/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl status: do all parts run, agree, and fail closed? */
#include "ctl/status.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <stdarg.h>

void status_note(struct status *status, const char *part, bool well, const char *format, ...)
{
	struct json *row = json_new_object();
	va_list arguments;
	char text[1024];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_put_text(row, "part", part);
	json_put_bool(row, "well", well);
	json_put_text(row, "finding", text);
	json_append(status->rows, row);
	status->bad |= !well;
}

bool ctl_status(struct ctl *ctl, struct error *err)
{
	struct status status = {.rows = json_new_array()};
	struct json *object;

	(void)err;
	status_database(ctl, &status);
	status_dkim(ctl, &status);
	status_bulk(ctl, &status);
	status_mapd(ctl, &status);
	status_milter(ctl, &status);
	if (status.scans)
		status_scanner(ctl, &status);
	status_postfix(ctl, &status);
	ctl->findings = status.bad;
	if (!ctl->json) {
		output_list(ctl, "part well finding", status.rows);
		return true;
	}
	object = json_new_object();
	json_put_bool(object, "well", !status.bad);
	json_put_number(object, "generation", status.generation);
	json_put(object, "parts", status.rows);
	output_object(ctl, "well", object);
	return true;
}
