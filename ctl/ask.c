/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions on the control sockets of easymail's programs. */
#include "ctl/ask.h"
#include "common/socketmap.h"

#define ASK_TIMEOUT_MS 5000

static bool ask(const char *socket_path, const char *map, const char *key,
		struct socketmap_reply *reply_r, struct error *err)
{
	struct error why = {"no answer"};

	if (socketmap_ask(socket_path, map, key, ASK_TIMEOUT_MS, reply_r, &why) == FOUND_ONE)
		return true;
	return error_set(err, "does not answer on %s: %.200s; is it running?", socket_path,
			 why.text);
}

bool ask_status(const char *socket_path, struct json **answer_r, struct error *err)
{
	struct socketmap_reply reply;
	struct error why;

	if (!ask(socket_path, "status", "status", &reply, err))
		return false;
	if (json_parse(reply.text, answer_r, &why))
		return true;
	return error_set(err, "answers on %s what is not JSON: %.200s", socket_path, why.text);
}

bool ask_command(const char *socket_path, const char *command, struct error *err)
{
	struct socketmap_reply reply;

	return ask(socket_path, "command", command, &reply, err);
}
