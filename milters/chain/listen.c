/* SPDX-License-Identifier: BSD-2-Clause */
/* Listening sockets by name. */
#include "milters/chain/listen.h"
#include "common/ip.h"
#include "common/unix_socket.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 128

/* What a name stands for. */
struct endpoint {
	const char *path; /* of a Unix socket; NULL: address and port */
	struct ip address;
	in_port_t port; /* network byte order */
};

static bool bad_name(const char *name, struct error *err)
{
	return error_set(err,
			 "milter.socket: '%s' is neither an absolute path nor unix:/PATH nor "
			 "inet:PORT@ADDRESS",
			 name);
}

static bool parse_inet(const char *name, const char *text, struct endpoint *endpoint_r,
		       struct error *err)
{
	char *end;
	unsigned long port;

	errno = 0;
	port = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || errno != 0 || *end != '@' || port == 0 ||
	    port > 65535)
		return bad_name(name, err);
	endpoint_r->port = htons((in_port_t)port);
	if (!ip_parse(end + 1, &endpoint_r->address, err))
		return error_prefix(err, "milter.socket: '%s': ", name);
	return true;
}

static bool parse_name(const char *name, struct endpoint *endpoint_r, struct error *err)
{
	*endpoint_r = (struct endpoint){.path = NULL};
	if (strncmp(name, "inet:", 5) == 0)
		return parse_inet(name, name + 5, endpoint_r, err);
	endpoint_r->path = strncmp(name, "unix:", 5) == 0 ? name + 5 : name;
	return endpoint_r->path[0] == '/' || bad_name(name, err);
}

bool listen_check(const char *name, struct error *err)
{
	struct endpoint endpoint;

	return parse_name(name, &endpoint, err);
}

/* Puts the endpoint into the form that bind(2) takes; the length of what it put there. */
static socklen_t fill_address(const struct endpoint *endpoint, struct sockaddr_storage *address_r)
{
	memset(address_r, 0, sizeof(*address_r));
	if (ip_is_v4(&endpoint->address)) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)address_r;

		v4->sin_family = AF_INET;
		v4->sin_port = endpoint->port;
		memcpy(&v4->sin_addr, endpoint->address.bytes + 12, 4);
		return sizeof(*v4);
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address_r;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = endpoint->port;
	memcpy(&v6->sin6_addr, endpoint->address.bytes, 16);
	return sizeof(*v6);
}

static bool listen_inet(const char *name, const struct endpoint *endpoint, int *fd_r,
			struct error *err)
{
	struct sockaddr_storage address;
	socklen_t length = fill_address(endpoint, &address);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&address, length) == 0 && listen(fd, BACKLOG) == 0) {
		*fd_r = fd;
		return true;
	}
	error_set(err, "milter.socket: cannot listen on '%s': %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return false;
}

bool listen_open(const char *name, mode_t mode, int *fd_r, struct error *err)
{
	struct endpoint endpoint;

	if (!parse_name(name, &endpoint, err))
		return false;
	if (endpoint.path != NULL)
		return unix_listen(endpoint.path, mode, fd_r, err);
	return listen_inet(name, &endpoint, fd_r, err);
}
