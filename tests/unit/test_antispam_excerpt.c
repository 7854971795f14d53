/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a message rspamd is given to read, on facts as the scanner finds them. */
#include "milters/content/antispam_excerpt.h"
#include "tests/unit/antispam_print.h"
#include "tests/unit/unit.h"
#include <stdio.h>

#define SIZE  65536
#define LIMIT 1000
#define HEAD                                                                     \
	"From: a@acme.example\r\nMIME-Version: 1.0\r\n"                          \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: " \
	"text/plain\r\n\r\n"

static struct file_types *types;

static void set_up(void)
{
	struct error err;

	print_must(file_types_load(&types, &err));
}

static void tear_down(void)
{
	file_types_free(types);
}

/* Lines of 78 octets with their ends, of one letter. */
static void add_lines(char *text, char letter, unsigned count)
{
	size_t used = strlen(text);

	for (; count > 0; count--) {
		memset(text + used, letter, 76);
		memcpy(text + used + 76, "\r\n", 3);
		used += 78;
	}
}

static char *excerpt_of(const char *text, size_t *length_r)
{
	struct message_facts *facts = print_facts(types, text, strlen(text));
	char *excerpt = antispam_excerpt(facts, text, strlen(text), LIMIT, length_r);

	message_facts_free(facts);
	return excerpt;
}

/* A text and an attachment with that header; `lines` in each. */
static void compose(char text_r[SIZE], const char *header, unsigned lines)
{
	strcpy(text_r, HEAD);
	add_lines(text_r, 't', lines);
	sprintf(text_r + strlen(text_r), "--b\r\n%s\r\n", header);
	add_lines(text_r, 'A', lines);
	strcat(text_r, "--b--\r\n");
}

#define BINARY                                               \
	"Content-Type: application/octet-stream; name=a\r\n" \
	"Content-Transfer-Encoding: base64\r\n"

START_TEST(the_end_of_a_long_attachment_is_left_out)
{
	char text[SIZE], expected[SIZE];
	size_t length = 0;
	char *excerpt;

	compose(text, BINARY, 40);
	excerpt = excerpt_of(text, &length);
	ck_assert_ptr_nonnull(excerpt);
	strcpy(expected, HEAD);
	add_lines(expected, 't', 40); /* the text whole */
	strcat(expected, "--b\r\n" BINARY "\r\n");
	add_lines(expected, 'A', LIMIT / 78);
	strcat(expected, "\r\n--b--\r\n");
	ck_assert_uint_eq(length, strlen(expected));
	ck_assert_mem_eq(excerpt, expected, length);
	free(excerpt);
}
END_TEST

START_TEST(a_text_that_is_a_file_is_one_too)
{
	char text[SIZE];
	size_t length = 0;
	char *excerpt;

	compose(text, "Content-Type: text/csv; name=a.csv\r\n", 40);
	excerpt = excerpt_of(text, &length);
	ck_assert_ptr_nonnull(excerpt);
	ck_assert_uint_eq(strlen(text) - length, (40 - LIMIT / 78) * 78 - 2);
	free(excerpt);
}
END_TEST

START_TEST(short_ones_are_left_whole)
{
	char text[SIZE];
	size_t length;

	compose(text, BINARY, LIMIT / 78);
	ck_assert_ptr_null(excerpt_of(text, &length));
}
END_TEST

START_TEST(what_two_parsers_may_read_differently_is_left_whole)
{
	char text[SIZE];
	size_t length;

	compose(text, BINARY "Content-Transfer-Encoding: 7bit\r\n", 40);
	ck_assert_ptr_null(excerpt_of(text, &length));
}
END_TEST

START_TEST(one_line_is_left_whole)
{
	char text[SIZE], line[8000];
	size_t length;

	memset(line, 'A', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	sprintf(text, HEAD "t\r\n--b\r\n" BINARY "\r\n%s\r\n--b--\r\n", line);
	ck_assert_ptr_null(excerpt_of(text, &length));
}
END_TEST

/* Facts as a scanner might send them that somebody has taken over. */
START_TEST(parts_that_overlap_are_left_out_once)
{
	struct facts_part part = {.number = 1,
				  .kind = FACTS_LEAF,
				  .attachment = true,
				  .located = true,
				  .body_at = 100,
				  .body_length = 3000};
	struct facts_part parts[] = {part, part, part};
	struct message_facts facts = {.parts = parts, .part_count = 3};
	char text[SIZE] = "";
	size_t length = 0;
	char *excerpt;

	parts[1].body_at = 50;
	parts[2].body_at = 3000;
	parts[2].body_length = SIZE;
	add_lines(text, 'x', 60);
	excerpt = antispam_excerpt(&facts, text, strlen(text), LIMIT, &length);
	ck_assert_ptr_nonnull(excerpt);
	ck_assert_uint_gt(length, strlen(text) - 3000);
	ck_assert_uint_lt(length, strlen(text));
	free(excerpt);
}
END_TEST

/* An archive's list is at its end: rspamd reads it too. */
START_TEST(an_archive_is_left_whole)
{
	struct facts_part part = {.number = 1,
				  .kind = FACTS_LEAF,
				  .attachment = true,
				  .located = true,
				  .body_length = 3000};
	struct facts_member member = {.number = 1, .part = 1};
	struct message_facts facts = {
	    .parts = &part, .part_count = 1, .members = &member, .member_count = 1};
	char text[SIZE] = "";
	size_t length;

	add_lines(text, 'x', 60);
	ck_assert_ptr_null(antispam_excerpt(&facts, text, strlen(text), LIMIT, &length));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    the_end_of_a_long_attachment_is_left_out,
	    a_text_that_is_a_file_is_one_too,
	    short_ones_are_left_whole,
	    what_two_parsers_may_read_differently_is_left_whole,
	    one_line_is_left_whole,
	    parts_that_overlap_are_left_out_once,
	    an_archive_is_left_whole,
	};
	int status;

	set_up();
	status = unit_run("antispam_excerpt", tests, COUNT(tests));
	tear_down();
	return status;
}
