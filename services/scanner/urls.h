/* SPDX-License-Identifier: BSD-2-Clause */
/* URLs in a text, and the host of one in the spelling that hosts are compared in. */
#ifndef EASYMAIL_SCANNER_URLS_H
#define EASYMAIL_SCANNER_URLS_H

#include <stdbool.h>
#include <stddef.h>

#define URL_MAX_BYTES 2048
#define URL_HOST_SIZE 256

/* text and host are ended; `host` is "" when it is neither a name nor an address. */
typedef void (*url_found)(void *context, const char *text, const char *host);

/* Each `scheme://…` and `www.…` in a text in UTF-8. */
void urls_find(const char *text, size_t length, url_found found, void *context)
    __attribute__((nonnull(1, 3)));

/*
 * The host of what is one URL: user, port and percent signs dropped, backslashes read as slashes, A-labels in
 * lower case (RFC 5890), addresses as inet_ntop(3) writes them, also those that were given as one number.
 * False: there is none, or it is no name.
 */
bool url_host(const char *url, size_t length, char host_r[URL_HOST_SIZE]) __attribute__((nonnull));

#endif
