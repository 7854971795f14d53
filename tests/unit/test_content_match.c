/* SPDX-License-Identifier: BSD-2-Clause */
/* What rules see in a message: every what, every kind of pattern. */
#include "common/content_decide.h"
#include "common/content_defaults.h"
#include "tests/unit/unit.h"
#include <string.h>
#include <time.h>

/* The message that all rows are about: a text, an HTML part, an archive with two members, and a picture that is
 * a program. */
static const char *const zip_names[] = {"tools.zip"};
static const char *const picture_names[] = {"Bild \xc3\xbc.PNG", "second.png"};

static const struct facts_part parts[] = {
    {.number = 1, .kind = FACTS_MULTIPART, .type = "multipart/mixed", .detected = "", .text = ""},
    {.number = 2,
     .parent = 1,
     .kind = FACTS_LEAF,
     .type = "text/plain",
     .detected = "text/plain",
     .text = "Gr\xc3\xbc\xc3\x9f"
	     "e, the secret\n   project begins. 4111 1111 1111 1111 and again "
	     "4111-1111-1111-1111, DE89 3704 0044 0532 0130 00.",
     .text_length = 0},
    {.number = 3,
     .parent = 1,
     .kind = FACTS_LEAF,
     .attachment = true,
     .type = "application/zip",
     .detected = "application/zip",
     .size = 5000,
     .text = "",
     .names = zip_names,
     .name_count = 1},
    {.number = 4,
     .parent = 1,
     .kind = FACTS_LEAF,
     .attachment = true,
     .type = "image/png",
     .detected = "application/x-dosexec",
     .size = 70000,
     .text = "",
     .names = picture_names,
     .name_count = 2},
};
static const struct facts_member members[] = {
    {.number = 1, .part = 3, .name = "bin/Setup.EXE. ", .detected = "", .sized = true, .size = 9},
    {.number = 2, .part = 3, .name = "doc/read me.txt", .detected = "text/plain"},
};
static const struct facts_header headers[] = {
    {"Subject", "Invoice 17 \xe2\x80\x93 reminder"},
    {"X-Mailer", "Bulk Mailer 2"},
};
static const struct facts_url urls[] = {{2, "http://www.evil.example/a?b", "www.evil.example"}};
static const char *const recipients[] = {"a@dest.example", "b@other.example"};

static struct facts_part own_parts[COUNT(parts)];
static struct message_facts facts;
static struct content_input input;

static void make_message(void)
{
	memcpy(own_parts, parts, sizeof(parts));
	own_parts[1].text_length = strlen(own_parts[1].text);
	facts = (struct message_facts){
	    own_parts,      headers,        members,     urls,          COUNT(parts),
	    COUNT(headers), COUNT(members), COUNT(urls), MALFORMED_NUL,
	};
	input = (struct content_input){&facts, "Boss@alpha.example", recipients, 2, 12345};
}

