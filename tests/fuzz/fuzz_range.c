/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes addresses and ranges: a range taken is one CIDR block, and its spelling gives it again. */
#include "common/ip.h"
#include "tests/fuzz/fuzz.h"

static void check_ip(const char *text)
{
	char formatted[IP_TEXT_SIZE];
	struct ip ip, again;
	struct error err;

	if (!ip_parse(text, &ip, &err))
		return;
	ip_format(&ip, formatted);
	MUST(ip_parse(formatted, &again, &err));
	MUST(ip_compare(&ip, &again) == 0);
}

/* Once a bit differs between the ends, all behind it are 0 in lo and 1 in hi. */
static void check_is_block(const struct ip_range *range)
{
	bool behind = false;

	for (unsigned bit = 0; bit < 128; bit++) {
		bool lo = (range->lo.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
		bool hi = (range->hi.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;

		behind |= lo != hi;
		MUST(!behind || (!lo && hi));
	}
}

static void check_range(const char *text)
{
	char formatted[IP_RANGE_TEXT_SIZE];
	struct ip_range range, again;
	struct error err;

	if (!ip_range_parse(text, &range, &err))
		return;
	check_is_block(&range);
	MUST(ip_is_v4(&range.lo) == ip_is_v4(&range.hi));
	MUST(ip_range_contains(&range, &range.lo) && ip_range_contains(&range, &range.hi));
	ip_range_format(&range, formatted);
	MUST(ip_range_parse(formatted, &again, &err));
	MUST(memcmp(&range, &again, sizeof(range)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_ip(text);
	check_range(text);
	free(text);
	return 0;
}
