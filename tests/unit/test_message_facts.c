/* SPDX-License-Identifier: BSD-2-Clause */
/* What is built is read back; what a taken-over worker could make of it is refused. */
#include "common/facts_builder.h"
#include "common/facts_wire.h"
#include "common/scan_protocol.h"
#include "tests/unit/unit.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_LENGTH 1000

/* A multipart with a text and a zip, as octets for free(). */
struct octets {
	char *data;
	size_t length;
};

static const struct facts_part whole = {.kind = FACTS_MULTIPART,
					.declared = true,
					.type = "multipart/mixed",
					.located = true,
					.header_length = 100,
					.body_at = 100,
					.body_length = 900};
static const struct facts_part text = {.parent = 1,
				       .kind = FACTS_LEAF,
				       .type = "text/plain",
				       .charset = "utf-8",
				       .located = true,
				       .header_at = 110,
				       .header_length = 10,
				       .body_at = 120,
				       .body_length = 200};
static const struct facts_part zip = {.parent = 1,
				      .kind = FACTS_LEAF,
				      .declared = true,
				      .type = "application/zip",
				      .encoding = "base64",
				      .disposition = "attachment",
				      .located = true,
				      .header_at = 330,
				      .header_length = 30,
				      .body_at = 360,
				      .body_length = 500};

static struct octets octets_of(struct facts_builder *builder)
{
	struct octets octets = {.data = NULL};
	struct spool *spool;
	struct error err;

	ck_assert(spool_new(FACTS_WIRE_BYTES, &spool, &err));
	ck_assert_msg(facts_builder_write(builder, spool, &err), "%s", err.text);
	octets.length = spool_length(spool);
	octets.data = malloc(octets.length);
	ck_assert_ptr_nonnull(octets.data);
	ck_assert_int_eq(pread(spool_fd(spool), octets.data, octets.length, 0),
			 (ssize_t)octets.length);
	spool_free(spool);
	facts_builder_free(builder);
	return octets;
}

static void add_zip(struct facts_builder *builder)
{
	struct facts_part content = {.size = 375,
				     .attachment = true,
				     .detected = "application/zip",
				     .hash = {1, 2, 3},
				     .malformed = MALFORMED_BASE64};
	struct facts_member member = {.name = "a.zip", .size = 77, .sized = true};

	ck_assert_uint_eq(facts_builder_part(builder, &zip), 3);
	facts_builder_name(builder, "x.zip", 5);
	facts_builder_name(builder, "y\xff.zip", 6);
	facts_builder_name(builder, "x.zip", 5);
	facts_builder_content(builder, &content);
	member.parent = facts_builder_member(builder, &member);
	member.name = "b.exe";
	member.encrypted = true;
	ck_assert_uint_eq(facts_builder_member(builder, &member), 2);
	facts_builder_member_detected(builder, 1, "application/zip", MALFORMED_ARCHIVE);
}

static struct octets build(void)
{
	struct facts_builder *builder = facts_builder_new(MESSAGE_LENGTH);
	struct facts_part content = {.size = 7, .text = "see\0it", .text_length = 6};

	ck_assert_ptr_nonnull(builder);
	ck_assert_uint_eq(facts_builder_part(builder, &whole), 1);
	facts_builder_header(builder, "Subject", "h\xc3\xa9");
	ck_assert_uint_eq(facts_builder_part(builder, &text), 2);
	facts_builder_content(builder, &content);
	facts_builder_url(builder, "http://x.test/a", "x.test");
	facts_builder_url(builder, "http://x.test/a", "x.test");
	add_zip(builder);
	facts_builder_malformed(builder, 1, MALFORMED_UNCLOSED);
	facts_builder_malformed(builder, 0, MALFORMED_TOO_DEEP);
	return octets_of(builder);
}

static struct message_facts *parse(const struct octets *octets)
{
	struct message_facts *facts;
	struct error err;

	ck_assert_msg(
	    message_facts_parse(octets->data, octets->length, MESSAGE_LENGTH, &facts, &err), "%s",
	    err.text);
	return facts;
}

