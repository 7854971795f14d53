/* SPDX-License-Identifier: BSD-2-Clause */
/* Netstrings, and socketmap's requests and replies in them. */
#include "common/socketmap_wire.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int netstring_take(const char *data, size_t size, size_t max, const char **content_r,
		   size_t *length_r, size_t *used_r)
{
	size_t length = 0;
	size_t at = 0;

	for (; at < size && data[at] >= '0' && data[at] <= '9'; at++) {
		if (at > 0 && length == 0)
			return -1; /* a leading zero: one number, one spelling */
		length = length * 10 + (size_t)(data[at] - '0');
		if (length > max)
			return -1;
	}
	if (at == size)
		return 0;
	if (at == 0 || data[at] != ':')
		return -1;
	at++;
	if (size - at < length + 1)
		return 0;
	if (data[at + length] != ',')
		return -1;
	*content_r = data + at;
	*length_r = length;
	*used_r = at + length + 1;
	return 1;
}

bool socketmap_request_read(const char *content, size_t length,
			    char request_r[SOCKETMAP_REQUEST_MAX + 1], const char **map_r,
			    const char **key_r)
{
	char *blank;

	if (length > SOCKETMAP_REQUEST_MAX || memchr(content, '\0', length) != NULL)
		return false;
	memcpy(request_r, content, length);
	request_r[length] = '\0';
	blank = strchr(request_r, ' ');
	if (blank == NULL)
		return false;
	*blank = '\0';
	*map_r = request_r;
	*key_r = blank + 1;
	return true;
}

void socketmap_reply_set(struct socketmap_reply *reply, enum found found, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reply->text, sizeof(reply->text), format, arguments);
	va_end(arguments);
	reply->found = found;
	reply->length = strlen(reply->text);
	for (size_t i = 0; i < reply->length; i++) {
		unsigned char octet = (unsigned char)reply->text[i];

		if (octet < ' ' || octet == 0x7f)
			reply->text[i] = '?';
	}
}

static const char *reply_word(enum found found)
{
	switch (found) {
	case FOUND_ERROR:
		return "TEMP ";
	case FOUND_NONE:
		return "NOTFOUND ";
	case FOUND_ONE:
		return "OK ";
	}
	return "TEMP ";
}

size_t socketmap_reply_write(const struct socketmap_reply *reply, char *out_r)
{
	const char *word = reply_word(reply->found);
	size_t length = reply->found == FOUND_NONE ? 0 : reply->length;
	int head = snprintf(out_r, SOCKETMAP_REPLY_EXTRA, "%zu:%s", strlen(word) + length, word);

	memcpy(out_r + head, reply->text, length);
	out_r[(size_t)head + length] = ',';
	return (size_t)head + length + 1;
}

bool socketmap_reply_read(const char *content, size_t length, struct socketmap_reply *reply_r)
{
	static const struct {
		const char *word;
		enum found found;
	} words[] = {{"OK ", FOUND_ONE},
		     {"NOTFOUND ", FOUND_NONE},
		     {"TEMP ", FOUND_ERROR},
		     {"TIMEOUT ", FOUND_ERROR},
		     {"PERM ", FOUND_ERROR}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t skip = strlen(words[i].word);

		if (length < skip || memcmp(content, words[i].word, skip) != 0)
			continue;
		if (length - skip >= sizeof(reply_r->text))
			return false;
		reply_r->found = words[i].found;
		reply_r->length = length - skip;
		memcpy(reply_r->text, content + skip, reply_r->length);
		reply_r->text[reply_r->length] = '\0';
		return true;
	}
	return false;
}
