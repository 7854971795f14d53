/* SPDX-License-Identifier: BSD-2-Clause */
/* Weighted rendezvous hashing: each IP draws a number from key and address, the best drawing wins. */
#include "common/egress_select.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct egress_set *egress_set_new(size_t count)
{
	struct egress_set *set;

	if (count > (SIZE_MAX - sizeof(*set)) / sizeof(set->ips[0]))
		abort();
	set = calloc(1, sizeof(*set) + count * sizeof(set->ips[0]));
	if (set == NULL)
		abort();
	set->count = count;
	return set;
}

void egress_set_free(struct egress_set *set)
{
	free(set);
}

/* FNV-1a, 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* MurmurHash3's finalizer: FNV alone leaves the high bits of similar inputs alike. */
static uint64_t mix(uint64_t hash)
{
	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

/*
 * An exponentially distributed number with the weight as its rate: the least of several is that of one
 * IP with the probability weight / sum of weights. Infinite for weight 0.
 */
static double draw(const struct egress_ip *ip, uint64_t key_hash)
{
	uint64_t hash = mix(hash_bytes(key_hash, ip->address.bytes, sizeof(ip->address.bytes)));
	double uniform = ((double)(hash >> 11) + 0.5) * 0x1p-53;

	return -log(uniform) / ip->weight;
}

/* 0 is the best class; -1 takes no mail. */
static int preference(const struct egress_ip *ip)
{
	int family = ip_is_v4(&ip->address) ? 0 : 1;

	switch (ip->state) {
	case EGRESS_ACTIVE:
		return family;
	case EGRESS_DRAINING:
		return 2 + family;
	case EGRESS_DOWN:
		return -1;
	}
	return -1;
}

static uint64_t hash_key(const char *key)
{
	return mix(hash_bytes(UINT64_C(0xcbf29ce484222325), key, strlen(key)));
}

/* The IP of the least class, of these the one with the least draw. Class -1 takes no mail; without
 * `classes` they are the preferences. */
static const struct egress_ip *select_class(const struct egress_set *set, const char *key,
					    const int *classes)
{
	uint64_t key_hash = hash_key(key);
	const struct egress_ip *best = NULL;
	double best_draw = INFINITY;
	int best_class = 0;

	for (size_t i = 0; i < set->count; i++) {
		int class = classes != NULL ? classes[i] : preference(&set->ips[i]);
		double drawn = draw(&set->ips[i], key_hash);

		if (class < 0 || isinf(drawn) || (best != NULL && class > best_class))
			continue;
		if (best == NULL || class < best_class || drawn < best_draw) {
			best = &set->ips[i];
			best_class = class;
			best_draw = drawn;
		}
	}
	return best;
}

const struct egress_ip *egress_select(const struct egress_set *set, const char *key)
{
	return select_class(set, key, NULL);
}

const struct egress_ip *egress_select_ranked(const struct egress_set *set, const char *key,
					     const unsigned char *ranks)
{
	const struct egress_ip *best = egress_select(set, key);
	int *classes;

	if (best == NULL)
		return NULL;
	classes = calloc(set->count, sizeof(*classes));
	if (classes == NULL)
		abort();
	for (size_t i = 0; i < set->count; i++) {
		const struct egress_ip *ip = &set->ips[i];
		bool may = ip_is_v4(&ip->address) == ip_is_v4(&best->address);

		classes[i] = may && preference(ip) >= 0 ? 4 * ranks[i] + preference(ip) : -1;
	}
	best = select_class(set, key, classes);
	free(classes);
	return best;
}

void egress_transport_name(const struct ip *address, char name_r[EGRESS_TRANSPORT_SIZE])
{
	char text[IP_TEXT_SIZE];

	ip_format(address, text);
	for (char *colon = text; (colon = strchr(colon, ':')) != NULL;)
		*colon = '-';
	snprintf(name_r, EGRESS_TRANSPORT_SIZE, "easymail-%s", text);
}

void egress_group_transport_name(const char *group, char name_r[EGRESS_TRANSPORT_SIZE])
{
	int length = snprintf(name_r, EGRESS_TRANSPORT_SIZE, "easymail-group-%s", group);
	uint64_t hash;

	if (length < EGRESS_TRANSPORT_SIZE)
		return;
	hash = hash_key(group);
	snprintf(name_r + EGRESS_TRANSPORT_SIZE - 18, 18, "-%016llx", (unsigned long long)hash);
}

static const char *const state_names[] = {
    [EGRESS_ACTIVE] = "active",
    [EGRESS_DRAINING] = "draining",
    [EGRESS_DOWN] = "down",
};

const char *egress_state_name(enum egress_state state)
{
	return state_names[state];
}

bool egress_state_parse(const char *text, enum egress_state *state_r)
{
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (strcmp(text, state_names[i]) == 0) {
			*state_r = (enum egress_state)i;
			return true;
		}
	return false;
}
