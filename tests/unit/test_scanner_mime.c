/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIME tree as it is shown: what is decoded, what leaves a doubt, what is over a limit. */
#include "services/scanner/mime.h"
#include "services/scanner/mime_decode.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

#define EDGE "Content-Type: multipart/mixed; boundary=\"edge\"\r\n\r\n"

static const struct mime_limits plenty = {.parts = 100, .depth = 20, .decoded_bytes = 1000000};

/* What was shown: "1=text|2=other|". */
struct seen {
	struct mime_summary summary;
	char text[4096];
	unsigned stop_after;
	unsigned count;
};

static bool note(void *context, const struct mime_part *part)
{
	struct seen *seen = context;
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used, "%u=%.*s|", part->number,
		 (int)part->length, part->data);
	return ++seen->count != seen->stop_after;
}

static struct seen walk_limited(const char *message, const struct mime_limits *limits)
{
	struct seen seen = {.text = ""};

	mime_walk(message, strlen(message), limits,
		  &(struct mime_visitor){.context = &seen, .part = note}, &seen.summary);
	return seen;
}

static struct seen walk(const char *message)
{
	return walk_limited(message, &plenty);
}

START_TEST(shows_decoded_leaves)
{
	static const struct {
		const char *message, *seen;
	} cases[] = {
	    {"Subject: x\r\n\r\nbody\r\n", "1=body\r\n|"},
	    {"\r\nbody", "1=body|"},
	    {EDGE "--edge\r\n\r\none\r\n--edge\r\n\r\ntwo\r\n--edge--\r\n", "1=one|2=two|"},
	    {"content-transfer-ENCODING: BASE64\n\naGVs\nbG8=\n", "1=hello|"},
	    {"Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc=  \r\nd", "1=a=bcd|"},
	    {EDGE
	     "--edge\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nkernel\r\n--edge--",
	     "1=kernel|"},
	    {"Content-Type: multipart/digest; boundary=edge\r\n\r\n--edge\r\n\r\nSubject: "
	     "y\r\n\r\nkernel"
	     "\r\n--edge--",
	     "1=kernel|"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct seen seen = walk(cases[i].message);

		ck_assert_str_eq(seen.text, cases[i].seen);
		ck_assert_int_eq(seen.summary.end, MIME_ALL);
		ck_assert_msg(!seen.summary.doubtful, "%s", cases[i].message);
	}
}
END_TEST

START_TEST(reads_a_delimiter_with_blanks_and_folded_fields_without_doubt)
{
	struct seen seen = walk("Content-Type: multipart/mixed;\r\n\tboundary=edge\r\n\r\n"
				"--edge \t \r\n\r\none\r\n--edge-- \r\n");

	ck_assert_str_eq(seen.text, "1=one|");
	ck_assert(!seen.summary.doubtful);
}
END_TEST

START_TEST(shows_what_doubtful_messages_may_hold)
{
	static const struct {
		const char *message, *seen;
	} cases[] = {
	    /* no closing delimiter */
	    {EDGE "--edge\r\n\r\none\r\n", "1=one|"},
	    /* parts after the end */
	    {EDGE "--edge\r\n\r\none\r\n--edge--\r\n--edge\r\n\r\ntwo\r\n--edge--", "1=one|2=two|"},
	    /* no boundary, or none found */
	    {"Content-Type: multipart/mixed\r\n\r\nbody", "1=body|"},
	    {EDGE "body", "1=body|"},
	    /* padding in the middle: some read on, some stop */
	    {"Content-Transfer-Encoding: base64\r\n\r\naGU=bGxv!", "1=hello|1=he|"},
	    /* two encodings, or one that nobody knows: each reading */
	    {"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=",
	     "1=aGVsbG8=|1=hello|1=aGVsbG8=|"},
	    {"Content-Transfer-Encoding: rot13\r\n\r\naGVsbG8=", "1=aGVsbG8=|1=hello|1=aGVsbG8=|"},
	    /* uuencode in a text */
	    {"\r\nsee\r\nbegin 644 a.b\r\n%:&5L;&\\\r\n`\r\nend\r\n",
	     "1=see\r\nbegin 644 a.b\r\n%:&5L;&\\\r\n`\r\nend\r\n|1=hello|"},
	    /* a multipart that is encoded as a whole */
	    {"Content-Type: multipart/mixed; boundary=e\r\nContent-Transfer-Encoding: "
	     "base64\r\n\r\n"
	     "LS1lCgphCi0tZS0t",
	     "1=--e\n\na\n--e--|2=a|"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct seen seen = walk(cases[i].message);

		ck_assert_str_eq(seen.text, cases[i].seen);
		ck_assert_msg(seen.summary.doubtful, "%s", cases[i].message);
	}
}
END_TEST

START_TEST(doubts_headers_that_two_readers_read_differently)
{
	static const char *const messages[] = {
	    "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx",
	    "Content-Type: multipart/mixed; boundary=edge; "
	    "boundary=else\r\n\r\n--edge\r\n\r\nx\r\n--edge--",
	    "Content-Type: multipart/mixed; boundary*0=ed; "
	    "boundary*1=ge\r\n\r\n--edge\r\n\r\nx\r\n--edge--",
	    "Content-Type: (a) text/plain\r\n\r\nx",
	    "Content-Type: text\r\n\r\nx",
	    "Subject: x\r\nno field\r\n\r\nx",
	    EDGE "--edge\r\n\r\nx\r\n--edgeling\r\n--edge--",
	};

	for (size_t i = 0; i < COUNT(messages); i++)
		ck_assert_msg(walk(messages[i]).summary.doubtful, "%s", messages[i]);
}
END_TEST

/* Counts the parts that say where their base64 stands, and checks that it does. */
static bool check_encoded(void *context, const struct mime_part *part)
{
	unsigned *count = context;

	if (part->encoded != NULL) {
		ck_assert_uint_eq(part->encoded_length, 8);
		ck_assert_mem_eq(part->encoded, "aGVsbG8=", 8);
		++*count;
	}
	return true;
}

static unsigned encoded_in(const char *message)
{
	struct mime_summary summary;
	unsigned count = 0;

	mime_walk(message, strlen(message), &plenty,
		  &(struct mime_visitor){.context = &count, .part = check_encoded}, &summary);
	return count;
}

START_TEST(tells_where_nothing_but_base64_stands)
{
#define BASE64 "Content-Transfer-Encoding: base64\r\n\r\n"
	ck_assert_uint_eq(encoded_in(BASE64 "aGVsbG8="), 1);
	ck_assert_uint_eq(encoded_in(EDGE "--edge\r\n" BASE64 "aGVsbG8=\r\n--edge\r\n" BASE64
					  "aGVsbG8=\r\n--edge--"),
			  2);
	ck_assert_uint_eq(encoded_in(BASE64 "aGVs!bG8="), 0);
	ck_assert_uint_eq(encoded_in(BASE64 "aG=VsbG8="), 0);
	ck_assert_uint_eq(encoded_in("\r\naGVsbG8="), 0);
	/* base64 in something decoded stands nowhere in the message */
	ck_assert_uint_eq(encoded_in("Content-Type: message/rfc822\r\n"
				     "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
				     "Content-Transfer-Encoding=3A base64\r\n\r\naGVsbG8=3D"),
			  0);
}
END_TEST

START_TEST(joins_a_boundary_in_pieces)
{
	ck_assert_str_eq(walk("Content-Type: multipart/mixed; boundary*0=ed; boundary*1=ge\r\n\r\n"
			      "--edge\r\n\r\nx\r\n--edge--")
			     .text,
			 "1=x|");
}
END_TEST

START_TEST(tells_a_partial_message)
{
	ck_assert(walk("Content-Type: message/partial; id=1\r\n\r\nx").summary.partial);
	ck_assert(!walk("Content-Type: message/rfc822\r\n\r\nx").summary.partial);
}
END_TEST

START_TEST(stops_at_each_limit)
{
	const char *two = EDGE "--edge\r\n\r\none\r\n--edge\r\n\r\ntwo\r\n--edge--\r\n";
	struct mime_limits parts = {2, 20, 100}, depth = {10, 1, 100}, bytes = {10, 20, 5};

	ck_assert_int_eq(walk_limited(two, &parts).summary.end, MIME_PARTS);
	ck_assert_int_eq(walk_limited(two, &depth).summary.end, MIME_DEPTH);
	ck_assert_int_eq(walk_limited(two, &bytes).summary.end, MIME_BYTES);
	ck_assert_str_eq(walk_limited(two, &bytes).text, "1=one|");
}
END_TEST

START_TEST(stops_when_the_visitor_had_enough)
{
	struct seen seen = {.stop_after = 1};
	const char *two = EDGE "--edge\r\n\r\none\r\n--edge\r\n\r\ntwo\r\n--edge--\r\n";

	mime_walk(two, strlen(two), &plenty, &(struct mime_visitor){.context = &seen, .part = note},
		  &seen.summary);
	ck_assert_str_eq(seen.text, "1=one|");
	ck_assert_int_eq(seen.summary.end, MIME_STOPPED);
}
END_TEST

/* `insert` behind every `step` octets of a base64 text, eight times. */
static struct mime_decoded decode_with(const char *insert, size_t step)
{
	static const char base64[] = "YW55IGNhcm5hbCBwbGVhc3Vy";
	char text[4096] = "";
	struct mime_decoded decoded;
	size_t length = 0;

	for (size_t i = 0; i < 8 * (sizeof(base64) - 1); i++) {
		if (i % step == 0)
			length += (size_t)sprintf(text + length, "%s", insert);
		text[length++] = base64[i % (sizeof(base64) - 1)];
	}
	ck_assert(mime_decode_base64(text, length, &decoded));
	return decoded;
}

START_TEST(decodes_base64_alike_wherever_its_lines_end)
{
	static const char *const inserts[] = {"", "\r\n", " ", "!", "\r\n\t-"};
	struct mime_decoded plain = decode_with("", 1);

	ck_assert_uint_eq(plain.length, 8 * 18);
	ck_assert_int_eq(memcmp(plain.data, "any carnal pleasurany carnal", 28), 0);
	for (size_t i = 0; i < COUNT(inserts); i++) {
		for (size_t step = 1; step < 80; step++) {
			struct mime_decoded other = decode_with(inserts[i], step);

			ck_assert_uint_eq(other.length, plain.length);
			ck_assert_int_eq(memcmp(other.data, plain.data, plain.length), 0);
			ck_assert_int_eq(other.rubbish, strpbrk(inserts[i], "!-") != NULL);
			free(other.data);
		}
	}
	free(plain.data);
}
END_TEST

UNIT_MAIN("scanner_mime", decodes_base64_alike_wherever_its_lines_end, shows_decoded_leaves,
	  reads_a_delimiter_with_blanks_and_folded_fields_without_doubt,
	  shows_what_doubtful_messages_may_hold, doubts_headers_that_two_readers_read_differently,
	  tells_where_nothing_but_base64_stands, joins_a_boundary_in_pieces,
	  tells_a_partial_message, stops_at_each_limit, stops_when_the_visitor_had_enough)
