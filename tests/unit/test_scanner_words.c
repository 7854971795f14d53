/* SPDX-License-Identifier: BSD-2-Clause */
/* Encoded words, file names, HTML and URLs as mail programs and browsers read them. */
#include "services/scanner/charsets.h"
#include "services/scanner/file_type.h"
#include "services/scanner/html_text.h"
#include "services/scanner/mime_names.h"
#include "services/scanner/mime_words.h"
#include "services/scanner/urls.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>

#define PLENTY 100000

/* What was found, "a|b|"; or the text of a buffer. */
struct seen {
	char text[4096];
};

static void note(struct seen *seen, const char *text, size_t length)
{
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used, "%.*s|", (int)length, text);
}

static struct seen text_of(struct text_buffer *buffer)
{
	struct seen seen;

	ck_assert(text_end(buffer));
	snprintf(seen.text, sizeof(seen.text), "%s", buffer->data);
	free(buffer->data);
	return seen;
}

START_TEST(decodes_encoded_words)
{
	static const struct {
		const char *text, *decoded;
		bool clean;
	} cases[] = {
	    {"plain", "plain", true},
	    {"=?utf-8?Q?a=C3=A4_b?= c", "a\xc3\xa4 b c", true},
	    {"x =?ISO-8859-1?b?5A==?=", "x \xc3\xa4", true},
	    {"=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab", true},
	    {"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b", true},
	    {"=?utf-8?B?w6?= =?utf-8?B?Q=?=", "\xef\xbf\xbd", false},
	    {"=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "\xc3\xa4", true},
	    {"=?utf-8*de?Q?a?=", "a", true},
	    {"=?utf-8?X?a?=", "=?utf-8?X?a?=", false},
	    {"=?utf-8?Q?a", "=?utf-8?Q?a", false},
	    {"=?x-none?Q?a?=", "a", false},
	    {"=?utf-8?Q?=ZZ?=", "=ZZ", false},
	    {"=?utf-8?Q?=FF?=", "\xef\xbf\xbd", false},
	    {"=?=?utf-8?Q?a?=", "=?a", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text_buffer buffer = {.limit = PLENTY};
		bool clean = mime_words_add(&buffer, cases[i].text, strlen(cases[i].text));

		ck_assert_str_eq(text_of(&buffer).text, cases[i].decoded);
		ck_assert_msg(clean == cases[i].clean, "%s", cases[i].text);
	}
}
END_TEST

static void on_name(void *context, const char *name, size_t length)
{
	note(context, name, length);
}

static struct seen names_of(const char *parameters, uint64_t *malformed_r)
{
	static struct mime_pieces pieces;
	struct seen seen = {.text = ""};
	struct mime_header header;
	char text[1024];

	snprintf(text, sizeof(text), "Content-Type: a/b; %s\r\n\r\n", parameters);
	mime_header_read(text, strlen(text), &header, &pieces);
	*malformed_r = mime_names_read(&pieces, on_name, &seen);
	return seen;
}

START_TEST(reads_names_in_every_way)
{
	static const struct {
		const char *parameters, *names;
		uint64_t malformed;
	} cases[] = {
	    {"name=a", "a|", 0},
	    {"name=\"a b\"", "a b|", 0},
	    {"NAME=\"=?utf-8?Q?=C3=A4?=\"", "\xc3\xa4|", 0},
	    {"name*=utf-8'de'%C3%A4", "\xc3\xa4|", 0},
	    {"name*=iso-8859-1''%E4", "\xc3\xa4|", 0},
	    {"name*0=a; name*1=b", "ab|", 0},
	    {"name*0*=iso-8859-1''%E4; name*1=%41; name*2*=%41", "\xc3\xa4%41A|", 0},
	    {"name=a; name*=utf-8''b", "a|b|", 0},
	    {"name*0=a; name*1=b; name=c", "c|ab|", 0},
	    {"name*1=b; name*0=a", "ba|ab|", MALFORMED_PARAMETER},
	    {"name*0=a; name*2=c", "ac|a|", MALFORMED_PARAMETER},
	    {"name*0=a; name*0=b", "ab|a|", MALFORMED_PARAMETER},
	    {"name*=a%41", "aA|", MALFORMED_PARAMETER},
	    {"name*=utf-8''%4", "%4|", MALFORMED_PARAMETER},
	    {"name*=x-none''a", "a|", MALFORMED_PARAMETER},
	    {"name=\"=?utf-8?Q?=ZZ?=\"", "=ZZ|=?utf-8?Q?=ZZ?=|", MALFORMED_ENCODED_WORD},
	    {"name=a; name=b", "a|b|", MALFORMED_DOUBLED_NAME},
	    {"name=a b.exe", "a|a b.exe|", 0},
	    {"name=\"a\\\"b\"", "a\"b|a\\\"b|", 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t malformed;
		struct seen seen = names_of(cases[i].parameters, &malformed);

		ck_assert_str_eq(seen.text, cases[i].names);
		ck_assert_msg(malformed == cases[i].malformed, "%s", cases[i].parameters);
	}
}
END_TEST

START_TEST(says_when_there_are_too_many_pieces)
{
	char parameters[1000] = "";
	uint64_t malformed;

	for (unsigned i = 0; i < MIME_PIECES_MAX + 1; i++)
		strcat(parameters, "name=a;");
	(void)names_of(parameters, &malformed);
	ck_assert_uint_eq(malformed, MALFORMED_TOO_MANY_NAMES);
}
END_TEST

START_TEST(reads_html_as_a_browser_shows_it)
{
	static const struct {
		const char *html, *text, *links;
	} cases[] = {
	    {"a<b>b</b>c", "abc", ""},
	    {"a  \r\n b<br>c", "a b\nc", ""},
	    {"&lt;&amp;&#65;&#x42;&auml;&nbsp;&unknown;&", "<&AB\xc3\xa4 &unknown;&", ""},
	    {"&#0;&#xD800;&#99999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", ""},
	    {"a<!-- <b> -->b<!-- c", "ab", ""},
	    {"<style>p</style>a<SCRIPT>b</b></SCRIPT>c", "ac", ""},
	    {"<script>never closed", "", ""},
	    {"1 < 2 <3", "1 < 2 <3", ""},
	    {"<a href=http://a.test/>x</a>", "x", "http://a.test/|"},
	    {"<a title='>' HREF = \"http://a.test/?b&amp;c\">x", "x", "http://a.test/?b&c|"},
	    {"<a href='http://a&#46;\ntest/'>", "", "http://a.test/|"},
	    {"<img/src=//a.test/x.png><form action='b'>", "", "//a.test/x.png|b|"},
	    {"<a href='http://never.closed", "", "http://never.closed|"},
	    {"<a", "", ""},
	    {"<", "<", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text_buffer buffer = {.limit = PLENTY};
		struct seen links = {.text = ""};

		html_text_add(&buffer, cases[i].html, strlen(cases[i].html), on_name, &links);
		ck_assert_str_eq(text_of(&buffer).text, cases[i].text);
		ck_assert_str_eq(links.text, cases[i].links);
	}
}
END_TEST

START_TEST(normalises_hosts)
{
	static const struct {
		const char *url, *host;
	} cases[] = {
	    {"http://Example.COM./x", "example.com"},
	    {"https://user:pass@h.test:8443/x@y", "h.test"},
	    {"http:\\\\h.test\\x", "h.test"},
	    {"http:///h.test", "h.test"},
	    {"//h.test/x", "h.test"},
	    {"WWW.h.test", "www.h.test"},
	    {"http://b\xc3\xbc"
	     "cher.test?x",
	     "xn--bcher-kva.test"},
	    {"http://h%2Etest#x", "h.test"},
	    {"http://intranet/x", "intranet"},
	    {"http://127.0.0.1:80/", "127.0.0.1"},
	    {"http://2130706433/", "127.0.0.1"},
	    {"http://0x7f.1/", "127.0.0.1"},
	    {"http://[2001:DB8::1]:80/", "2001:db8::1"},
	    {"http://[nonsense]/", ""},
	    {"http://a..b/", ""},
	    {"http://a%00b.test/", ""},
	    {"http:///", ""},
	    {"mailto:a@b.test", ""},
	    {"relative/path", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char host[URL_HOST_SIZE];
		bool found = url_host(cases[i].url, strlen(cases[i].url), host);

		ck_assert_str_eq(host, cases[i].host);
		ck_assert_msg(found == (host[0] != '\0'), "%s", cases[i].url);
	}
}
END_TEST

static void on_url(void *context, const char *text, const char *host)
{
	(void)host;
	note(context, text, strlen(text));
}

START_TEST(finds_urls_in_a_text)
{
	static const struct {
		const char *text, *urls;
	} cases[] = {
	    {"see http://a.test/x.", "http://a.test/x|"},
	    {"(https://a.test), <ftp://b.test> \"http://c.test\"",
	     "https://a.test|ftp://b.test|http://c.test|"},
	    {"www.a.test and Www.b.test; nowww.c.test, x@www.d.test", "www.a.test|Www.b.test|"},
	    {"xxxhttp://a.test", "xxxhttp://a.test|"},
	    {"http:\\\\a.test\\x y", "http:\\\\a.test\\x|"},
	    {"://nothing http:// www. a:b", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct seen seen = {.text = ""};

		urls_find(cases[i].text, strlen(cases[i].text), on_url, &seen);
		ck_assert_str_eq(seen.text, cases[i].urls);
	}
}
END_TEST

START_TEST(converts_character_sets)
{
	static const struct {
		const char *charset, *data, *text;
		bool clean;
	} cases[] = {
	    {"utf-8", "\xc3\xa4", "\xc3\xa4", true},
	    {"UTF-8", "\xe4x", "\xef\xbf\xbdx", false},
	    {"", "\xc3\xa4", "\xc3\xa4", true},
	    {"us-ascii", "\x80x", "\xe2\x82\xacx", false},
	    {"iso-8859-1", "\xe4", "\xc3\xa4", true},
	    {"shift_jis", "\x83\x65", "\xe3\x83\x86", true},
	    {"utf-8//ignore", "\xe4", "\xc3\xa4", false},
	    {"x-none", "a", "a", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text_buffer buffer = {.limit = PLENTY};
		bool clean =
		    charset_add(&buffer, cases[i].charset, cases[i].data, strlen(cases[i].data));

		ck_assert_str_eq(text_of(&buffer).text, cases[i].text);
		ck_assert_msg(clean == cases[i].clean, "%s", cases[i].charset);
	}
}
END_TEST

START_TEST(cuts_a_text_at_its_limit)
{
	struct text_buffer buffer = {.limit = 3};

	text_add(&buffer, "ab", 2);
	ck_assert(!buffer.cut);
	text_add(&buffer, "cd", 2);
	ck_assert(buffer.cut);
	ck_assert_str_eq(text_of(&buffer).text, "abc");
}
END_TEST

START_TEST(tells_a_text_from_a_program)
{
	static const char program[] = "MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0";
	struct file_types *types;
	struct error err;

	ck_assert_msg(file_types_load(&types, &err), "%s", err.text);
	ck_assert_str_eq(file_type_of_text(types, "Dear all,\r\n", 11), "");
	ck_assert_str_eq(file_type_of_text(types, "\r\n{\\rtf1 x}", 11), "text/rtf");
	ck_assert(file_type_is_program(file_type_of_text(types, "#!/bin/sh\nls\n", 13)));
	ck_assert(file_type_is_program(file_type_of_text(types, program, sizeof(program))));
	ck_assert(file_type_is_program(file_type_of(types, program, sizeof(program))));
	ck_assert_str_eq(file_type_of(types, "\x89PNG\r\n\x1a\n", 8), "image/png");
	ck_assert_str_eq(file_type_of(types, "", 0), "");
	file_types_free(types);
}
END_TEST

UNIT_MAIN("scanner_words", decodes_encoded_words, reads_names_in_every_way,
	  says_when_there_are_too_many_pieces, reads_html_as_a_browser_shows_it, normalises_hosts,
	  finds_urls_in_a_text, converts_character_sets, cuts_a_text_at_its_limit,
	  tells_a_text_from_a_program)
