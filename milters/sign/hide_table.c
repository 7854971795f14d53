/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of header names; a final star stands for anything. */
#include "milters/sign/hide_table.h"
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define WAY    "the way through the network"
#define CLIENT "the user's own address or login"
#define TOOL   "the program that wrote or sent it"
#define JUDGED "what inner filters found"
#define STORE  "how the mailbox keeps it"

/* clang-format off */
static const struct {
	const char *pattern;
	const char *tells;
} hidden[] = {
	{"Received", WAY}, /* each hop's names and addresses; Postfix has counted them already */
	{"X-Received*", WAY},
	{"Delivered-To", WAY}, /* inner mailboxes; and our own recipients would look like a loop */
	{"X-Delivered-*", WAY},
	{"Return-Path", WAY}, /* the receiver writes its own (RFC 5321 section 4.4) */
	{"X-Original-*", WAY},
	{"X-Envelope-*", WAY},
	{"X-Forwarded-*", WAY},
	{"X-Real-*", WAY},
	{"X-Remote-*", WAY},
	{"X-Relay-*", WAY},
	{"X-Gateway*", WAY},
	{"X-Host*", WAY},
	{"X-Server*", WAY},
	{"X-Source*", WAY}, /* cPanel: the script's path and directory */
	{"X-Get-Message-Sender-Via", WAY},
	{"X-HELO*", WAY},
	{"X-EHLO*", WAY},
	{"X-MIMETrack", WAY}, /* Notes: every server with its version */
	{"X-MDRemoteIP", WAY},
	{"X-MDArrival-Date", WAY},
	{"X-MDHelo", WAY},
	{"X-MDOrigin*", WAY},
	{"X-Zimbra-*", WAY},
	{"X-Kerio-*", WAY},
	{"X-CrossPremises*", WAY},
	{"X-EOP*", WAY},
	{"X-Exchange-*", WAY},
	{"X-MS-*", WAY}, /* Exchange: organization, server names, tenant ids, verdicts */
	{"X-Microsoft-*", JUDGED},
	{"X-Forefront-*", JUDGED},
	{"X-OriginatorOrg", WAY},
	{"X-OriginalArrivalTime", WAY},
	{"X-TransportEndpoint*", WAY},
	{"msip_labels", WAY}, /* Microsoft's labels, with the organization's ids */
	{"X-Originating-*", CLIENT},
	{"X-Client*", CLIENT},
	{"X-Sender*", CLIENT},
	{"X-Auth*", CLIENT},
	{"X-AntiAbuse", CLIENT}, /* cPanel: host name and user ids */
	{"X-Login*", CLIENT},
	{"X-User*", CLIENT},
	{"X-IP", CLIENT},
	{"X-IP-*", CLIENT},
	{"X-Webmail-*", CLIENT},
	{"X-SquirrelMail-*", CLIENT},
	{"X-PHP-*", CLIENT}, /* the script and who called it */
	{"X-EN-*", CLIENT},
	{"X-Mailer*", TOOL},
	{"User-Agent", TOOL},
	{"X-User-Agent", TOOL},
	{"X-MimeOLE", TOOL},
	{"X-MSMail-*", TOOL},
	{"X-Newsreader", TOOL},
	{"X-Library", TOOL},
	{"X-Powered-*", TOOL},
	{"X-Generator*", TOOL},
	{"X-Generated-By", TOOL},
	{"X-Mailman-*", TOOL},
	{"X-Mail-*", TOOL},
	{"X-Apple-*", TOOL},
	{"X-GroupWise-*", TOOL},
	{"X-Lotus-*", TOOL},
	{"X-Notes-*", TOOL},
	{"X-Evolution-*", TOOL},
	{"X-KMail-*", TOOL},
	{"X-Google-*", TOOL},
	{"X-Gm-*", TOOL},
	{"X-YMail-*", TOOL},
	{"X-Sieve*", TOOL},
	{"Thread-Index", TOOL}, /* Outlook's own threading; References serves everybody */
	{"Thread-Topic", TOOL},
	{"Mail-System-*", TOOL},
	{"Authentication-Results*", JUDGED},
	{"X-Authentication-*", JUDGED},
	{"Received-SPF", JUDGED},
	{"X-Received-SPF", JUDGED},
	{"X-SPF*", JUDGED},
	{"ARC-*", JUDGED}, /* seals the way so far; its chain breaks with what is removed */
	{"X-ARC-*", JUDGED},
	{"X-DKIM*", JUDGED},
	{"DKIM-Filter*", JUDGED}, /* OpenDKIM's version and host name */
	{"DKIM-Results", JUDGED},
	{"X-DMARC*", JUDGED},
	{"X-OpenDMARC*", JUDGED},
	{"DomainKey-Status", JUDGED},
	{"X-Spam*", JUDGED},
	{"X-Ham*", JUDGED},
	{"X-SA-*", JUDGED},
	{"X-Rspamd*", JUDGED},
	{"X-Bogosity", JUDGED},
	{"X-DSPAM*", JUDGED},
	{"X-CRM114-*", JUDGED},
	{"X-Greylist*", JUDGED},
	{"X-Quarantine-*", JUDGED},
	{"X-Amavis-*", JUDGED},
	{"X-Virus*", JUDGED},
	{"X-Anti*", JUDGED},
	{"X-AV-*", JUDGED},
	{"X-Scanned*", JUDGED},
	{"X-ClamAV*", JUDGED},
	{"X-MailScanner*", JUDGED},
	{"X-Avast*", JUDGED},
	{"X-AVG*", JUDGED},
	{"X-ESET*", JUDGED},
	{"X-KSE*", JUDGED}, /* Kaspersky */
	{"X-KSMG*", JUDGED},
	{"X-KLMS*", JUDGED},
	{"X-TM-*", JUDGED}, /* Trend Micro */
	{"X-TMASE-*", JUDGED},
	{"X-NAI-*", JUDGED}, /* McAfee */
	{"X-Sophos*", JUDGED},
	{"X-SEA-*", JUDGED},
	{"X-FE-*", JUDGED}, /* Fortinet, FireEye */
	{"X-FEAS-*", JUDGED},
	{"X-IronPort-*", JUDGED},
	{"IronPort-*", JUDGED},
	{"X-Barracuda-*", JUDGED},
	{"X-ASG-*", JUDGED}, /* Barracuda */
	{"X-BESS-*", JUDGED},
	{"X-Proofpoint-*", JUDGED},
	{"X-Mimecast-*", JUDGED},
	{"X-NSP*", JUDGED}, /* NoSpamProxy */
	{"X-Hornetsecurity*", JUDGED},
	{"X-CMAE-*", JUDGED},
	{"X-CTCH-*", JUDGED},
	{"X-PMX-*", JUDGED},
	{"X-Brightmail-*", JUDGED},
	{"X-WatchGuard-*", JUDGED},
	{"X-C2ProcessedOrg", JUDGED},
	{"X-Provags-*", JUDGED},
	{"X-UI-*", JUDGED},
	{"X-GMX-*", JUDGED},
	{"X-Mozilla-*", STORE},
	{"X-Account-Key", STORE},
	{"X-Identity-Key", STORE},
	{"X-Uniform-Type-Identifier", STORE},
	{"X-Universally-Unique-Identifier", STORE},
	{"X-UID*", STORE},
	{"X-IMAP*", STORE},
	{"X-Status", STORE},
	{"Status", STORE},
	{"X-Keywords", STORE},
	{"X-Sent-*", STORE},
};