static const struct {
	const char *condition;
	bool hit;
	const char *where; /* "" when it does not matter */
} rows[] = {
    {"any", true, "the message"},
    {"not any", false, ""},
    {"subject has \"invoice 17\"", true, "subject"},
    {"subject is \"invoice 17\"", false, ""},
    {"subject like \"invoice * reminder\"", true, ""},
    {"subject like \"*remind?r\"", true, ""},
    {"subject like \"[a-h]nvoice*\"", false, ""},
    {"subject like \"[!a-h]nvoice*\"", true, ""},
    {"subject matches /Invoice \\d+/", true, ""},
    {"subject matches /invoice \\d+/", false, ""},
    {"subject matches /invoice \\d+/i", true, ""},
    {"subject matches /in voice \\s \\d+/ix", true, ""},
    {"subject matches /(\\d)(?!\\1)\\d/", true, ""}, /* needs PCRE2: a look-ahead, a reference */
    {"subject matches /(\\d)\\1/", false, ""},
    {"subject has nothing, remind", true, ""},
    {"header x-mailer has bulk", true, "header x-mailer"},
    {"header X-Other has bulk", false, ""},
    {"not header X-Other has bulk", true, ""},
    {"body has \"SECRET PROJECT\"", true, "body (part 2)"},
    {"body has \"gr\xc3\x9c\xc3\x9f"
     "e\"",
     true, ""},
    {"body has secretproject", false, ""},
    {"body matches /^begins/m", false, ""},
    {"body matches /^   project/m", true, ""},
    {"sender is boss@ALPHA.example", true, ""},
    {"sender like *@alpha.example", true, ""},
    {"recipient like *@other.example", true, ""},
    {"recipient like *@third.example", false, ""},
    {"url.host is www.evil.example", true, "url.host (part 2)"},
    {"url has \"/a?b\"", true, ""},
    {"attachment.name like *.zip", true, "attachment tools.zip (part 3)"},
    {"attachment.name is second.png", true, ""},
    {"attachment.name is \"bild \xc3\x9c.png\"", true, ""},
    {"attachment.name like *.exe", false, ""},
    {"attachment.extension is png", true, ""},
    {"attachment.type is application/x-dosexec", true, ""},
    {"attachment.type like text/*", false, ""},
    {"attachment.size > 60k", true, "attachment Bild \xc3\xbc.PNG (part 4)"},
    {"attachment.size > 70k", false, ""},
    {"member.extension is exe", true, "bin/Setup.EXE.  in tools.zip (part 3)"},
    {"member.extension is zip", false, ""},
    {"member.name is \"read me.txt\"", true, ""},
    {"member.name like bin/*", true, ""},
    {"member.type is text/plain", true, ""},
    {"member.size < 10", true, ""},
    {"file.extension is exe", true, ""},
    {"file.extension is zip", true, ""},
    {"file.type is application/x-dosexec", true, ""},
    /* All terms on files are about one file … */
    {"attachment.extension is png and attachment.type is application/x-dosexec", true, ""},
    {"attachment.extension is zip and attachment.type is application/x-dosexec", false, ""},
    {"attachment.extension is png and not attachment.type like image/*", true, ""},
    {"attachment.extension is zip and not attachment.type is application/zip", false, ""},
    {"not file.extension is png, zip, exe, txt", false, ""},
    {"not attachment.extension is zip", true, "attachment Bild \xc3\xbc.PNG (part 4)"},
    /* … or of an attachment and its members. */
    {"attachment.name is tools.zip and member.extension is exe", true, ""},
    {"attachment.name is second.png and member.extension is exe", false, ""},
    {"size > 12k", true, "size"},
    {"size > 13k", false, ""},
    {"size < 13k and subject has invoice", true, ""},
    {"size < 13k and subject has bill", false, ""},
    {"parts > 3", true, ""},
    {"parts > 4", false, ""},
    {"recipients > 1", true, ""},
    {"recipients > 2", false, ""},
    {"card", true, "card"},
    {"card > 1", false, ""},
    {"iban", true, "iban"},
    {"iban > 1", false, ""},
    {"malformed", true, "malformed"},
    {"malformed is nul", true, ""},
    {"malformed is boundary", false, ""},
    {"malformed is boundary, nul", true, ""},
};

START_TEST(finds_what_is_there)
{
	make_message();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct content_rule_text text = {1, rows[i].condition, "discard"};
		struct content_rules *rules = content_rules_new(&text, 1);
		struct content_hits hits;
		struct error err = {""};

		ck_assert_msg(content_match(rules, &input, &hits, &err), "%s: %s", text.condition,
			      err.text);
		ck_assert_msg((hits.count == 1) == rows[i].hit, "%s", text.condition);
		if (rows[i].hit && rows[i].where[0] != '\0')
			ck_assert_str_eq(hits.items[0].where, rows[i].where);
		content_hits_free(&hits);
		content_rules_release(rules);
	}
}
END_TEST

/* The very same rules in one set: patterns do not get into one another's way. */
START_TEST(finds_all_of_them_at_once)
{
	struct content_rule_text texts[COUNT(rows)];
	struct content_rules *rules;
	struct content_hits hits;
	struct error err = {""};
	size_t at = 0;

	make_message();
	for (size_t i = 0; i < COUNT(rows); i++)
		texts[i] = (struct content_rule_text){(int64_t)i + 1, rows[i].condition, "discard"};
	rules = content_rules_new(texts, COUNT(rows));
	ck_assert_msg(content_match(rules, &input, &hits, &err), "%s", err.text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool hit = at < hits.count && hits.items[at].rule->number == (int64_t)i + 1;

		ck_assert_msg(hit == rows[i].hit, "%s", rows[i].condition);
		at += hit;
	}
	content_hits_free(&hits);
	content_rules_release(rules);
}
END_TEST

START_TEST(names_all_parts_that_meet_a_rule)
{
	struct content_rule_text text = {1, "file.extension is exe, png", "remove-attachment"};
	struct content_rules *rules = content_rules_new(&text, 1);
	struct content_hits hits;
	struct error err;

	make_message();
	ck_assert(content_match(rules, &input, &hits, &err));
	ck_assert_uint_eq(hits.items[0].part_count, 2);
	ck_assert_uint_eq(hits.items[0].parts[0], 4);
	ck_assert_uint_eq(hits.items[0].parts[1], 3);
	content_hits_free(&hits);
	content_rules_release(rules);
}
END_TEST

