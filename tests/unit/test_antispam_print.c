/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which messages are of one campaign, and which only look like it. Each row makes two messages from a template: in
 * the second what is between « and » of the row's second text stands where the first has that of its first.
 */
#include "tests/unit/antispam_print.h"
#include "tests/unit/unit.h"
#include <stdio.h>

#define SIZE 16384
#define NOW  1780315200 /* Mon, 1 Jun 2026 12:00:00 +0000 */

static struct file_types *types;

/* What a message is made of; NULL is the default. */
struct letter {
	const char *to;        /* the field */
	const char *recipient; /* of the envelope */
	const char *subject;
	const char *headers; /* more of them, each with its line end */
	const char *type;    /* "text/plain" … */
	const char *encoding;
	const char *body;
	const char *sender_domain;
	const char *client;
	int64_t tenant, reject_score;
};

static const char * or (const char *text, const char *fallback)
{
	return text != NULL ? text : fallback;
}

#define PROSE                                                                                 \
	"we thank you for your interest in our products and would like to invite you to our " \
	"open house with guided tours and refreshments for all visitors of every age\r\n"

static size_t compose(const struct letter *letter, char text_r[SIZE])
{
	return (size_t)snprintf(
	    text_r, SIZE,
	    "From: Shop <news@acme.example>\r\nTo: %s\r\nSubject: %s\r\n"
	    "Date: Mon, 1 Jun 2026 12:00:00 +0000\r\nMessage-ID: <%d@acme.example>\r\n"
	    "MIME-Version: 1.0\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n%s\r\n"
	    "%s" PROSE PROSE,
	    or (letter->to, "Anna Miller <anna@dest.example>"), or (letter->subject, "News"),
	    rand(), or (letter->type, "text/plain; charset=utf-8"), or (letter->encoding, "8bit"),
	    or (letter->headers, ""), or (letter->body, "Hello.\r\n"));
}

static bool print_text(const struct letter *letter, const char *text, size_t size,
		       unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	struct message_facts *facts = print_facts(types, text, size);
	struct setting_value settings[SETTING_COUNT] = {[SETTING_ANTISPAM_REJECT_SCORE].number =
							    letter->reject_score};
	struct print_source source = {
	    .facts = facts,
	    .data = text,
	    .length = size,
	    .tenant_id = letter->tenant + 1,
	    .sender_domain = or (letter->sender_domain, "acme.example"),
	    .client = or (letter->client, "192.0.2.1"),
	    .recipient = or (letter->recipient, "anna@dest.example"),
	    .settings = settings,
	    .now = NOW,
	};
	bool has_print = antispam_print(&source, digest_r);

	message_facts_free(facts);
	return has_print;
}

static bool print_letter(const struct letter *letter, unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	char text[SIZE];
	size_t size = compose(letter, text);

	ck_assert_uint_lt(size, SIZE);
	return print_text(letter, text, size, digest_r);
}

static bool are_alike(const struct letter *one, const struct letter *other)
{
	unsigned char first[CRYPTO_HASH_BYTES], second[CRYPTO_HASH_BYTES];

	return print_letter(one, first) && print_letter(other, second) &&
	       memcmp(first, second, sizeof(first)) == 0;
}

static void set_up(void)
{
	struct error err;

	print_must(file_types_load(&types, &err));
}

static void tear_down(void)
{
	file_types_free(types);
}

#define BOB         .to = "Bob Smith <bob@other.example>", .recipient = "bob@other.example"
#define HTML(text)  .type = "text/html; charset=utf-8", .body = text
#define PLAIN(text) .body = text

