/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonicalization against the examples of RFC 6376, and what a signature covers. */
#include "common/dkim_sign.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SHA-256 of a text, to compare with. */
static void digest_of(const char *text, unsigned char digest[CRYPTO_HASH_BYTES])
{
	struct crypto_hash *hash = crypto_hash_new();

	crypto_hash_add(hash, text, strlen(text));
	crypto_hash_finish(hash, digest);
	crypto_hash_free(hash);
}

static const struct {
	const char *body, *canonical;
} bodies[] = {
    {" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"}, /* RFC 6376 section 3.4.5 */
    {"", ""},
    {"\r\n\r\n", ""},
    {" \t \r\n\r\n", ""},
    {"no end", "no end\r\n"},
    {"blank end  ", "blank end\r\n"},
    {"a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n"},
    {"bare\nline\n", "bare\r\nline\r\n"},
    {"bare\rreturn\r\n", "bare\rreturn\r\n"},
    {"return at the end\r", "return at the end\r\r\n"},
    {"a \r b\r\n", "a \r b\r\n"},
    {"\r\r\n", "\r\r\n"},
};

START_TEST(canonicalizes_bodies_however_they_are_cut)
{
	unsigned char wanted[CRYPTO_HASH_BYTES], got[CRYPTO_HASH_BYTES];
	size_t length = strlen(bodies[_i].body);

	digest_of(bodies[_i].canonical, wanted);
	for (size_t cut = 0; cut <= length; cut++) {
		struct canon_body *body = canon_body_new();

		canon_body_add(body, bodies[_i].body, cut);
		canon_body_add(body, bodies[_i].body + cut, length - cut);
		canon_body_finish(body, got);
		canon_body_free(body);
		ck_assert_mem_eq(got, wanted, sizeof(got));
	}
}
END_TEST

START_TEST(canonicalizes_bodies_larger_than_the_buffer)
{
	const size_t words = 3000;
	char *plain = calloc(words, 8), *wide = calloc(words, 8);
	unsigned char wanted[CRYPTO_HASH_BYTES], got[CRYPTO_HASH_BYTES];
	struct canon_body *body = canon_body_new();

	for (size_t i = 0; i < words; i++) {
		strcpy(plain + i * 6, i % 8 == 7 ? "word\r\n" : "words ");
		strcpy(wide + i * 7, i % 8 == 7 ? "word \r\n" : "words \t");
	}
	strcpy(plain + words * 6 - 6, "word\r\n");
	strcpy(wide + words * 7 - 7, "word \r\n");
	digest_of(plain, wanted);
	canon_body_add(body, wide, strlen(wide));
	canon_body_finish(body, got);
	ck_assert_mem_eq(got, wanted, sizeof(got));
	canon_body_free(body);
	free(plain);
	free(wide);
}
END_TEST

static const struct {
	const char *name, *value, *canonical;
} headers[] = {
    {"A", " X", "a:X"}, /* RFC 6376 section 3.4.5 */
    {"B ", " Y\t\r\n\tZ  ", "b:Y Z"},
    {"Subject", " folded\n by LF", "subject:folded by LF"},
    {"Empty", "", "empty:"},
    {"Blank", " \r\n ", "blank:"},
    {"X", "no blank: first", "x:no blank: first"},
};

START_TEST(canonicalizes_headers)
{
	unsigned char wanted[CRYPTO_HASH_BYTES], got[CRYPTO_HASH_BYTES];
	struct crypto_hash *hash = crypto_hash_new();

	digest_of(headers[_i].canonical, wanted);
	canon_header_hash(hash, headers[_i].name, headers[_i].value);
	crypto_hash_finish(hash, got);
	crypto_hash_free(hash);
	ck_assert_mem_eq(got, wanted, sizeof(got));
}
END_TEST

