/* SPDX-License-Identifier: BSD-2-Clause */
/* Signatures as a verifier finds them: good, changed, without a key, too many, rubbish. */
#include "common/dkim_verify.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY "Hello\r\n"

/* The DNS of these tests: one record for s1._domainkey.tenant.example. */
struct zone {
	enum found answer;
	char record[600];
};

static enum found look_up(void *context, const char *name, char *record_r, size_t size)
{
	const struct zone *zone = context;

	if (zone->answer == FOUND_ONE && strcmp(name, "s1._domainkey.tenant.example") != 0)
		return FOUND_NONE;
	snprintf(record_r, size, "%s", zone->record);
	return zone->answer;
}

static struct zone zone;
static struct dkim_verifier *verifier;
static struct dkim_field fields[400];
static char *signature;
static struct crypto_key *keys[2]; /* by algorithm, made before the first test */

static void sign(enum crypto_algorithm algorithm, int64_t now, int64_t lifetime_s)
{
	unsigned char digest[CRYPTO_HASH_BYTES];
	struct canon_body *body = canon_body_new();
	struct dkim_request request = {
	    .domain = "tenant.example",
	    .selector = "s1",
	    .headers = fields + 1,
	    .header_count = 2,
	    .body_digest = digest,
	    .now = now,
	    .lifetime_s = lifetime_s,
	};
	struct error err;
	char *public;

	canon_body_add(body, BODY, strlen(BODY));
	canon_body_finish(body, digest);
	canon_body_free(body);
	public = crypto_key_public_base64(keys[algorithm]);
	snprintf(zone.record, sizeof(zone.record), "v=DKIM1; k=%s; p=%s",
		 algorithm == CRYPTO_RSA ? "rsa" : "ed25519", public);
	free(public);
	request.key = keys[algorithm];
	ck_assert(dkim_signature_make(&request, &signature, &err));
	fields[0] = (struct dkim_field){"DKIM-Signature", signature};
}

static void make_keys(void)
{
	struct error err;

	ck_assert(crypto_key_generate(CRYPTO_RSA, 2048, &keys[CRYPTO_RSA], &err));
	ck_assert(crypto_key_generate(CRYPTO_ED25519, 0, &keys[CRYPTO_ED25519], &err));
}

static void free_keys(void)
{
	crypto_key_free(keys[CRYPTO_RSA]);
	crypto_key_free(keys[CRYPTO_ED25519]);
}

static void set_up(void)
{
	struct error err;

	zone.answer = FOUND_ONE;
	fields[1] = (struct dkim_field){"From", " \"A\"\n <a@tenant.example>"};
	fields[2] = (struct dkim_field){"Subject", " folded\n\there"};
	ck_assert(dkim_verifier_new(look_up, &zone, &verifier, &err));
	sign(CRYPTO_RSA, 1700000000, 0);
}

static void tear_down(void)
{
	dkim_verifier_free(verifier);
	free(signature);
}

static struct dkim_verdicts run(size_t count, const char *body)
{
	struct dkim_message message = {fields, count, body, strlen(body)};
	struct dkim_verdicts verdicts;
	struct error err;

	ck_assert_msg(dkim_verifier_run(verifier, &message, &verdicts, &err), "%s", err.text);
	return verdicts;
}

static void expect(struct dkim_verdicts verdicts, enum dkim_result result, const char *reason)
{
	ck_assert_uint_eq(verdicts.count, 1);
	ck_assert_str_eq(verdicts.verdict[0].domain, "tenant.example");
	ck_assert_str_eq(verdicts.verdict[0].selector, "s1");
	ck_assert_msg(verdicts.verdict[0].result == result, "%s: %s",
		      dkim_result_name(verdicts.verdict[0].result), verdicts.verdict[0].reason);
	ck_assert_ptr_nonnull(strstr(verdicts.verdict[0].reason, reason));
}

START_TEST(passes_what_we_signed)
{
	expect(run(3, BODY), DKIM_RESULT_PASS, "");
	ck_assert_str_eq(run(3, BODY).verdict[0].algorithm, "rsa-sha256");
	ck_assert_uint_eq(run(3, BODY).verdict[0].key_bits, 2048);
	free(signature);
	sign(CRYPTO_ED25519, 1700000000, 0);
	expect(run(3, BODY), DKIM_RESULT_PASS, "");
	ck_assert_str_eq(run(3, BODY).verdict[0].algorithm, "ed25519-sha256");
}
END_TEST

