/* SPDX-License-Identifier: BSD-2-Clause */
/* Netstrings, requests and replies of hostile peers. */
#include "common/socketmap_wire.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* A reply that was read is written as a netstring that reads back the same. */
static void check_reply(const char *content, size_t length)
{
	static struct socketmap_reply first, second;
	static char out[sizeof(first.text) + SOCKETMAP_REPLY_EXTRA];
	const char *again;
	size_t again_length, used;

	if (!socketmap_reply_read(content, length, &first) || first.found == FOUND_NONE)
		return;
	used = socketmap_reply_write(&first, out);
	require(used <= sizeof(out));
	require(netstring_take(out, used, sizeof(out), &again, &again_length, &used) == 1);
	require(socketmap_reply_read(again, again_length, &second));
	require(second.found == first.found && second.length == first.length);
	require(memcmp(second.text, first.text, first.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char request[SOCKETMAP_REQUEST_MAX + 1];
	const char *input = (const char *)data;
	const char *content, *map, *key;
	size_t length, used, at = 0;

	check_reply(input, size);
	while (netstring_take(input + at, size - at, SOCKETMAP_REQUEST_MAX, &content, &length,
			      &used) == 1) {
		require(used > length && used <= size - at && length <= SOCKETMAP_REQUEST_MAX);
		if (socketmap_request_read(content, length, request, &map, &key))
			require(strlen(map) + 1 + strlen(key) == length);
		check_reply(content, length);
		at += used;
	}
	return 0;
}
