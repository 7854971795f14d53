/* SPDX-License-Identifier: BSD-2-Clause */
/* Return paths: 18 octets that say what, 12 of HMAC, together 48 characters of base32. */
#include "common/return_path.h"
#include <string.h>
#include <strings.h>

#define PREFIX      "b-"
#define PREFIX_SIZE (sizeof(PREFIX) - 1)
#define TEXT_SIZE   48
#define BODY_BYTES  18
#define MAC_BYTES   12 /* of 32: 2^96 guesses at one address, each of which is a mail to us */
#define ALL_BYTES   (BODY_BYTES + MAC_BYTES)
_Static_assert(ALL_BYTES * 8 == TEXT_SIZE * 5, "base32 without padding");
_Static_assert(PREFIX_SIZE + TEXT_SIZE + 1 == RETURN_PATH_LOCAL_SIZE, "the local part's size");

#define ADDRESS_MAX 512 /* octets of a recipient that count; RFC 5321 allows 254 */

/* Of ASCII, whatever the locale. */
static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

uint16_t return_path_day(int64_t seconds)
{
	int64_t day = seconds / 86400;

	if (seconds < 0)
		return 0;
	return day > UINT16_MAX ? UINT16_MAX : (uint16_t)day;
}

bool return_path_number(uint64_t *message_r, struct error *err)
{
	return crypto_random(message_r, sizeof(*message_r), err);
}

static void put_number(unsigned char *at, uint64_t number, size_t octets)
{
	while (octets-- > 0) {
		at[octets] = (unsigned char)number;
		number >>= 8;
	}
}

static uint64_t get_number(const unsigned char *at, size_t octets)
{
	uint64_t number = 0;

	for (size_t i = 0; i < octets; i++)
		number = number << 8 | at[i];
	return number;
}

uint32_t return_path_recipient(const unsigned char key[CRYPTO_MAC_KEY_BYTES], const char *address)
{
	unsigned char mac[CRYPTO_HASH_BYTES];
	char lower[ADDRESS_MAX];
	size_t length = 0;
	uint32_t number;

	for (; length < sizeof(lower) && address[length] != '\0'; length++)
		lower[length] = to_lower(address[length]);
	crypto_mac(key, "easymail return path recipient", lower, length, mac);
	number = (uint32_t)get_number(mac, sizeof(number));
	return number != 0 ? number : 1;
}

static void make_mac(const unsigned char key[CRYPTO_MAC_KEY_BYTES],
		     const unsigned char body[BODY_BYTES], unsigned char mac_r[MAC_BYTES])
{
	unsigned char whole[CRYPTO_HASH_BYTES];

	crypto_mac(key, "easymail return path", body, BODY_BYTES, whole);
	memcpy(mac_r, whole, MAC_BYTES);
}

/* Five octets are eight characters. */
static void encode(const unsigned char octets[ALL_BYTES], char *text_r)
{
	for (size_t i = 0; i < ALL_BYTES; i += 5) {
		uint64_t group = get_number(octets + i, 5);

		for (int shift = 35; shift >= 0; shift -= 5)
			*text_r++ = alphabet[group >> shift & 31];
	}
	*text_r = '\0';
}

/* The text that follows the prefix; NULL: the local part has not the form of a return path. */
static const char *find_text(const char *local)
{
	const char *text = local + PREFIX_SIZE;

	if (strncasecmp(local, PREFIX, PREFIX_SIZE) != 0 || strlen(text) != TEXT_SIZE)
		return NULL;
	for (size_t i = 0; i < TEXT_SIZE; i++) {
		if (strchr(alphabet, to_lower(text[i])) == NULL)
			return NULL;
	}
	return text;
}

static void decode(const char *text, unsigned char octets_r[ALL_BYTES])
{
	for (size_t i = 0; i < ALL_BYTES; i += 5) {
		uint64_t group = 0;

		for (size_t c = 0; c < 8; c++) {
			const char *at = strchr(alphabet, to_lower(*text++));

			group = group << 5 | (uint64_t)(at - alphabet);
		}
		put_number(octets_r + i, group, 5);
	}
}

void return_path_write(const struct return_path *path,
		       const unsigned char key[CRYPTO_MAC_KEY_BYTES],
		       char local_r[RETURN_PATH_LOCAL_SIZE])
{
	unsigned char octets[ALL_BYTES];

	put_number(octets, path->tenant_id, 4);
	put_number(octets + 4, path->day, 2);
	put_number(octets + 6, path->message, 8);
	put_number(octets + 14, path->recipient, 4);
	make_mac(key, octets, octets + BODY_BYTES);
	memcpy(local_r, PREFIX, PREFIX_SIZE);
	encode(octets, local_r + PREFIX_SIZE);
}

enum return_path_answer return_path_read(const char *local,
					 const unsigned char key[CRYPTO_MAC_KEY_BYTES],
					 uint16_t today, unsigned max_days,
					 struct return_path *path_r)
{
	unsigned char octets[ALL_BYTES], mac[MAC_BYTES];
	const char *text = find_text(local);

	*path_r = (struct return_path){0};
	if (text == NULL)
		return RETURN_PATH_FORGED;
	decode(text, octets);
	make_mac(key, octets, mac);
	if (!crypto_equal(mac, octets + BODY_BYTES, MAC_BYTES))
		return RETURN_PATH_FORGED;
	path_r->tenant_id = (uint32_t)get_number(octets, 4);
	path_r->day = (uint16_t)get_number(octets + 4, 2);
	path_r->message = get_number(octets + 6, 8);
	path_r->recipient = (uint32_t)get_number(octets + 14, 4);
	return today > path_r->day && today - path_r->day > (int)max_days ? RETURN_PATH_EXPIRED
									  : RETURN_PATH_GENUINE;
}

bool return_path_looks_like_one(const char *local)
{
	return find_text(local) != NULL;
}

bool return_path_allows(const struct return_path *path,
			const unsigned char key[CRYPTO_MAC_KEY_BYTES], const char *address)
{
	return path->recipient == 0 || path->recipient == return_path_recipient(key, address);
}
