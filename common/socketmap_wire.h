/* SPDX-License-Identifier: BSD-2-Clause */
/* The octets of the socketmap protocol: netstrings, requests, replies. What hostile input meets first. */
#ifndef EASYMAIL_SOCKETMAP_WIRE_H
#define EASYMAIL_SOCKETMAP_WIRE_H

#include "common/socketmap.h"

#define NETSTRING_EXTRA 8 /* octets around a content of up to 999 999 */

/* Splits off one netstring. 1: there, *content_r and *length_r point into data, *used_r octets are spent;
 * 0: not complete yet; -1: not a netstring, or over `max`. */
int netstring_take(const char *data, size_t size, size_t max, const char **content_r,
		   size_t *length_r, size_t *used_r) __attribute__((nonnull));

/* Splits "map key" into two strings; the key may hold blanks and be empty. False: no blank, or a NUL. */
bool socketmap_request_read(const char *content, size_t length,
			    char request_r[SOCKETMAP_REQUEST_MAX + 1], const char **map_r,
			    const char **key_r) __attribute__((nonnull, warn_unused_result));

/* The whole netstring of a reply; room for sizeof(reply->text) + SOCKETMAP_REPLY_EXTRA suffices. Its length. */
#define SOCKETMAP_REPLY_EXTRA (NETSTRING_EXTRA + 16)
size_t socketmap_reply_write(const struct socketmap_reply *reply, char *out_r)
    __attribute__((nonnull));

/* False: no reply of the protocol, or longer than reply_r holds. */
bool socketmap_reply_read(const char *content, size_t length, struct socketmap_reply *reply_r)
    __attribute__((nonnull, warn_unused_result));

#endif