START_TEST(a_runaway_expression_is_stopped_and_named)
{
	static char text[40001];
	struct content_rule_text rule = {42, "body matches /^(a|aa|\\w)*\\1$/", "discard"};
	struct content_rules *rules = content_rules_new(&rule, 1);
	struct content_hits hits;
	struct error err = {""};

	make_message();
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 2] = '!';
	own_parts[1].text = text;
	own_parts[1].text_length = sizeof(text) - 1;
	ck_assert(!content_match(rules, &input, &hits, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "rule 42: condition: column 14: the expression"));
	content_hits_free(&hits);
	content_rules_release(rules);
}
END_TEST

/* Compiled by Hyperscan they would take a minute. */
START_TEST(expressions_that_grow_do_not_stop_the_relay)
{
	struct content_rule_text texts[] = {
	    {1, "body matches /\\p{L}{3,900}\\p{N}/", "discard"},
	    {2, "body matches /(?:\\p{L}{1,30}\\s){30}/", "discard"},
	    {3, "body matches /[^a]{0,3000}b.{0,3000}c/s", "discard"},
	    {4, "body matches /project.{1,900}again/s", "discard"},
	};
	clock_t before = clock();
	struct content_rules *rules = content_rules_new(texts, COUNT(texts));
	struct content_hits hits;
	struct error err = {""};

	make_message();
	ck_assert_msg(content_match(rules, &input, &hits, &err), "%s", err.text);
	ck_assert_uint_eq(hits.count, 1);
	ck_assert_int_eq(hits.items[0].rule->number, 4);
	ck_assert_int_lt((clock() - before) / CLOCKS_PER_SEC, 5);
	content_hits_free(&hits);
	content_rules_release(rules);
}
END_TEST

static const struct {
	const char *name, *extension;
} extensions[] = {
    {"a.exe", "exe"},
    {"a.b.EXE", "EXE"},
    {"exe", ""},
    {"a.", ""},
    {"a.exe. . ", "exe"},
    {".exe", "exe"},
    {"a.b/c", ""},
    {"a.b\\c.d", "d"},
    {"a.e\xe2\x80\x8bxe", "exe"},
    {"a.exe\xe2\x80\xac", "exe"},
    {"", ""},
    {"...", ""},
    {"a.exe\xe2\x80\x8f .", "exe"},
};

START_TEST(takes_the_extension_as_windows_does)
{
	for (size_t i = 0; i < COUNT(extensions); i++) {
		char extension[64] = "";
		bool has = content_extension(extensions[i].name, extension, sizeof(extension));

		ck_assert_msg(has == (extensions[i].extension[0] != '\0'), "%s",
			      extensions[i].name);
		if (has)
			ck_assert_str_eq(extension, extensions[i].extension);
	}
}
END_TEST

static const struct {
	const char *text;
	size_t cards, ibans;
} numbers[] = {
    {"4111111111111111", 1, 0},
    {"4111 1111 1111 1112", 0, 0},
    {"3782 822463 10005", 1, 0},
    {"x4111111111111111", 0, 0},
    {"14111111111111111", 0, 0},
    {"tel 12 4111 1111 1111 1111 x", 1, 0},
    {"41 11111111111111", 0, 0},
    {"5500-0000-0000-0004, 6011000000000004; 30569309025904", 3, 0},
    {"1234567812345670", 0, 0}, /* Luhn, but nobody's */
    {"0000 0000 0000 0000", 0, 0},
    {"DE89370400440532013000", 0, 1},
    {"de89 3704 0044 0532 0130 00.", 0, 1},
    {"DE88370400440532013000", 0, 0},
    {"GB82 WEST 1234 5698 7654 32", 0, 1},
    {"NO9386011117947", 0, 1},
    {"XX89370400440532013000", 0, 0},
    {"ADE89370400440532013000", 0, 0},
    {"DE893704004405320130001", 0, 0},
    {"DE89  3704 0044 0532 0130 00", 0, 0},
    {"DE89", 0, 0},
    {"", 0, 0},
};

START_TEST(numbers_prove_themselves)
{
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct content_numbers cards = {0}, ibans = {0};
		size_t length = strlen(numbers[i].text);

		content_numbers_cards(&cards, numbers[i].text, length);
		content_numbers_ibans(&ibans, numbers[i].text, length);
		ck_assert_msg(cards.count == numbers[i].cards, "%s", numbers[i].text);
		ck_assert_msg(ibans.count == numbers[i].ibans, "%s", numbers[i].text);
	}
}
END_TEST

UNIT_MAIN("content_match", finds_what_is_there, finds_all_of_them_at_once,
	  names_all_parts_that_meet_a_rule, a_runaway_expression_is_stopped_and_named,
	  expressions_that_grow_do_not_stop_the_relay, takes_the_extension_as_windows_does,
	  numbers_prove_themselves)
