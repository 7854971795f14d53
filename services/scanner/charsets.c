/* SPDX-License-Identifier: BSD-2-Clause */
/* iconv(3) reads a shared object per character set when it is first used; used here, it is in memory. */
#include "services/scanner/charsets.h"
#include <iconv.h>
#include <stddef.h>

void charsets_load(void)
{
	static const char *const names[] = {
	    "UTF-16",       "UTF-16LE",     "UTF-16BE",     "UTF-32",       "UTF-32LE",
	    "UTF-32BE",     "UTF-7",        "UCS-2",        "UCS-4",        "ISO-8859-1",
	    "ISO-8859-2",   "ISO-8859-5",   "ISO-8859-7",   "ISO-8859-8",   "ISO-8859-9",
	    "ISO-8859-15",  "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253",
	    "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256", "WINDOWS-1257", "WINDOWS-1258",
	    "KOI8-R",       "KOI8-U",       "CP437",        "CP850",        "CP852",
	    "CP866",        "CP874",        "CP932",        "CP936",        "CP949",
	    "CP950",        "SHIFT_JIS",    "EUC-JP",       "ISO-2022-JP",  "EUC-KR",
	    "GB2312",       "GBK",          "GB18030",      "BIG5",         "MACINTOSH",
	};

	/* never closed: the C library unloads what nobody has open */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)iconv_open("UTF-8", names[i]);
}
