/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON as the value of a socketmap's key. */
#include "common/status.h"
#include <stdlib.h>
#include <unistd.h>

struct json *status_new(const char *program)
{
	struct json *status = json_new_object();

	json_put_text(status, "program", program);
	json_put_text(status, "version", EASYMAIL_VERSION);
	json_put_number(status, "pid", getpid());
	return status;
}

void status_reply(struct socketmap_reply *reply, struct json *status)
{
	char *text = json_write(status);

	socketmap_reply_set(reply, FOUND_ONE, "%s", text);
	free(text);
	json_drop(status);
}