START_TEST(reads_back_parts_as_they_were_built)
{
	struct octets octets = build();
	struct message_facts *facts = parse(&octets);
	const struct facts_part *parts = facts->parts;

	ck_assert_uint_eq(facts->part_count, 3);
	ck_assert_uint_eq(parts[0].kind, FACTS_MULTIPART);
	ck_assert_uint_eq(parts[0].malformed, MALFORMED_UNCLOSED);
	ck_assert_str_eq(parts[1].text, "see\xef\xbf\xbdit");
	ck_assert_uint_eq(parts[1].text_length, 8);
	ck_assert(!parts[1].declared && !parts[1].attachment);
	ck_assert_uint_eq(parts[2].number, 3);
	ck_assert_uint_eq(parts[2].parent, 1);
	ck_assert_uint_eq(parts[2].depth, 1);
	ck_assert_uint_eq(parts[2].body_at, 360);
	ck_assert_uint_eq(parts[2].size, 375);
	ck_assert_uint_eq(parts[2].hash[2], 3);
	ck_assert(parts[2].declared && parts[2].attachment && parts[2].located);
	ck_assert_str_eq(parts[2].detected, "application/zip");
	ck_assert_str_eq(parts[2].disposition, "attachment");
	ck_assert_uint_eq(parts[2].name_count, 2);
	ck_assert_str_eq(parts[2].names[0], "x.zip");
	ck_assert_str_eq(parts[2].names[1], "y\xef\xbf\xbd.zip");
	message_facts_free(facts);
	free(octets.data);
}
END_TEST

START_TEST(reads_back_headers_members_urls_and_what_is_wrong)
{
	struct octets octets = build();
	struct message_facts *facts = parse(&octets);

	ck_assert_uint_eq(facts->header_count, 1);
	ck_assert_str_eq(facts->headers[0].value, "h\xc3\xa9");
	ck_assert_uint_eq(facts->member_count, 2);
	ck_assert_uint_eq(facts->members[1].part, 3);
	ck_assert_uint_eq(facts->members[1].parent, 1);
	ck_assert_uint_eq(facts->members[1].depth, 2);
	ck_assert_str_eq(facts->members[1].name, "b.exe");
	ck_assert(facts->members[1].encrypted && facts->members[1].sized);
	ck_assert_str_eq(facts->members[0].detected, "application/zip");
	ck_assert_uint_eq(facts->url_count, 1);
	ck_assert_str_eq(facts->urls[0].host, "x.test");
	ck_assert_uint_eq(facts->malformed, MALFORMED_UNCLOSED | MALFORMED_TOO_DEEP |
						MALFORMED_BASE64 | MALFORMED_ARCHIVE);
	message_facts_free(facts);
	free(octets.data);
}
END_TEST

START_TEST(takes_only_a_sealed_memfd)
{
	struct octets octets = build();
	struct message_facts *facts;
	struct spool *spool;
	struct error err;
	int pipes[2];

	ck_assert(spool_new(octets.length, &spool, &err) &&
		  spool_append(spool, octets.data, octets.length, &err));
	ck_assert(!message_facts_open(spool_fd(spool), MESSAGE_LENGTH, &facts, &err));
	ck_assert(spool_seal(spool, &err));
	ck_assert_msg(message_facts_open(spool_fd(spool), MESSAGE_LENGTH, &facts, &err), "%s",
		      err.text);
	spool_free(spool);
	ck_assert_str_eq(facts->parts[0].type, "multipart/mixed");
	message_facts_free(facts);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert(!message_facts_open(pipes[0], MESSAGE_LENGTH, &facts, &err));
	free(octets.data);
}
END_TEST

/* Makes a lie of honest octets. */
typedef void (*lie)(char *data, size_t *length);

static struct facts_wire_head *head_of(char *data)
{
	return (struct facts_wire_head *)(void *)data;
}

static struct facts_wire_part *parts_of(char *data)
{
	return (struct facts_wire_part *)(void *)(data + sizeof(struct facts_wire_head));
}

static struct facts_wire_name *names_of(char *data)
{
	return (struct facts_wire_name *)(void *)(parts_of(data) + head_of(data)->parts);
}

