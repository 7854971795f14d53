/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets that are bound to the address and connect without blocking. */
#include "services/monitor/probe.h"
#include "common/clock.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct probe {
	const struct monitor_settings *settings;
	struct ip source;
	size_t at, tried; /* the target under way; how many were looked at */
	bool any;         /* one was of the address' family */
	int fd;           /* -1: none under way */
	int64_t until_ms;
};

struct probe *probe_start(const struct monitor_settings *settings, const struct ip *source,
			  size_t first)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (probe == NULL)
		abort();
	*probe = (struct probe){.settings = settings, .source = *source, .fd = -1};
	if (settings->target_count > 0)
		probe->at = first % settings->target_count;
	return probe;
}

void probe_free(struct probe *probe)
{
	if (probe == NULL)
		return;
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
}

static socklen_t make_sockaddr(const struct ip *ip, in_port_t port,
			       struct sockaddr_storage *address_r)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address_r;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address_r;

	memset(address_r, 0, sizeof(*address_r));
	if (ip_is_v4(ip)) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		memcpy(&v4->sin_addr, ip->bytes + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	memcpy(&v6->sin6_addr, ip->bytes, 16);
	return sizeof(*v6);
}

/* Begins a connection; false: it has failed at once. */
static bool begin(struct probe *probe, const struct monitor_target *target)
{
	struct sockaddr_storage from, to;
	socklen_t from_size = make_sockaddr(&probe->source, 0, &from);
	socklen_t to_size = make_sockaddr(&target->address, target->port, &to);

	probe->fd = socket(from.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	probe->until_ms = clock_ms() + probe->settings->probe_timeout_ms;
	if (probe->fd >= 0 && bind(probe->fd, (struct sockaddr *)&from, from_size) == 0 &&
	    (connect(probe->fd, (struct sockaddr *)&to, to_size) == 0 || errno == EINPROGRESS))
		return true;
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
	return false;
}

/* The state of the connection under way. */
static enum probe_result look(struct probe *probe)
{
	struct pollfd ready = {.fd = probe->fd, .events = POLLOUT};
	socklen_t size = sizeof(int);
	int fault = 0;

	if (poll(&ready, 1, 0) == 0)
		return clock_ms() < probe->until_ms ? PROBE_UNDER_WAY : PROBE_FAILED;
	if (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0)
		return PROBE_CONNECTED;
	return PROBE_FAILED;
}

/* Goes to the next target of the family; false: there is none left. */
static bool next(struct probe *probe)
{
	const struct monitor_settings *settings = probe->settings;

	while (probe->tried < settings->target_count) {
		const struct monitor_target *target;

		if (probe->tried > 0)
			probe->at = (probe->at + 1) % settings->target_count;
		target = &settings->targets[probe->at];
		probe->tried++;
		if (ip_is_v4(&target->address) != ip_is_v4(&probe->source))
			continue;
		probe->any = true;
		if (begin(probe, target))
			return true;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			probe->any = false;
			return false;
		}
	}
	return false;
}

enum probe_result probe_turn(struct probe *probe, size_t *target_r)
{
	for (;;) {
		enum probe_result result = PROBE_FAILED;

		if (probe->fd >= 0)
			result = look(probe);
		if (result == PROBE_UNDER_WAY)
			return result;
		*target_r = probe->at;
		if (probe->fd >= 0)
			close(probe->fd);
		probe->fd = -1;
		if (result == PROBE_CONNECTED)
			return result;
		if (!next(probe))
			return probe->any ? PROBE_FAILED : PROBE_NOTHING;
	}
}