static const struct {
	struct letter one, other;
} alike[] = {
    {{0}, {0}},
    {{0}, {BOB}},
    {{PLAIN("Dear Anna,\r\n")}, {BOB, PLAIN("Dear Bob,\r\n")}},
    {{PLAIN("Dear Ms. Anna Miller!\r\n")}, {BOB, PLAIN("Dear Ms. Bob Smith!\r\n")}},
    {{PLAIN("Your address anna@dest.example is on our list.\r\n")},
     {BOB, PLAIN("Your address bob@other.example is on our list.\r\n")}},
    {{PLAIN("Your number is 1234, due 2026-06-01.\r\n")},
     {PLAIN("Your number is 99, due 2026-07-15.\r\n")}},
    {{.subject = "Anna, your offer 12"}, {BOB, .subject = "Bob, your offer 7"}},
    {{PLAIN("See https://www.acme.example/o?u=a8f3Zk2Lq9\r\n")},
     {PLAIN("See https://www.acme.example/o?u=77aBcDeFgH12\r\n")}},
    {{.headers = "List-Unsubscribe: <https://acme.example/u/12345>\r\n"},
     {.headers = "List-Unsubscribe: <https://acme.example/u/98>\r\n"}},
    {{.headers = "Received: from mx1 (localhost) by acme.example id 4XyZ123456; now\r\n"},
     {.headers = "Received: from mx1 (localhost) by acme.example id 7AbC999999; now\r\n"}},
    {{HTML("<p class=\"x\">Dear Anna, you have 12 points.</p>\r\n")},
     {BOB, HTML("<p class=\"x\">Dear Bob, you have 7 points.</p>\r\n")}},
    {{HTML("<!DOCTYPE html><html><head><title>News</title><style>p { color: #123456 }</style>"
	   "</head><body><!-- text -->Dear Anna <a href=\"https://acme.example/?u=a1234567\">"
	   "here</a></body></html>\r\n")},
     {BOB, HTML("<!DOCTYPE html><html><head><title>News</title><style>p { color: #123456 }</style>"
		"</head><body><!-- text -->Dear Bob <a href=\"https://acme.example/?u=b7654321\">"
		"here</a></body></html>\r\n")}},
    {{.encoding = "quoted-printable", PLAIN("Dear Anna, your gr=C3=BC=\r\n=C3=9Fe\r\n")},
     {BOB, .encoding = "quoted-printable", PLAIN("Dear Bob, your =\r\ngr=C3=BC=C3=9Fe\r\n")}},
};

START_TEST(messages_that_differ_in_what_is_personal_are_one_campaign)
{
	for (size_t i = 0; i < COUNT(alike); i++)
		ck_assert_msg(are_alike(&alike[i].one, &alike[i].other), "row %zu", i);
}
END_TEST

