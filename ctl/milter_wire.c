/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of the milter protocol over a Unix socket. */
#include "ctl/milter_wire.h"
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool milter_wire_open(const char *socket_path, int timeout_ms, struct milter_wire *wire_r,
		      struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*wire_r = (struct milter_wire){-1, timeout_ms};
	if (strlen(socket_path) >= sizeof(address.sun_path))
		return error_set(err, "%s: is longer than a socket's path may be", socket_path);
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	wire_r->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (wire_r->fd < 0)
		return error_set(err, "no socket: %s", strerror(errno));
	if (connect(wire_r->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	error_set(err, "easymail-milter does not answer on %s: %s; is it running?", socket_path,
		  strerror(errno));
	milter_wire_close(wire_r);
	return false;
}

void milter_wire_close(struct milter_wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
}

static bool wait_for(const struct milter_wire *wire, short events, struct error *err)
{
	struct pollfd poll_fd = {.fd = wire->fd, .events = events};
	int rc;

	do
		rc = poll(&poll_fd, 1, wire->timeout_ms);
	while (rc < 0 && errno == EINTR);
	if (rc > 0)
		return true;
	return error_set(err, "easymail-milter gave no answer within %d s",
			 wire->timeout_ms / 1000);
}

static bool write_all(const struct milter_wire *wire, const char *bytes, size_t length,
		      struct error *err)
{
	while (length > 0) {
		ssize_t count;

		if (!wait_for(wire, POLLOUT, err))
			return false;
		count = send(wire->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (count < 0 && errno != EINTR && errno != EAGAIN)
			return error_set(err, "easymail-milter ended the session: %s",
					 strerror(errno));
		bytes += count > 0 ? count : 0;
		length -= count > 0 ? (size_t)count : 0;
	}
	return true;
}

static bool read_all(const struct milter_wire *wire, char *bytes, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t count;

		if (!wait_for(wire, POLLIN, err))
			return false;
		count = recv(wire->fd, bytes, length, MSG_DONTWAIT);
		if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
			return error_set(err,
					 "easymail-milter ended the session without a verdict");
		bytes += count > 0 ? count : 0;
		length -= count > 0 ? (size_t)count : 0;
	}
	return true;
}

bool milter_wire_send(struct milter_wire *wire, char command, const void *data, size_t length,
		      struct error *err)
{
	uint32_t size = htonl((uint32_t)length + 1);
	char head[5];

	memcpy(head, &size, 4);
	head[4] = command;
	return write_all(wire, head, sizeof(head), err) &&
	       (length == 0 || write_all(wire, data, length, err));
}

bool milter_wire_receive(struct milter_wire *wire, struct milter_packet *packet_r,
			 struct error *err)
{
	char head[5];
	uint32_t size;

	if (!read_all(wire, head, sizeof(head), err))
		return false;
	size = milter_number(head);
	if (size < 1 || size > MILTER_PACKET_MAX)
		return error_set(err, "easymail-milter sent a packet of %u octets", size);
	packet_r->command = head[4];
	packet_r->length = size - 1;
	packet_r->data = malloc(size);
	if (!packet_r->data)
		errx(1, "memory");
	packet_r->data[packet_r->length] = '\0';
	if (read_all(wire, packet_r->data, packet_r->length, err))
		return true;
	free(packet_r->data);
	return false;
}

void milter_data_add(struct milter_data *data, const void *bytes, size_t length)
{
	data->bytes = realloc(data->bytes, data->length + length + 1);
	if (!data->bytes)
		errx(1, "memory");
	memcpy(data->bytes + data->length, bytes, length);
	data->length += length;
}

void milter_data_add_text(struct milter_data *data, const char *text)
{
	milter_data_add(data, text, strlen(text) + 1);
}

void milter_data_add_number(struct milter_data *data, uint32_t number)
{
	uint32_t network = htonl(number);

	milter_data_add(data, &network, sizeof(network));
}

uint32_t milter_number(const char *bytes)
{
	uint32_t network;

	memcpy(&network, bytes, sizeof(network));
	return ntohl(network);
}

bool milter_data_send(struct milter_data *data, struct milter_wire *wire, char command,
		      struct error *err)
{
	bool done = milter_wire_send(wire, command, data->bytes, data->length, err);

	free(data->bytes);
	*data = (struct milter_data){0};
	return done;
}