static bool sign(const struct dkim_field *list, size_t count, char **value_r, struct error *err)
{
	static const unsigned char digest[CRYPTO_HASH_BYTES];
	struct dkim_request request = {
	    .domain = "tenant.example",
	    .selector = "s1",
	    .headers = list,
	    .header_count = count,
	    .body_digest = digest,
	    .now = 1700000000,
	    .lifetime_s = 60,
	};
	struct crypto_key *key;
	bool ok;

	ck_assert(crypto_key_generate(CRYPTO_ED25519, 0, &key, err));
	request.key = key;
	ok = dkim_signature_make(&request, value_r, err);
	crypto_key_free(key);
	return ok;
}

/* Takes the folds out, in place. */
static void unfold(char *value)
{
	char *to = value;

	for (; *value != '\0'; value++)
		if (*value != '\n' && *value != '\t')
			*to++ = *value;
	*to = '\0';
}

START_TEST(signs_every_instance_and_oversigns)
{
	static const struct dkim_field list[] = {{"From", " a@tenant.example"},
						 {"to", " x@y.example"},
						 {"TO", " z@y.example"},
						 {"X-Other", " not signed"},
						 {"List-Id", " <l.example>"}};
	struct error err;
	char *value;

	ck_assert_msg(sign(list, 5, &value, &err), "%s", err.text);
	unfold(value);
	ck_assert_ptr_nonnull(strstr(value, "h=From:From:To:To:To:List-Id;"));
	ck_assert_ptr_nonnull(strstr(value, "t=1700000000;"));
	ck_assert_ptr_nonnull(strstr(value, "x=1700000060;"));
	ck_assert_ptr_nonnull(strstr(value, "a=ed25519-sha256;"));
	free(value);
}
END_TEST

START_TEST(folds_before_the_line_is_too_long)
{
	struct dkim_field list[40];
	struct error err;
	char *value;

	for (size_t i = 0; i < 40; i++)
		list[i] = (struct dkim_field){"From", " a@tenant.example"};
	ck_assert(sign(list, 40, &value, &err));
	for (const char *line = value; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		ck_assert_uint_le(strcspn(line, "\n"), 78);
	}
	free(value);
}
END_TEST

START_TEST(refuses_a_message_without_from)
{
	static const struct dkim_field list[] = {{"Subject", " x"}};
	struct error err;
	char *value;

	ck_assert(!sign(list, 1, &value, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "From"));
}
END_TEST

START_TEST(keeps_a_key_through_its_der)
{
	static const enum crypto_algorithm algorithms[] = {CRYPTO_RSA, CRYPTO_ED25519};
	struct crypto_key *key, *copy;
	char *public, *copied;
	unsigned char *der;
	size_t length;
	struct error err;

	ck_assert(crypto_key_generate(algorithms[_i], 2048, &key, &err));
	der = crypto_key_private_der(key, &length);
	ck_assert_msg(crypto_key_parse(der, length, &copy, &err), "%s", err.text);
	public = crypto_key_public_base64(key);
	copied = crypto_key_public_base64(copy);
	ck_assert_str_eq(public, copied);
	ck_assert_int_eq(crypto_key_algorithm(copy), algorithms[_i]);
	free(der);
	free(public);
	free(copied);
	crypto_key_free(key);
	crypto_key_free(copy);
}
END_TEST

START_TEST(refuses_keys_that_nobody_would_trust)
{
	struct crypto_key *key;
	struct error err;

	ck_assert(!crypto_key_generate(CRYPTO_RSA, 1024, &key, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "2048"));
	ck_assert(!crypto_key_parse("rubbish", 7, &key, &err));
	ck_assert(!crypto_key_parse("", 0, &key, &err));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dkim_sign");
	TCase *tests = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, canonicalizes_bodies_however_they_are_cut, 0,
			    sizeof(bodies) / sizeof(*bodies));
	tcase_add_test(tests, canonicalizes_bodies_larger_than_the_buffer);
	tcase_add_loop_test(tests, canonicalizes_headers, 0, sizeof(headers) / sizeof(*headers));
	tcase_add_test(tests, signs_every_instance_and_oversigns);
	tcase_add_test(tests, folds_before_the_line_is_too_long);
	tcase_add_test(tests, refuses_a_message_without_from);
	tcase_add_loop_test(tests, keeps_a_key_through_its_der, 0, 2);
	tcase_add_test(tests, refuses_keys_that_nobody_would_trust);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
