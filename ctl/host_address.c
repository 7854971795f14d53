/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether this host has an address. */
#include "ctl/host_address.h"
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static socklen_t make_sockaddr(const struct ip *ip, struct sockaddr_storage *address_r)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)address_r;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address_r;

	memset(address_r, 0, sizeof(*address_r));
	if (ip_is_v4(ip)) {
		v4->sin_family = AF_INET;
		memcpy(&v4->sin_addr, ip->bytes + 12, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	memcpy(&v6->sin6_addr, ip->bytes, 16);
	return sizeof(*v6);
}

static bool is_loopback_v4(const struct ip *ip)
{
	return ip_is_v4(ip) && ip->bytes[12] == 127;
}

/* Does an interface carry it? With the sysctl ip_nonlocal_bind a bind proves nothing. */
static enum found on_an_interface(const struct ip *ip, struct error *err)
{
	enum found found = FOUND_NONE;
	struct ifaddrs *all;
	struct ip have;

	if (getifaddrs(&all) != 0) {
		error_set(err, "the addresses of this host cannot be listed: %s", strerror(errno));
		return FOUND_ERROR;
	}
	for (struct ifaddrs *one = all; one; one = one->ifa_next) {
		if (one->ifa_addr && ip_from_sockaddr(one->ifa_addr, &have) &&
		    ip_compare(&have, ip) == 0)
			found = FOUND_ONE;
	}
	freeifaddrs(all);
	return found;
}

enum found host_has_address(const struct ip *ip, struct error *err)
{
	struct sockaddr_storage address;
	socklen_t size = make_sockaddr(ip, &address);
	int rc, fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 && errno == EAFNOSUPPORT)
		return FOUND_NONE;
	if (fd < 0) {
		error_set(err, "no socket: %s", strerror(errno));
		return FOUND_ERROR;
	}
	rc = bind(fd, (struct sockaddr *)&address, size);
	close(fd);
	if (rc != 0)
		return FOUND_NONE;
	/* The whole of 127.0.0.0/8 is local where one address of it is configured. */
	return is_loopback_v4(ip) ? FOUND_ONE : on_an_interface(ip, err);
}
