/* SPDX-License-Identifier: BSD-2-Clause */
/* iconv(3) reads a shared object per character set when it is first used; used here, it is in memory. */
#include "services/scanner/charsets.h"
#include "common/utf8.h"
#include <errno.h>
#include <iconv.h>
#include <locale.h>
#include <string.h>
#include <strings.h>

void charsets_load(void)
{
	static const char *const names[] = {
	    "UTF-16",       "UTF-16LE",     "UTF-16BE",     "UTF-32",       "UTF-32LE",
	    "UTF-32BE",     "UTF-7",        "UCS-2",        "UCS-4",        "ISO-8859-1",
	    "ISO-8859-2",   "ISO-8859-3",   "ISO-8859-4",   "ISO-8859-5",   "ISO-8859-6",
	    "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",   "ISO-8859-10",  "ISO-8859-13",
	    "ISO-8859-14",  "ISO-8859-15",  "ISO-8859-16",  "WINDOWS-1250", "WINDOWS-1251",
	    "WINDOWS-1252", "WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256",
	    "WINDOWS-1257", "WINDOWS-1258", "KOI8-R",       "KOI8-U",       "CP437",
	    "CP850",        "CP852",        "CP866",        "CP874",        "TIS-620",
	    "CP932",        "CP936",        "CP949",        "CP950",        "SHIFT_JIS",
	    "EUC-JP",       "ISO-2022-JP",  "EUC-KR",       "ISO-2022-KR",  "EUC-TW",
	    "GB2312",       "GBK",          "GB18030",      "BIG5",         "BIG5-HKSCS",
	    "MACINTOSH",
	};

	/* libarchive reads names by the locale; this one comes with the C library */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	/* never closed: the C library unloads what nobody has open */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)iconv_open("UTF-8", names[i]);
}

/* As it is, with U+FFFD for octets that are not UTF-8. */
static bool add_utf8(struct text_buffer *buffer, const char *data, size_t length)
{
	bool clean = true;

	while (length > 0) {
		size_t good = utf8_span(data, length);

		text_add(buffer, data, good);
		if (good < length) {
			text_add_character(buffer, 0xfffd);
			good++;
			clean = false;
		}
		data += good;
		length -= good;
	}
	return clean;
}

static bool convert(struct text_buffer *buffer, iconv_t set, char *from, size_t left)
{
	bool clean = true;

	while (left > 0 && !buffer->cut) {
		char piece[4096];
		char *to = piece;
		size_t room = sizeof(piece);
		size_t rc = iconv(set, &from, &left, &to, &room);

		text_add(buffer, piece, sizeof(piece) - room);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		text_add_character(buffer, 0xfffd);
		clean = false;
		if (errno == EINVAL) /* cut in the middle of a character */
			break;
		from++;
		left--;
	}
	return clean;
}

/* False: the set is not known; nothing is added. */
static bool add_as(struct text_buffer *buffer, const char *charset, const char *data, size_t length,
		   bool *clean_r)
{
	iconv_t set = (iconv_t)-1;
	char *from;

	/* "//" begins what the GNU C library takes for options */
	if (strchr(charset, '/') == NULL)
		set = iconv_open("UTF-8", charset);
	if (set == (iconv_t)-1)
		return false;
	memcpy(&from, &data, sizeof(data)); /* iconv does not write there */
	*clean_r = convert(buffer, set, from, length);
	iconv_close(set);
	return true;
}

bool charset_add(struct text_buffer *buffer, const char *charset, const char *data, size_t length)
{
	bool ascii = charset[0] == '\0' || strcasecmp(charset, "us-ascii") == 0 ||
		     strcasecmp(charset, "ascii") == 0;
	bool clean;

	if (strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "utf8") == 0)
		return add_utf8(buffer, data, length);
	if (!ascii && add_as(buffer, charset, data, length, &clean))
		return clean;
	if (utf8_span(data, length) == length) {
		text_add(buffer, data, length);
		return ascii;
	}
	if (memchr(data, '\0', length) != NULL ||
	    !add_as(buffer, "WINDOWS-1252", data, length, &clean))
		(void)add_utf8(buffer, data, length);
	return false;
}