START_TEST(says_what_was_changed)
{
	expect(run(3, "Hello!\r\n"), DKIM_RESULT_FAIL, "body");
	fields[2].value = " another";
	expect(run(3, BODY), DKIM_RESULT_FAIL, "header");
	fields[2].value = " folded here";
	fields[3] = (struct dkim_field){"From", " second@tenant.example"};
	expect(run(4, BODY), DKIM_RESULT_FAIL, "header");
}
END_TEST

START_TEST(tells_a_missing_key_from_a_failed_look_up)
{
	zone.answer = FOUND_NONE;
	expect(run(3, BODY), DKIM_RESULT_PERMERROR, "key");
	zone.answer = FOUND_ERROR;
	expect(run(3, BODY), DKIM_RESULT_TEMPERROR, "");
	zone.answer = FOUND_ONE;
	strcpy(zone.record, "v=DKIM1; p=");
	expect(run(3, BODY), DKIM_RESULT_PERMERROR, "revoked");
	strcpy(zone.record, "rubbish");
	expect(run(3, BODY), DKIM_RESULT_PERMERROR, "");
	memset(zone.record, 'A', sizeof(zone.record) - 1);
	expect(run(3, BODY), DKIM_RESULT_PERMERROR, "");
}
END_TEST

START_TEST(fails_an_expired_signature)
{
	free(signature);
	sign(CRYPTO_RSA, 1700000000, 10);
	expect(run(3, BODY), DKIM_RESULT_FAIL, "expired");
	ck_assert_str_eq(run(3, BODY).verdict[0].algorithm, "rsa-sha256");
}
END_TEST

START_TEST(looks_at_the_first_signatures_only)
{
	struct dkim_verdicts verdicts;

	for (size_t i = 3; i < 303; i++)
		fields[i] = fields[0];
	verdicts = run(303, BODY);
	ck_assert_uint_eq(verdicts.count, DKIM_VERIFY_MAX);
	ck_assert_uint_eq(verdicts.ignored, 301 - DKIM_VERIFY_MAX);
	ck_assert_int_eq(verdicts.verdict[0].result, DKIM_RESULT_PASS);
}
END_TEST

static const char *const rubbish[] = {
    "",
    " ",
    " v=1",
    " v=1; a=rsa-sha256; d=; s=; h=; b=; bh=",
    " v=2; a=rsa-sha256; d=tenant.example; s=s1; h=From; bh=AAAA; b=AAAA",
    " v=1; a=rsa-sha256; d=tenant.example; s=s1; h=Subject; bh=AAAA; b=AAAA",
    " v=1; a=none; d=tenant.example; s=s1; h=From; bh=AAAA; b=AAAA",
    " v=1; a=rsa-sha256; d=tenant.example; s=s1; h=From; bh=AAAA; b=AAAA; l=99999999999999999999",
    " v=1; v=1; ;;;=;=",
};

START_TEST(never_passes_rubbish)
{
	struct dkim_message message = {fields, 3, BODY, strlen(BODY)};
	struct dkim_verdicts verdicts;
	struct error err;

	fields[0].value = rubbish[_i];
	if (!dkim_verifier_run(verifier, &message, &verdicts, &err))
		return;
	for (size_t i = 0; i < verdicts.count; i++)
		ck_assert_int_ne(verdicts.verdict[i].result, DKIM_RESULT_PASS);
}
END_TEST

START_TEST(one_bad_signature_does_not_spoil_a_good_one)
{
	struct dkim_verdicts verdicts;

	fields[3] =
	    (struct dkim_field){"DKIM-Signature", " v=1; a=rsa-sha256; d=other.example; s=x;"
						  " h=From; bh=AAAA; b=AAAA"};
	verdicts = run(4, BODY);
	ck_assert_uint_eq(verdicts.count, 2);
	ck_assert_int_eq(verdicts.verdict[0].result, DKIM_RESULT_PASS);
	ck_assert_int_eq(verdicts.verdict[1].result, DKIM_RESULT_PERMERROR);
}
END_TEST

START_TEST(finds_no_signature_where_there_is_none)
{
	fields[0] = (struct dkim_field){"To", " b@y.example"};
	ck_assert_uint_eq(run(3, BODY).count, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dkim_verify");
	TCase *tests = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tests, make_keys, free_keys);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, passes_what_we_signed);
	tcase_add_test(tests, says_what_was_changed);
	tcase_add_test(tests, tells_a_missing_key_from_a_failed_look_up);
	tcase_add_test(tests, fails_an_expired_signature);
	tcase_add_test(tests, looks_at_the_first_signatures_only);
	tcase_add_loop_test(tests, never_passes_rubbish, 0, sizeof(rubbish) / sizeof(*rubbish));
	tcase_add_test(tests, one_bad_signature_does_not_spoil_a_good_one);
	tcase_add_test(tests, finds_no_signature_where_there_is_none);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