/* What somebody may try who has a clean verdict and wants it for something else. */
static const struct {
	struct letter one, other;
} apart[] = {
    /* another context */
    {{0}, {.tenant = 7}},
    {{0}, {.reject_score = 500}},
    {{0}, {.sender_domain = "other.example"}},
    {{0}, {.client = "192.0.2.2"}},
    /* other words, other case, other blanks */
    {{PLAIN("Buy tea now\r\n")}, {PLAIN("Buy gin now\r\n")}},
    {{PLAIN("Buy tea now\r\n")}, {PLAIN("Buy TEA now\r\n")}},
    {{PLAIN("Buy tea now\r\n")}, {PLAIN("Buy  tea now\r\n")}},
    {{PLAIN("Dear Anna,\r\n")}, {PLAIN("Dear Carla,\r\n")}},
    {{.subject = "News"}, {.subject = "Old news"}},
    {{0}, {.headers = "X-Mailer: other\r\n"}},
    {{.headers = "X-A: 1\r\nX-B: 1\r\n"}, {.headers = "X-B: 1\r\nX-A: 1\r\n"}},
    {{.headers = "Reply-To: 1 <a@acme.example>\r\n"},
     {.headers = "Reply-To: 2 <a@acme.example>\r\n"}},
    /* links: another host, another path, the same in other ways to write it */
    {{PLAIN("http://good.example/x\r\n")}, {PLAIN("http://evil.example/x\r\n")}},
    {{PLAIN("http://good.example/?u=12345678\r\n")},
     {PLAIN("http://good.example/?u=23456789\r\n")}},
    {{PLAIN("http://www.acme.example/a\r\n")}, {PLAIN("http://www.acme.example/b\r\n")}},
    {{PLAIN("http://acme.example.evil1.example/\r\n")},
     {PLAIN("http://acme.example.evil2.example/\r\n")}},
    {{PLAIN("http://notacme.example/12345\r\n")}, {PLAIN("http://notacme.example/54321\r\n")}},
    {{PLAIN("http://acme.example@10.0.0.1/12345\r\n")},
     {PLAIN("http://acme.example@10.0.0.1/54321\r\n")}},
    {{PLAIN("http://acme.example:80@evil.example/12345\r\n")},
     {PLAIN("http://acme.example:80@evil.example/54321\r\n")}},
    {{PLAIN("http://evil.example\\.acme.example/12345\r\n")},
     {PLAIN("http://evil.example\\.acme.example/54321\r\n")}},
    {{PLAIN("http://acme.example/r?to=evil1234.example\r\n")},
     {PLAIN("http://acme.example/r?to=evil5678.example\r\n")}},
    {{PLAIN("http://acme.example/r?to=http%3A%2F%2F12345678\r\n")},
     {PLAIN("http://acme.example/r?to=http%3A%2F%2F87654321\r\n")}},
    {{PLAIN("http://10.0.0.1/\r\n")}, {PLAIN("http://10.0.0.2/\r\n")}},
    {{PLAIN("call 10.0.0.1 now\r\n")}, {PLAIN("call 10.0.0.2 now\r\n")}},
    {{PLAIN("visit 123.example now\r\n")}, {PLAIN("visit 321.example now\r\n")}},
    {{PLAIN("visit www.1.example now\r\n")}, {PLAIN("visit www.2.example now\r\n")}},
    {{PLAIN("ftp://1.example/\r\n")}, {PLAIN("ftp://2.example/\r\n")}},
    /* numbers that are too long to be personal, at once or one after another */
    {{PLAIN("call 0900123456 now\r\n")}, {PLAIN("call 0900654321 now\r\n")}},
    {{PLAIN("call 0900 123 456 now\r\n")}, {PLAIN("call 0900 654 321 now\r\n")}},
    {{PLAIN("pay to DE02120300000000202051\r\n")}, {PLAIN("pay to DE02500105170137075030\r\n")}},
    {{PLAIN("pay to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT\r\n")},
     {PLAIN("pay to 1BoatSLRHtKNngkdXEeobR76b53LETtpyU\r\n")}},
    /* names that are none: links, sentences, what the field To does not say of the recipient */
    {{.to = "tea.example <anna@dest.example>", PLAIN("see tea.example\r\n")},
     {.to = "gin.example <anna@dest.example>", PLAIN("see gin.example\r\n")}},
    {{.to = "buy tea at once now <anna@dest.example>", PLAIN("tea\r\n")},
     {.to = "buy gin at once now <anna@dest.example>", PLAIN("gin\r\n")}},
    {{.to = "Tea <carla@dest.example>", PLAIN("Tea\r\n")},
     {.to = "Gin <carla@dest.example>", PLAIN("Gin\r\n")}},
    {{.to = "Tea <anna@dest.example>, x@y.example", PLAIN("Tea\r\n")},
     {.to = "Gin <anna@dest.example>, x@y.example", PLAIN("Gin\r\n")}},
    {{PLAIN("AnnaMiller\r\n")}, {BOB, PLAIN("BobSmith\r\n")}},
    {{PLAIN("Anna.example\r\n")}, {BOB, PLAIN("Bob.example\r\n")}},
    /* markup */
    {{HTML("<p style=\"font-size: 9 px\">hidden</p>\r\n")},
     {HTML("<p style=\"font-size: 0 px\">hidden</p>\r\n")}},
    {{HTML("<font size=9>hidden</font>\r\n")}, {HTML("<font size=0>hidden</font>\r\n")}},
    {{HTML("<style>p { font-size: 9 ; }</style><p>hidden</p>\r\n")},
     {HTML("<style>p { font-size: 0 ; }</style><p>hidden</p>\r\n")}},
    {{HTML("<a href=\"http://evil.example/1\">x</a>\r\n")},
     {HTML("<a href=\"http://evil.example/2\">x</a>\r\n")}},
    {{HTML("<a href=//evil1.example>x</a>\r\n")}, {HTML("<a href=//evil2.example>x</a>\r\n")}},
    {{HTML("<base href=\"//evil1.example/\">x\r\n")},
     {HTML("<base href=\"//evil2.example/\">x\r\n")}},
    {{HTML("<p id='Anna'>x</p>\r\n")}, {BOB, HTML("<p id='Bob'>x</p>\r\n")}},
    /* … made to look like prose to a hasty reader */
    {{HTML("<!-- ' --><p style='> x; font-size: 9 ;'>hidden</p>\r\n")},
     {HTML("<!-- ' --><p style='> x; font-size: 0 ;'>hidden</p>\r\n")}},
    {{HTML("<p a'b style='> x; font-size: 9 ;'>hidden</p>\r\n")},
     {HTML("<p a'b style='> x; font-size: 0 ;'>hidden</p>\r\n")}},
    {{HTML("<p x=y\"a style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<p x=y\"a style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<p x=y=\"a style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<p x=y=\"a style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<p x = y=\"a style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<p x = y=\"a style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<p =\"a style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<p =\"a style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("< =\"<p style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("< =\"<p style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<![x=\"><p style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<![x=\"><p style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<!-- > <p title=' --><p style='> x; font-size: 9 ;'>hidden</p>\r\n")},
     {HTML("<!-- > <p title=' --><p style='> x; font-size: 0 ;'>hidden</p>\r\n")}},
    {{HTML("<!-- --!> <p title=' --><p style='> x; font-size: 9 ;'>hidden</p>\r\n")},
     {HTML("<!-- --!> <p title=' --><p style='> x; font-size: 0 ;'>hidden</p>\r\n")}},
    {{HTML("<!--> <p title=' --><p style='> x; font-size: 9 ;'>hidden</p>\r\n")},
     {HTML("<!--> <p title=' --><p style='> x; font-size: 0 ;'>hidden</p>\r\n")}},
    {{HTML("<title><p a=\"</title><p style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<title><p a=\"</title><p style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<title></title ><p style=\"x</title>> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<title></title ><p style=\"x</title>> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<xmp><p a=\"</xmp><p style=\"> x; font-size: 9 ;\">hidden</p>\r\n")},
     {HTML("<xmp><p a=\"</xmp><p style=\"> x; font-size: 0 ;\">hidden</p>\r\n")}},
    {{HTML("<script>var x = 9 ;</script>\r\n")}, {HTML("<script>var x = 0 ;</script>\r\n")}},
    /* encodings */
    {{.encoding = "quoted-printable", PLAIN("http://evil=2Eexample/\r\n")},
     {.encoding = "quoted-printable", PLAIN("http://evil=2Dexample/\r\n")}},
    {{PLAIN("http://ev=\r\nil.example/\r\n")}, {PLAIN("http://evil.example/\r\n")}},
    {{.encoding = "base64", PLAIN("RGVhciAxMg==\r\n")},
     {.encoding = "base64", PLAIN("RGVhciA5OQ==\r\n")}},
    {{.type = "text/plain; charset=utf-16", PLAIN("12 \r\n")},
     {.type = "text/plain; charset=utf-16", PLAIN("34 \r\n")}},
    {{.type = "text/plain; charset=utf-8; name=\"1.txt\"", PLAIN("12\r\n")},
     {.type = "text/plain; charset=utf-8; name=\"1.txt\"", PLAIN("34\r\n")}},
    {{.type = "text/plain; charset=utf-8"}, {.type = "text/html; charset=utf-8"}},
};

