/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A message's facts as octets: the head, its tables in the order of its counts, then the pool of texts, each
 * with a NUL behind it. Numbers are in host order: both ends are on one host.
 */
#ifndef EASYMAIL_FACTS_WIRE_H
#define EASYMAIL_FACTS_WIRE_H

#include "common/message_facts.h"

#define FACTS_WIRE_MAGIC 0x73746346u
#define FACTS_WIRE_BYTES ((size_t)16 << 20) /* of all */

struct facts_wire_text { /* where in the pool; no octet of the pool belongs to two texts */
	uint32_t at;
	uint32_t length;
};

struct facts_wire_head {
	uint32_t magic;
	uint32_t version; /* SCAN_PROTOCOL_VERSION */
	uint64_t message_length;
	uint64_t malformed;
	uint32_t parts;
	uint32_t names;
	uint32_t headers;
	uint32_t members;
	uint32_t urls;
	uint32_t pool; /* octets */
};

#define FACTS_WIRE_DECLARED   0x01u
#define FACTS_WIRE_ATTACHMENT 0x02u
#define FACTS_WIRE_ENCRYPTED  0x04u
#define FACTS_WIRE_TEXT_CUT   0x08u
#define FACTS_WIRE_LOCATED    0x10u
#define FACTS_WIRE_SIZED      0x20u
#define FACTS_WIRE_FLAGS      0x3fu

struct facts_wire_part {
	uint32_t parent;
	uint32_t same_as;
	uint32_t kind;
	uint32_t flags; /* FACTS_WIRE_… */
	uint64_t malformed;
	uint64_t header_at, header_length;
	uint64_t body_at, body_length;
	uint64_t size;
	unsigned char hash[FACTS_HASH_BYTES];
	struct facts_wire_text detected, type, charset, encoding, disposition, text;
};

struct facts_wire_name { /* in the order of their parts */
	uint32_t part;
	uint32_t zero;
	struct facts_wire_text text;
};

struct facts_wire_header {
	struct facts_wire_text name, value;
};

struct facts_wire_member {
	uint32_t part;
	uint32_t parent;
	uint32_t flags;
	uint32_t zero;
	uint64_t size;
	uint64_t malformed;
	struct facts_wire_text name, detected;
};

struct facts_wire_url {
	uint32_t part;
	uint32_t zero;
	struct facts_wire_text text, host;
};

#endif