static struct facts_wire_member *members_of(char *data)
{
	return (
	    struct facts_wire_member *)(void *)((char *)(names_of(data) + head_of(data)->names) +
						head_of(data)->headers *
						    sizeof(struct facts_wire_header));
}

static struct facts_wire_url *urls_of(char *data)
{
	return (struct facts_wire_url *)(void *)(members_of(data) + head_of(data)->members);
}

#define LIE(name, statement)                         \
	static void name(char *data, size_t *length) \
	{                                            \
		(void)data;                          \
		(void)length;                        \
		statement;                           \
	}
LIE(cut, --*length)
LIE(empty, *length = 0)
LIE(other_version, head_of(data)->version--)
LIE(other_message, head_of(data)->message_length++)
LIE(more_parts, head_of(data)->parts++)
LIE(huge_count, head_of(data)->members = UINT32_MAX)
LIE(no_parts, head_of(data)->parts = 0)
LIE(unknown_flaw, head_of(data)->malformed = 1ULL << 63)
LIE(unknown_part_flag, parts_of(data)[1].flags |= 0x80)
LIE(unknown_part_flaw, parts_of(data)[1].malformed = 1ULL << 62)
LIE(unknown_kind, parts_of(data)[1].kind = 9)
LIE(own_parent, parts_of(data)[1].parent = 2)
LIE(no_parent, parts_of(data)[1].parent = 0)
LIE(later_parent, parts_of(data)[1].parent = 3)
LIE(leaf_as_parent, parts_of(data)[2].parent = 2)
LIE(part_in_uuencoded, parts_of(data)[1].kind = FACTS_UUENCODED; parts_of(data)[2].parent = 2)
LIE(message_with_parent, parts_of(data)[0].parent = 1)
LIE(outside_the_message, parts_of(data)[2].body_length = 700)
LIE(overflowing_place, parts_of(data)[2].header_at = UINT64_MAX - 29)
LIE(before_its_sibling, parts_of(data)[2].header_at = 300; parts_of(data)[2].body_at = 330)
LIE(before_its_parents_body, parts_of(data)[1].header_at = 90; parts_of(data)[1].body_at = 100)
LIE(body_apart_from_header, parts_of(data)[2].body_at++)
LIE(place_of_the_unplaced, parts_of(data)[2].flags &= ~FACTS_WIRE_LOCATED)
LIE(reading_of_later_part, parts_of(data)[1].same_as = 3)
LIE(reading_elsewhere, parts_of(data)[2].same_as = 2)
LIE(text_outside, parts_of(data)[0].type.at = head_of(data)->pool)
LIE(text_to_the_end, parts_of(data)[0].type.length = UINT32_MAX)
LIE(text_without_end, parts_of(data)[0].type.length--)
LIE(text_with_nul, parts_of(data)[0].type.length += 5)
LIE(text_not_utf8, *(data + *length - head_of(data)->pool) = '\xff')
LIE(name_of_no_part, names_of(data)[1].part = 4)
LIE(names_out_of_order, names_of(data)[1].part = 1)
LIE(name_of_zero, names_of(data)[0].part = 0)
LIE(member_of_no_part, members_of(data)[0].part = 0)
LIE(member_in_itself, members_of(data)[1].parent = 2)
LIE(member_of_elsewhere, members_of(data)[0].part = 2)
LIE(member_flag, members_of(data)[0].flags = FACTS_WIRE_LOCATED)
LIE(url_in_no_part, urls_of(data)[0].part = 4)