START_TEST(messages_that_differ_elsewhere_are_not)
{
	for (size_t i = 0; i < COUNT(apart); i++) {
		ck_assert_msg(!are_alike(&apart[i].one, &apart[i].other), "row %zu: %s", i,
			      or (apart[i].one.body, ""));
	}
}
END_TEST

START_TEST(too_much_that_is_personal_is_no_campaign)
{
	unsigned char digest[CRYPTO_HASH_BYTES];
	char body[4096] = "";
	struct letter letter = {.body = body};

	for (int i = 0; i < 40; i++)
		strcat(body, "word 1 ");
	ck_assert(print_letter(&letter, digest));
	for (int i = 0; i < 40; i++)
		strcat(body, "word 1 ");
	ck_assert_msg(!print_letter(&letter, digest), "80 places");
	body[0] = '\0';
	for (int i = 0; i < 40; i++)
		strcat(body, "a Anna Miller ");
	ck_assert_msg(!print_letter(&letter, digest), "more of the name than of the rest");
}
END_TEST

static const char multipart[] =
    "From: a@acme.example\r\nTo: anna@dest.example\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n%s--%s\r\n"
    "Content-Type: text/plain\r\n\r\n" PROSE PROSE "\r\n--%s\r\n"
    "Content-Type: application/pdf; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n"
    "--%s--\r\n%s";

