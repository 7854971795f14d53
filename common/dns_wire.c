/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the data of DNS records and writes names; whatever a server sends ends here or is refused. */
#include "common/dns_wire.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies an uncompressed name as text to `to`, which has room for as many octets as the data. */
static bool read_name(const unsigned char *data, size_t length, char *to, size_t *length_r)
{
	size_t at = 0, used = 0;

	while (at < length && data[at] != 0) {
		size_t label = data[at++];

		if (label > 63 || label > length - at || memchr(data + at, '.', label) ||
		    memchr(data + at, '\0', label))
			return false;
		if (used > 0)
			to[used++] = '.';
		memcpy(to + used, data + at, label);
		used += label;
		at += label;
	}
	to[used] = '\0';
	*length_r = used;
	return at + 1 == length && used <= DNS_NAME_MAX;
}

/* Joins the character-strings of a TXT record. */
static bool read_strings(const unsigned char *data, size_t length, char *to, size_t *length_r)
{
	size_t at = 0, used = 0;

	while (at < length) {
		size_t part = data[at++];

		if (part > length - at)
			return false;
		memcpy(to + used, data + at, part);
		used += part;
		at += part;
	}
	to[used] = '\0';
	*length_r = used;
	return true;
}

static bool read_v4(const struct dns_wire *wire, struct ip *ip_r)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (wire->length != 4)
		return false;
	memcpy(ip_r->bytes, mapped, sizeof(mapped));
	memcpy(ip_r->bytes + sizeof(mapped), wire->data, 4);
	return true;
}

/* One record; `text` has room for all of the data and a NUL. */
static bool read_record(enum dns_type type, const struct dns_wire *wire, char *text,
			struct dns_record *record_r)
{
	record_r->text = text;
	switch (type) {
	case DNS_A:
		return read_v4(wire, &record_r->ip);
	case DNS_AAAA:
		if (wire->length != sizeof(record_r->ip.bytes))
			return false;
		memcpy(record_r->ip.bytes, wire->data, wire->length);
		return true;
	case DNS_TXT:
		return read_strings(wire->data, wire->length, text, &record_r->length);
	case DNS_PTR:
		return read_name(wire->data, wire->length, text, &record_r->length);
	case DNS_MX:
		if (wire->length < 3)
			return false;
		record_r->preference = (unsigned)(wire->data[0] << 8 | wire->data[1]);
		return read_name(wire->data + 2, wire->length - 2, text, &record_r->length);
	}
	return false;
}

bool dns_wire_read(enum dns_type type, const struct dns_wire *wires, size_t count,
		   struct dns_answer *answer_r)
{
	size_t size = count * sizeof(struct dns_record), i;
	char *block, *text;

	answer_r->count = 0;
	answer_r->records = NULL;
	for (i = 0; i < count; i++)
		size += wires[i].length + 1;
	block = calloc(1, size + 1);
	if (!block)
		return false;
	answer_r->records = (struct dns_record *)(void *)block;
	text = block + count * sizeof(struct dns_record);
	for (i = 0; i < count; i++) {
		if (!read_record(type, &wires[i], text, &answer_r->records[i])) {
			dns_answer_clear(answer_r);
			return false;
		}
		text += wires[i].length + 1;
	}
	answer_r->count = count;
	return true;
}

void dns_answer_clear(struct dns_answer *answer)
{
	free(answer->records);
	answer->records = NULL;
	answer->count = 0;
}

bool dns_name_is_valid(const char *name)
{
	size_t length = strlen(name), label = 0, i;

	if (length > 0 && name[length - 1] == '.')
		length--;
	if (length == 0 || length > DNS_NAME_MAX)
		return false;
	for (i = 0; i < length; i++) {
		if (name[i] != '.')
			label++;
		else if (label == 0)
			return false;
		else
			label = 0;
		if (label > 63)
			return false;
	}
	return label > 0;
}

bool dns_wire_escape(const char *name, char escaped_r[DNS_ESCAPED_SIZE])
{
	size_t used = 0;

	if (!dns_name_is_valid(name))
		return false;
	for (; *name; name++) {
		if (*name == '\\')
			escaped_r[used++] = '\\';
		escaped_r[used++] = *name;
	}
	escaped_r[used] = '\0';
	return true;
}

void dns_reverse_name(const struct ip *ip, char name_r[DNS_REVERSE_SIZE])
{
	const unsigned char *b = ip->bytes;
	size_t used = 0;
	int i;

	if (ip_is_v4(ip)) {
		snprintf(name_r, DNS_REVERSE_SIZE, "%d.%d.%d.%d.in-addr.arpa", b[15], b[14], b[13],
			 b[12]);
		return;
	}
	for (i = 15; i >= 0; i--)
		used += (size_t)snprintf(name_r + used, DNS_REVERSE_SIZE - used, "%x.%x.",
					 b[i] & 15u, b[i] >> 4);
	snprintf(name_r + used, DNS_REVERSE_SIZE - used, "ip6.arpa");
}

const char *dns_type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_AAAA:
		return "AAAA";
	case DNS_MX:
		return "MX";
	case DNS_PTR:
		return "PTR";
	case DNS_TXT:
		return "TXT";
	}
	return "?";
}
