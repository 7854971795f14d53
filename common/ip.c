/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and ranges in one 16-byte form, so that comparing is memcmp(3). */
#include "common/ip.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const unsigned char v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const struct ip v4_first = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}};

bool ip_parse(const char *text, struct ip *ip_r, struct error *err)
{
	struct ip ip = v4_first;

	if (inet_pton(AF_INET, text, ip.bytes + sizeof(v4_prefix)) != 1 &&
	    inet_pton(AF_INET6, text, ip.bytes) != 1)
		return error_set(err,
				 "\"%.100s\" is not an IP address; write it as 192.0.2.7 or "
				 "2001:db8::7",
				 text);
	*ip_r = ip;
	return true;
}

bool ip_from_sockaddr(const struct sockaddr *address, struct ip *ip_r)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		memcpy(ip_r->bytes, v4_prefix, sizeof(v4_prefix));
		memcpy(ip_r->bytes + sizeof(v4_prefix), &v4.sin_addr, sizeof(v4.sin_addr));
		return true;
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		memcpy(ip_r->bytes, &v6.sin6_addr, sizeof(ip_r->bytes));
		return true;
	}
	return false;
}

void ip_format(const struct ip *ip, char text_r[IP_TEXT_SIZE])
{
	if (ip_is_v4(ip))
		inet_ntop(AF_INET, ip->bytes + sizeof(v4_prefix), text_r, IP_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, ip->bytes, text_r, IP_TEXT_SIZE);
}

bool ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

int ip_compare(const struct ip *a, const struct ip *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* The bits of byte `at` that lie behind a prefix of `prefix` bits. */
static unsigned char host_bits(unsigned prefix, unsigned at)
{
	if (prefix >= (at + 1) * 8)
		return 0;
	if (prefix <= at * 8)
		return 0xff;
	return (unsigned char)(0xff >> (prefix - at * 8));
}

static struct ip_range block_of(const struct ip *ip, unsigned prefix)
{
	struct ip_range range;

	for (unsigned i = 0; i < sizeof(ip->bytes); i++) {
		range.lo.bytes[i] = (unsigned char)(ip->bytes[i] & ~host_bits(prefix, i));
		range.hi.bytes[i] = (unsigned char)(ip->bytes[i] | host_bits(prefix, i));
	}
	return range;
}

/* One to three digits, no leading zero. */
static bool parse_prefix(const char *text, unsigned most, unsigned *prefix_r)
{
	unsigned value = 0;
	size_t length = strlen(text);

	if (length < 1 || length > 3 || (length > 1 && text[0] == '0') ||
	    strspn(text, "0123456789") != length)
		return false;
	for (; *text != '\0'; text++)
		value = value * 10 + (unsigned)(*text - '0');
	*prefix_r = value;
	return value <= most;
}

/* Refuses a block that begins below its address, and one that takes in IPv4 and IPv6 alike. */
static bool check_block(const char *text, const struct ip *ip, const struct ip_range *block,
			struct error *err)
{
	char address[IP_TEXT_SIZE], range[IP_RANGE_TEXT_SIZE];

	ip_format(ip, address);
	ip_range_format(block, range);
	if (ip_compare(ip, &block->lo) != 0)
		return error_set(err,
				 "\"%s\" has bits set behind its prefix; write %s for the one "
				 "address or %s for the block",
				 text, address, range);
	if (!ip_is_v4(&block->lo) && ip_range_contains(block, &v4_first))
		return error_set(err,
				 "\"%s\" would take in every IPv4 address too (::ffff:0:0/96); "
				 "write 2000::/3 for all of public IPv6",
				 text);
	return true;
}

bool ip_range_parse(const char *text, struct ip_range *range_r, struct error *err)
{
	char address[IP_TEXT_SIZE + 1];
	const char *slash = strchr(text, '/');
	struct ip_range block;
	struct ip ip = v4_first;
	unsigned prefix, most;

	if (snprintf(address, sizeof(address), "%.*s", slash != NULL ? (int)(slash - text) : 100,
		     text) >= (int)sizeof(address))
		return error_set(err, "\"%.100s\" is too long for an IP address", text);
	if (!ip_parse(address, &ip, err))
		return false;
	most = strchr(address, ':') != NULL ? 128 : 32;
	prefix = most;
	if (slash != NULL && !parse_prefix(slash + 1, most, &prefix))
		return error_set(err,
				 "\"%.100s\": the prefix length behind the / must be a number "
				 "from 0 to %u",
				 text, most);
	block = block_of(&ip, prefix + (128 - most));
	if (!check_block(text, &ip, &block, err))
		return false;
	*range_r = block;
	return true;
}

/* Leading bits that both have in common. */
static unsigned common_bits(const struct ip *a, const struct ip *b)
{
	for (unsigned bit = 0; bit < 128; bit++)
		if (((a->bytes[bit / 8] ^ b->bytes[bit / 8]) & (0x80 >> bit % 8)) != 0)
			return bit;
	return 128;
}

void ip_range_format(const struct ip_range *range, char text_r[IP_RANGE_TEXT_SIZE])
{
	unsigned prefix = common_bits(&range->lo, &range->hi);
	char address[IP_TEXT_SIZE];

	ip_format(&range->lo, address);
	if (prefix == 128)
		snprintf(text_r, IP_RANGE_TEXT_SIZE, "%s", address);
	else
		snprintf(text_r, IP_RANGE_TEXT_SIZE, "%s/%u", address,
			 ip_is_v4(&range->lo) ? prefix - 96 : prefix);
}

bool ip_range_contains(const struct ip_range *range, const struct ip *ip)
{
	return ip_compare(&range->lo, ip) <= 0 && ip_compare(ip, &range->hi) <= 0;
}

bool ip_range_overlaps(const struct ip_range *a, const struct ip_range *b)
{
	return ip_compare(&a->lo, &b->hi) <= 0 && ip_compare(&b->lo, &a->hi) <= 0;
}

bool ip_next(const struct ip *ip, struct ip *next_r)
{
	struct ip next = *ip;

	for (size_t i = sizeof(next.bytes); i-- > 0;)
		if (++next.bytes[i] != 0) {
			*next_r = next;
			return true;
		}
	return false;
}

bool ip_previous(const struct ip *ip, struct ip *previous_r)
{
	struct ip previous = *ip;

	for (size_t i = sizeof(previous.bytes); i-- > 0;)
		if (previous.bytes[i]-- != 0) {
			*previous_r = previous;
			return true;
		}
	return false;
}
