/* SPDX-License-Identifier: BSD-2-Clause */
/* Record data of hostile DNS servers: the first octet chooses the type, the rest is cut in two records. */
#include "common/dns_wire.h"
#include <stdlib.h>
#include <string.h>

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* What was read is as long as it says, and a name is one that can be asked for, or the root. */
static void check_record(enum dns_type type, const struct dns_record *record)
{
	char escaped[DNS_ESCAPED_SIZE];

	require(record->text != NULL && record->text[record->length] == '\0');
	if (type != DNS_MX && type != DNS_PTR)
		return;
	require(strlen(record->text) == record->length && record->length <= DNS_NAME_MAX);
	require(record->length == 0 || dns_name_is_valid(record->text));
	require(dns_wire_escape(record->text, escaped) == (record->length > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT};
	struct dns_wire wires[2];
	struct dns_answer answer;
	enum dns_type type;

	if (size < 2)
		return 0;
	type = types[data[0] % (sizeof(types) / sizeof(types[0]))];
	wires[0].data = data + 2;
	wires[0].length = data[1] < size - 2 ? data[1] : size - 2;
	wires[1].data = wires[0].data + wires[0].length;
	wires[1].length = size - 2 - wires[0].length;
	if (!dns_wire_read(type, wires, 2, &answer)) {
		require(answer.count == 0 && answer.records == NULL);
		return 0;
	}
	require(answer.count == 2);
	check_record(type, &answer.records[0]);
	check_record(type, &answer.records[1]);
	dns_answer_clear(&answer);
	return 0;
}
