/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The facts of one message, as the scanner's jailed workers found them. Plain data, all of it UTF-8 and as
 * hostile as the message: names hold whatever characters the sender put there. Texts are never NULL.
 */
#ifndef EASYMAIL_MESSAGE_FACTS_H
#define EASYMAIL_MESSAGE_FACTS_H

#include "common/error.h"
#include "common/malformed.h"

#define FACTS_HASH_BYTES 32

enum facts_kind {
	FACTS_LEAF = 1,
	FACTS_MULTIPART, /* one without delimiters has content, as a leaf has */
	FACTS_MESSAGE,   /* message/rfc822: its one child is the message in it */
	FACTS_UUENCODED, /* a file that stands uuencoded in the text `parent` */
};

struct facts_part {
	unsigned number; /* from 1, its place in `parts`; 1 is the message itself */
	unsigned parent; /* always smaller; 0: of the message */
	unsigned
	    same_as;    /* the part whose octets these are, decoded another way; 0: first reading */
	unsigned depth; /* the message's is 0 */
	enum facts_kind kind;
	bool declared; /* has a Content-Type; otherwise `type` is what the standard says then */
	bool
	    attachment; /* a leaf with a file name, or of disposition attachment, or that is no text */
	bool encrypted; /* an archive or document that asks for a password */
	bool text_cut;  /* `text` is the beginning only */
	/* Where it stands in the message as scanned (message_copy_data). Not so in what stood encoded twice. A
	 * child lies in its parent's body, after its siblings; the body excludes the line end that belongs to a
	 * delimiter. A uuencoded file has no header: its body is from `begin` to the line end after `end`. */
	bool located;
	size_t header_at, header_length; /* with the empty line */
	size_t body_at, body_length;     /* as it stands there, not decoded */
	uint64_t size; /* decoded; 0 of multiparts and messages, as are the next two */
	unsigned char hash[FACTS_HASH_BYTES]; /* SHA-256 of what is decoded */
	const char *detected;     /* by content, "application/zip"; "" unknown, or a mere text */
	const char *type;         /* "text/plain", lower case */
	const char *charset;      /* lower case, as declared; "" */
	const char *encoding;     /* Content-Transfer-Encoding, lower case; "" */
	const char *disposition;  /* "attachment", lower case; "" */
	const char *text;         /* of a text: decoded, HTML's as a reader sees it; otherwise "" */
	size_t text_length;       /* NUL octets have become U+FFFD */
	const char *const *names; /* of the file, every reading; none twice; NULL without any */
	size_t name_count;
	uint64_t malformed; /* MALFORMED_… */
};

/* A field of the message's own header, unfolded, encoded words decoded. */
struct facts_header {
	const char *name; /* as written */
	const char *value;
};

struct facts_member {    /* of an archive */
	unsigned number; /* from 1, its place in `members` */
	unsigned part;   /* the archive's, or the part that it is in */
	unsigned
	    parent; /* the member that is an archive and holds it; 0: it is in the part itself */
	unsigned depth; /* from 1 */
	bool encrypted; /* its content, which then has no type */
	bool sized;     /* `size` is known */
	uint64_t size;
	const char *name;     /* with its directories; "" when it has none */
	const char *detected; /* by its first octets; "" unknown */
	uint64_t malformed;
};

struct facts_url {
	unsigned part;
	const char *text; /* as it stands there, entities decoded, cut at 2 KB */
	const char *host; /* A-labels in lower case, or an address; "" when it is neither */
};

struct message_facts {
	const struct facts_part *parts;
	const struct facts_header *headers;
	const struct facts_member *members; /* those of one part stand together */
	const struct facts_url *urls;       /* a part names no URL twice */
	size_t part_count, header_count, member_count, url_count;
	uint64_t malformed; /* of all parts together, and what belongs to none of them */
};

/*
 * Facts from a process that may have been taken over: everything is checked, or false. `message_length` is
 * that of what was scanned. The octets stay the caller's, unchanged, until message_facts_free.
 */
bool message_facts_parse(const void *data, size_t length, size_t message_length,
			 struct message_facts **facts_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* The same from a sealed memfd, which stays the caller's and may be closed. */
bool message_facts_open(int fd, size_t message_length, struct message_facts **facts_r,
			struct error *err) __attribute__((nonnull, warn_unused_result));
void message_facts_free(struct message_facts *facts); /* takes NULL */

#endif
