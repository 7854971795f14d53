/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in rules. */
#include "common/content_defaults.h"

/* What Gmail and Outlook both refuse, or either does because the file runs when it is opened. */
#define PROGRAMS                                                                     \
	"ade, adp, apk, appref-ms, appx, appxbundle, bas, bat, cab, chm, cmd, com, " \
	"cpl, diagcab, diagcfg, diagpkg, dll, dmg, ex, ex_, exe, fxp, gadget, hlp, " \
	"hpj, hta, img, ins, inf, iso, isp, jar, jnlp, js, jse, ksh, lib, "          \
	"library-ms, lnk, mcf, mda, mde, mdt, mdw, mdz, mjs, mmc, msc, msh, msh1, "  \
	"msh2, mshxml, msi, msix, msixbundle, msp, mst, msu, nsh, ops, osd, pif, "   \
	"plg, prf, prg, printerexport, ps1, ps1xml, ps2, ps2xml, psc1, psc2, psd1, " \
	"psdm1, psm1, pyz, pyzw, reg, scf, scr, sct, search-ms, settingcontent-ms, " \
	"shb, shs, sys, url, vb, vbe, vbp, vbs, vhd, vhdx, vsmacros, vsw, vxd, "     \
	"webpnp, ws, wsb, wsc, wsf, wsh, xbap, xll, xnk"

/* What libmagic says of them. */
#define PROGRAM_TYPES                                                                        \
	"application/x-dosexec, application/vnd.microsoft.portable-executable, "             \
	"application/x-msdownload, application/x-executable, application/x-pie-executable, " \
	"application/x-sharedlib, application/x-object, application/x-coredump, "            \
	"application/x-mach-binary, application/x-ms-shortcut, application/x-msi, "          \
	"application/x-ms-installer, application/java-archive, application/x-java-applet, "  \
	"application/x-setupscript, application/x-wine-extension-ini, text/x-msdos-batch, "  \
	"application/vnd.android.package-archive, application/vnd.ms-cab-compressed"

/* A document's or picture's extension, blanks or marks, and then one that runs or opens a page. */
#define DOUBLED                                                                                   \
	"/\\.(?:docx?|docm|xlsx?|xlsm|pptx?|pdf|rtf|txt|csv|odt|ods|jpe?g|png|gif|bmp|tiff?|zip|" \
	"mp[34]|avi|eml|msg)[\\s._\\x{200b}-\\x{200f}-]*"                                         \
	"\\.(?:exe|com|scr|pif|bat|cmd|cpl|js|jse|vb|vbe|vbs|wsf|wsh|hta|lnk|msi|jar|ps1|dll|"    \
	"reg|url|iso|img|html?|xhtml|shtml|svg)[\\s.]*\\z/is"

/* What two readers of the message may take for two different messages. */
#define AMBIGUOUS                                                                       \
	"doubled_type, doubled_encoding, unknown_encoding, nested_encoding, boundary, " \
	"no_boundary, after_close, base64_goes_on, header_long, nul"
#define UNREAD                                                                      \
	"too_many_parts, too_deep, too_large, too_many_members, archive_too_deep, " \
	"archive_too_large, too_slow"

const struct content_default content_defaults[CONTENT_DEFAULT_COUNT] = {
    {"executable", "file.extension is " PROGRAMS, SETTING_CONTENT_ON_EXECUTABLE, SETTING_COUNT,
     NULL, "5.7.1", "Programs may not be sent"},
    {"executable-type", "file.type is " PROGRAM_TYPES, SETTING_CONTENT_ON_EXECUTABLE, SETTING_COUNT,
     NULL, "5.7.1", "Programs may not be sent, whatever their name"},
    {"double-extension", "file.name matches " DOUBLED, SETTING_CONTENT_ON_DOUBLE_EXTENSION,
     SETTING_COUNT, NULL, "5.7.1", "The file pretends to be a document"},
    {"turned-name", "file.name matches /[\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]/",
     SETTING_CONTENT_ON_TURNED_NAME, SETTING_COUNT, NULL, "5.7.1",
     "The file's name turns the direction of writing"},
    {"malformed", "malformed is " AMBIGUOUS, SETTING_CONTENT_ON_MALFORMED, SETTING_COUNT, NULL,
     "5.6.0", "The message's structure is ambiguous"},
    {"over-limit", "malformed is " UNREAD, SETTING_CONTENT_ON_OVER_LIMIT, SETTING_COUNT, NULL,
     "5.6.0", "The message has more in it than can be looked at"},
    {"untidy", "malformed", SETTING_CONTENT_ON_UNTIDY, SETTING_COUNT, NULL, "5.6.0",
     "The message is not as it should be"},
    {"oversize", NULL, SETTING_CONTENT_ON_OVERSIZE, SETTING_CONTENT_MAX_SIZE, "size", "5.3.4",
     "The message is too large"},
    {"many-recipients", NULL, SETTING_CONTENT_ON_MANY_RECIPIENTS, SETTING_CONTENT_MAX_RECIPIENTS,
     "recipients", "5.5.3", "The message has too many recipients"},
};

struct content_rules *content_defaults_new(void)
{
	struct content_rule_text texts[CONTENT_DEFAULT_COUNT];
	size_t count = 0;

	for (int i = 0; i < CONTENT_DEFAULT_COUNT; i++) {
		if (content_defaults[i].condition != NULL)
			texts[count++] = (struct content_rule_text){
			    -1 - i, content_defaults[i].condition, "reject"};
	}
	return content_rules_new(texts, count);
}
