/* SPDX-License-Identifier: BSD-2-Clause */
/* A text that grows. */
#include "services/scanner/text_buffer.h"
#include <stdlib.h>
#include <string.h>

/* Room for `length` more and a NUL. */
static bool reserve(struct text_buffer *buffer, size_t length)
{
	size_t wanted = buffer->length + length + 1;
	size_t room = buffer->room > 0 ? buffer->room : 256;
	char *data;

	if (wanted <= buffer->room)
		return true;
	while (room < wanted)
		room *= 2;
	data = realloc(buffer->data, room);
	if (data == NULL)
		return false;
	buffer->data = data;
	buffer->room = room;
	return true;
}

void text_add(struct text_buffer *buffer, const void *data, size_t length)
{
	if (length == 0)
		return;
	if (length > buffer->limit - buffer->length) {
		length = buffer->limit - buffer->length;
		buffer->cut = true;
	}
	if (!reserve(buffer, length)) {
		buffer->cut = true;
		return;
	}
	memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
}

void text_add_character(struct text_buffer *buffer, unsigned long c)
{
	char octets[4];
	size_t length = 0;

	if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		c = 0xfffd;
	if (c < 0x80) {
		octets[length++] = (char)c;
	} else if (c < 0x800) {
		octets[length++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		octets[length++] = (char)(0xe0 | c >> 12);
		octets[length++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		octets[length++] = (char)(0xf0 | c >> 18);
		octets[length++] = (char)(0x80 | (c >> 12 & 0x3f));
		octets[length++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		octets[length++] = (char)(0x80 | (c & 0x3f));
	text_add(buffer, octets, length);
}

bool text_end(struct text_buffer *buffer)
{
	if (!reserve(buffer, 0))
		return false;
	buffer->data[buffer->length] = '\0';
	return true;
}
