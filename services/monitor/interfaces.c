/* SPDX-License-Identifier: BSD-2-Clause */
/* A sorted copy of what getifaddrs(3) says. */
#include "services/monitor/interfaces.h"
#include "common/clock.h"
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>

#define AGE_MS 1000

struct interfaces {
	int64_t taken_ms;
	bool known;
	bool has_loopback;
	size_t count;
	struct ip *ips;
};

struct interfaces *interfaces_new(void)
{
	struct interfaces *interfaces = calloc(1, sizeof(*interfaces));

	if (interfaces == NULL)
		abort();
	return interfaces;
}

void interfaces_free(struct interfaces *interfaces)
{
	if (interfaces == NULL)
		return;
	free(interfaces->ips);
	free(interfaces);
}

static int compare(const void *a, const void *b)
{
	return ip_compare(a, b);
}

static bool is_loopback_v4(const struct ip *ip)
{
	return ip_is_v4(ip) && ip->bytes[12] == 127;
}

static void take_all(struct interfaces *interfaces, const struct ifaddrs *all)
{
	size_t size = 0;

	interfaces->count = 0;
	interfaces->has_loopback = false;
	for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
		size++;
	free(interfaces->ips);
	interfaces->ips = calloc(size + 1, sizeof(*interfaces->ips));
	if (interfaces->ips == NULL)
		abort();
	for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
		struct ip *ip = &interfaces->ips[interfaces->count];

		if (one->ifa_addr == NULL || !ip_from_sockaddr(one->ifa_addr, ip))
			continue;
		interfaces->has_loopback |= is_loopback_v4(ip);
		interfaces->count++;
	}
	qsort(interfaces->ips, interfaces->count, sizeof(*interfaces->ips), compare);
}

static void refresh(struct interfaces *interfaces)
{
	struct ifaddrs *all;

	if (interfaces->taken_ms != 0 && clock_ms() - interfaces->taken_ms < AGE_MS)
		return;
	interfaces->taken_ms = clock_ms();
	interfaces->known = getifaddrs(&all) == 0;
	if (!interfaces->known)
		return;
	take_all(interfaces, all);
	freeifaddrs(all);
}

enum found interfaces_have(struct interfaces *interfaces, const struct ip *ip)
{
	refresh(interfaces);
	if (!interfaces->known)
		return FOUND_ERROR;
	if (is_loopback_v4(ip))
		return interfaces->has_loopback ? FOUND_ONE : FOUND_NONE;
	return bsearch(ip, interfaces->ips, interfaces->count, sizeof(*ip), compare) != NULL
		   ? FOUND_ONE
		   : FOUND_NONE;
}