static const char *const standard[] = {
	"From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To",
	"References", "Comments", "Keywords", "MIME-Version", "Content-*", "Resent-*", "List-*",
	"DKIM-Signature", "DomainKey-Signature", "Auto-Submitted", "Precedence", "Importance",
	"Priority", "Sensitivity", "Expires", "Expiry-Date", "Disposition-Notification-*",
	"Return-Receipt-To", "Errors-To", "Followup-To", "Mail-Followup-To", "Mail-Reply-To",
	"Autocrypt", "OpenPGP", "BIMI-*", "Feedback-ID", "Original-Recipient", "Organization",
	"X-Priority", "X-Easymail-*",
};
/* clang-format on */

static bool matches(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);

	if (((unsigned char)pattern[0] | 0x20) != ((unsigned char)name[0] | 0x20))
		return false;
	if (pattern[length - 1] == '*')
		return strncasecmp(pattern, name, length - 1) == 0;
	return strcasecmp(pattern, name) == 0;
}

const char *hide_table_find(const char *name)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
		if (matches(hidden[i].pattern, name))
			return hidden[i].tells;
	}
	return NULL;
}

bool hide_table_is_standard(const char *name)
{
	for (size_t i = 0; i < sizeof(standard) / sizeof(*standard); i++) {
		if (matches(standard[i], name))
			return true;
	}
	return false;
}
