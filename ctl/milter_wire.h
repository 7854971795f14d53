/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of the milter protocol: four octets of length, a command, its data. */
#ifndef EASYMAIL_CTL_MILTER_WIRE_H
#define EASYMAIL_CTL_MILTER_WIRE_H

#include "common/error.h"
#include <stddef.h>
#include <stdint.h>

#define MILTER_PACKET_MAX (1 << 20) /* of a reply */

struct milter_wire {
	int fd;
	int timeout_ms;
};

/* A reply; text is NUL-terminated after `length` octets. */
struct milter_packet {
	char command;
	size_t length;
	char *data;
};

bool milter_wire_open(const char *socket, int timeout_ms, struct milter_wire *wire_r,
		      struct error *err) __attribute__((nonnull, warn_unused_result));
void milter_wire_close(struct milter_wire *wire) __attribute__((nonnull));

bool milter_wire_send(struct milter_wire *wire, char command, const void *data, size_t length,
		      struct error *err) __attribute__((nonnull(1, 5), warn_unused_result));

/* The caller frees packet_r->data after success. */
bool milter_wire_receive(struct milter_wire *wire, struct milter_packet *packet_r,
			 struct error *err) __attribute__((nonnull, warn_unused_result));

/* Packet data under construction; out of memory ends the process. */
struct milter_data {
	size_t length;
	char *bytes;
};

void milter_data_add(struct milter_data *data, const void *bytes, size_t length)
    __attribute__((nonnull));
void milter_data_add_text(struct milter_data *data, const char *text) __attribute__((nonnull));
void milter_data_add_number(struct milter_data *data, uint32_t number) __attribute__((nonnull));
uint32_t milter_number(const char *bytes) __attribute__((nonnull));

/* Sends and frees. */
bool milter_data_send(struct milter_data *data, struct milter_wire *wire, char command,
		      struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
