/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The headers of one message as they will leave, and what has to be said to the MTA so that they do.
 *
 * Filters reach it through message_header_…; only the chain makes, fills and empties it.
 */
#ifndef EASYMAIL_HEADERS_H
#define EASYMAIL_HEADERS_H

#include "milters/chain/message.h"

/* More header fields than this are refused: the MTA looks each changed one up by counting. */
#define HEADERS_COUNT_MAX 1000

enum edit_kind {
	EDIT_CHANGE, /* value of the index-th header of that name, counted from 1 */
	EDIT_DELETE, /* the index-th header of that name */
	EDIT_INSERT, /* before the index-th header, counted from 1; our MTA's own Received is 0 */
	EDIT_APPEND, /* after the last */
};

/* In the order they are to be done in: each index counts what the edits before it have left. */
struct edit {
	enum edit_kind kind;
	int index;
	const char *name;
	const char *value; /* "" of a deletion */
};

struct headers *headers_new(size_t max_bytes); /* aborts when out of memory */
void headers_free(struct headers *headers);    /* takes NULL */

/* The next header as it arrived. False: beyond max_bytes or HEADERS_COUNT_MAX; it is not taken. */
bool headers_receive(struct headers *headers, const char *name, const char *value)
    __attribute__((nonnull, warn_unused_result));

/* The edits that turn what arrived into what is to leave: an array for free(), texts borrowed from `headers`. */
struct edit *headers_edits(const struct headers *headers, size_t *count_r) __attribute__((nonnull));

size_t headers_count(const struct headers *headers) __attribute__((nonnull));
const struct header *headers_at(const struct headers *headers, size_t index)
    __attribute__((nonnull));
void headers_insert(struct headers *headers, size_t index, const char *name, const char *value)
    __attribute__((nonnull));
void headers_replace(struct headers *headers, size_t index, const char *value)
    __attribute__((nonnull));
void headers_delete(struct headers *headers, size_t index) __attribute__((nonnull));

#endif