/* Boundary, preamble, name, content, epilogue. */
static void print_multipart(const char *const of[5], unsigned char digest_r[CRYPTO_HASH_BYTES])
{
	static const struct letter letter;
	char text[SIZE];
	int size =
	    snprintf(text, SIZE, multipart, of[0], of[1], of[0], of[0], of[2], of[3], of[0], of[4]);

	ck_assert(print_text(&letter, text, (size_t)size, digest_r));
}

START_TEST(attachments_names_and_what_is_between_the_parts_count)
{
	static const char *const rows[][5] = {
	    {"=_1a2b3c", "", "a.pdf", "JVBERi0xLjQK", ""},
	    {"another4", "", "a.pdf", "JVBERi0xLjQK", ""}, /* the same as the first */
	    {"=_1a2b3c", "", "a.pdf", "JVBERi0xLjUK", ""},
	    {"=_1a2b3c", "", "b.pdf", "JVBERi0xLjQK", ""},
	    {"=_1a2b3c", "http://evil.example\r\n", "a.pdf", "JVBERi0xLjQK", ""},
	    {"=_1a2b3c", "", "a.pdf", "JVBERi0xLjQK", "http://evil.example\r\n"},
	};
	unsigned char digests[COUNT(rows)][CRYPTO_HASH_BYTES];

	for (size_t i = 0; i < COUNT(rows); i++)
		print_multipart(rows[i], digests[i]);
	for (size_t i = 1; i < COUNT(rows); i++)
		ck_assert_msg((memcmp(digests[0], digests[i], CRYPTO_HASH_BYTES) == 0) == (i == 1),
			      "row %zu", i);
}
END_TEST

START_TEST(what_two_readers_may_understand_differently_has_none)
{
	static const char *const broken[] = {
	    "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx 1\r\n",
	    "Content-Type: multipart/mixed\r\n\r\nx 1\r\n",
	    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nx 1\r\n",
	    "Content-Type: multipart/mixed; "
	    "boundary=a\r\n\r\n--a\r\n\r\nx\r\n--a--\r\n--a\r\n\r\ny\r\n",
	    "Content-Transfer-Encoding: rot13\r\n\r\nx 1\r\n",
	    "no colon\r\n\r\nx 1\r\n",
	    "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n1\r\n",
	    "\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n",
	};
	static const struct letter letter;

	for (size_t i = 0; i < COUNT(broken); i++) {
		unsigned char digest[CRYPTO_HASH_BYTES];
		char text[SIZE];
		int size =
		    snprintf(text, SIZE, "From: a@acme.example\r\n%s" PROSE PROSE, broken[i]);

		ck_assert_msg(!print_text(&letter, text, (size_t)size, digest), "row %zu", i);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    messages_that_differ_in_what_is_personal_are_one_campaign,
	    messages_that_differ_elsewhere_are_not,
	    too_much_that_is_personal_is_no_campaign,
	    attachments_names_and_what_is_between_the_parts_count,
	    what_two_readers_may_understand_differently_has_none,
	};
	int status;

	set_up();
	status = unit_run("antispam_print", tests, COUNT(tests));
	tear_down();
	return status;
}