START_TEST(refuses_every_lie)
{
	static const lie lies[] = {cut,
				   empty,
				   other_version,
				   other_message,
				   more_parts,
				   huge_count,
				   no_parts,
				   unknown_flaw,
				   unknown_part_flag,
				   unknown_part_flaw,
				   unknown_kind,
				   own_parent,
				   no_parent,
				   later_parent,
				   leaf_as_parent,
				   part_in_uuencoded,
				   message_with_parent,
				   outside_the_message,
				   overflowing_place,
				   before_its_sibling,
				   before_its_parents_body,
				   body_apart_from_header,
				   place_of_the_unplaced,
				   reading_of_later_part,
				   reading_elsewhere,
				   text_outside,
				   text_to_the_end,
				   text_without_end,
				   text_with_nul,
				   text_not_utf8,
				   name_of_no_part,
				   names_out_of_order,
				   name_of_zero,
				   member_of_no_part,
				   member_in_itself,
				   member_of_elsewhere,
				   member_flag,
				   url_in_no_part};

	for (size_t i = 0; i < COUNT(lies); i++) {
		struct octets octets = build();
		size_t length = octets.length;
		struct message_facts *facts;
		struct error err;

		lies[i](octets.data, &length);
		ck_assert_msg(
		    !message_facts_parse(octets.data, length, MESSAGE_LENGTH, &facts, &err),
		    "lie %zu", i);
		free(octets.data);
	}
}
END_TEST

/* Many texts in the same octets of the pool would cost their number times its size. */
START_TEST(refuses_texts_that_share_the_pool)
{
	struct octets octets = build();
	struct message_facts *facts;
	struct error err;

	for (size_t i = 0; i < 3; i++)
		parts_of(octets.data)[i].type = parts_of(octets.data)[i].charset =
		    parts_of(octets.data)[i].encoding = parts_of(octets.data)[1].text;
	ck_assert(!message_facts_parse(octets.data, octets.length, MESSAGE_LENGTH, &facts, &err));
	ck_assert_str_eq(err.text, "the facts make no sense: a text lies outside");
	free(octets.data);
}
END_TEST

START_TEST(says_what_found_no_room)
{
	struct facts_builder *builder = facts_builder_new(MESSAGE_LENGTH);
	struct facts_member member = {.name = "m"};
	struct message_facts *facts;
	struct octets octets;
	char name[16];

	facts_builder_part(builder, &whole);
	for (unsigned i = 0; i < FACTS_PART_NAMES_MAX + 1; i++)
		facts_builder_name(builder, name, (size_t)snprintf(name, sizeof(name), "%u", i));
	for (unsigned i = 0; i < FACTS_MEMBERS_MAX; i++)
		ck_assert_uint_eq(facts_builder_member(builder, &member), i + 1);
	ck_assert_uint_eq(facts_builder_member(builder, &member), 0);
	octets = octets_of(builder);
	facts = parse(&octets);
	ck_assert_uint_eq(facts->parts[0].name_count, FACTS_PART_NAMES_MAX);
	ck_assert_uint_eq(facts->member_count, FACTS_MEMBERS_MAX);
	ck_assert_uint_eq(facts->malformed, MALFORMED_TOO_MANY_NAMES | MALFORMED_TOO_MANY_MEMBERS);
	message_facts_free(facts);
	free(octets.data);
}
END_TEST

START_TEST(names_every_flaw_and_finds_it_again)
{
	uint64_t all = 0, bit;
	const char *name;
	char text_of_two[64], small[8];

	for (size_t i = 0; (name = malformed_name(i, &bit)) != NULL; i++) {
		ck_assert_uint_eq(malformed_find(name), bit);
		all |= bit;
	}
	ck_assert_uint_eq(all, MALFORMED_ALL);
	ck_assert_uint_eq(malformed_find("nonsense"), 0);
	ck_assert_uint_eq(malformed_find("over_limit") & MALFORMED_TOO_DEEP, MALFORMED_TOO_DEEP);
	malformed_format(MALFORMED_NUL | MALFORMED_TEXT_CUT, text_of_two, sizeof(text_of_two));
	ck_assert_str_eq(text_of_two, "nul,text_cut");
	malformed_format(MALFORMED_ALL, small, sizeof(small));
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
}
END_TEST

UNIT_MAIN("message_facts", reads_back_parts_as_they_were_built,
	  reads_back_headers_members_urls_and_what_is_wrong, takes_only_a_sealed_memfd,
	  refuses_every_lie, refuses_texts_that_share_the_pool, says_what_found_no_room,
	  names_every_flaw_and_finds_it_again)
