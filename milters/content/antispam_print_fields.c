/* SPDX-License-Identifier: BSD-2-Clause */
/* Field by field: which may be personal, and how. */
#include "milters/content/antispam_print_fields.h"
#include <string.h>
#include <sys/types.h>

#define BOUNDARY_MAX  70
#define ID_MAX        128
#define DATE_PAST_S   (12 * 3600) /* rspamd has rules for dates that are farther off */
#define DATE_FUTURE_S 3600
#define DATE_SIZE     64
#define ID_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+-/=?^_`{|}~"
#define TOKEN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'+_,-./:=?"

enum field_kind {
	FIELD_EXACT,
	FIELD_PLAIN,
	FIELD_TRACE,
	FIELD_TO,
	FIELD_DATE,
	FIELD_ID,
	FIELD_TYPE,
};

/* All others are FIELD_PLAIN in the message's own header, FIELD_EXACT in that of a part. */
static const struct {
	const char *name;
	enum field_kind kind;
} kinds[] = {
    {"content-type", FIELD_TYPE},
    {"content-transfer-encoding", FIELD_EXACT},
    {"content-disposition", FIELD_EXACT},
    {"content-id", FIELD_EXACT},
    {"mime-version", FIELD_EXACT},
    {"from", FIELD_EXACT},
    {"sender", FIELD_EXACT},
    {"reply-to", FIELD_EXACT},
    {"cc", FIELD_EXACT},
    {"received", FIELD_TRACE},
    {"dkim-signature", FIELD_TRACE},
    {"to", FIELD_TO},
    {"date", FIELD_DATE},
    {"message-id", FIELD_ID},
};

static void add(struct words *words, const char *at, size_t length)
{
	crypto_hash_add(words->hash, at, length);
}

static bool begins(const char *at, size_t length, const char *text)
{
	return length >= strlen(text) && strncasecmp(at, text, strlen(text)) == 0;
}

static size_t trim(const char *at, size_t length)
{
	while (length > 0 && strchr(" \t\r\n", at[length - 1]) != NULL)
		length--;
	return length;
}

/* The octets of the line behind the delimiter of that boundary, which ends the line but for "--" and blanks; -1: it is none. */
static ssize_t delimiter_rest(const char *line, size_t length, const char *boundary, size_t size)
{
	const char *rest = line + 2 + size;
	size_t left = length - 2 - size, words;

	if (length < 2 + size || memcmp(line, "--", 2) != 0 ||
	    memcmp(line + 2, boundary, size) != 0)
		return -1;
	words = trim(rest, left);
	return words == 0 || (words == 2 && memcmp(rest, "--", 2) == 0) ? (ssize_t)left : -1;
}

void boundaries_add_line(const struct boundaries *boundaries, struct words *words, const char *line,
			 size_t length)
{
	for (size_t i = 0; i < boundaries->count; i++) {
		const unsigned char mark[] = {0, 'B', (unsigned char)i};
		ssize_t rest = delimiter_rest(line, length, boundaries->boundary[i].at,
					      boundaries->boundary[i].length);

		if (rest < 0)
			continue;
		crypto_hash_add(words->hash, mark, sizeof(mark));
		add(words, line + length - rest, (size_t)rest);
		return;
	}
	add(words, line, length);
}

/* The field Content-Type without its boundary, which is noted. The facts say that it has one reading. */
static void add_type(struct words *words, struct boundaries *boundaries, const char *value,
		     size_t length)
{
	static const char name[] = "boundary=";
	size_t at = 0, size;

	while (at < length && !begins(value + at, length - at, name))
		at++;
	at += at < length ? strlen(name) : 0;
	at += at < length && value[at] == '"';
	size = at < length ? strspn(value + at, TOKEN_CHARACTERS) : 0;
	if (size > length - at || size == 0 || size > BOUNDARY_MAX ||
	    boundaries->count == BOUNDARIES_MAX) {
		add(words, value, length);
		return;
	}
	boundaries->boundary[boundaries->count].at = value + at;
	boundaries->boundary[boundaries->count++].length = size;
	add(words, value, at);
	add(words, "\0B", 2);
	add(words, value + at + size, length - at - size);
}

/* RFC 5322 section 3.6.4: what stands before the `@` is anything. */
static void add_id(struct words *words, const char *value, size_t length)
{
	size_t blanks = strspn(value, " \t\r\n"), local;

	local =
	    blanks < length && value[blanks] == '<' ? strspn(value + blanks + 1, ID_CHARACTERS) : 0;
	if (local == 0 || local > ID_MAX || blanks + 1 + local >= length ||
	    value[blanks + 1 + local] != '@') {
		add(words, value, length);
		return;
	}
	add(words, value, blanks + 1);
	add(words, "\0I", 2);
	add(words, value + blanks + 1 + local, length - blanks - 1 - local);
}

/* Is it about now, and written as RFC 5322 has it? */
static bool is_recent(const char *value, size_t length, time_t now)
{
	char text[DATE_SIZE];
	struct tm fields = {0};
	const char *end;
	time_t then;

	length = trim(value, length);
	if (length >= sizeof(text))
		return false;
	memcpy(text, value, length);
	text[length] = '\0';
	end = strptime(text, " %a, %d %b %Y %H:%M:%S %z", &fields);
	if (end == NULL || (*end != '\0' && strcmp(end, " (UTC)") != 0))
		return false;
	then = timegm(&fields);
	then -= fields.tm_gmtoff;
	return then >= now - DATE_PAST_S && then <= now + DATE_FUTURE_S;
}

/* Its names are known, and it is in the recipient's address and them that messages differ. */
static bool is_recipients(const struct words_person *person, const struct print_source *source)
{
	struct words_person other = *person;
	const char *to = NULL;

	for (size_t i = 0; i < source->facts->header_count; i++)
		if (strcasecmp(source->facts->headers[i].name, "To") == 0) {
			if (to != NULL)
				return false;
			to = source->facts->headers[i].value;
		}
	return to != NULL && words_names(to, &other);
}

static enum field_kind kind_of(const char *name, size_t length, bool is_messages)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strlen(kinds[i].name) == length && begins(name, length, kinds[i].name))
			return kinds[i].kind;
	return is_messages ? FIELD_PLAIN : FIELD_EXACT;
}

/* `value` begins behind the colon and ends with the line end. */
static void add_value(struct words *words, enum field_kind kind, const struct print_source *source,
		      const char *value, size_t length)
{
	switch (kind) {
	case FIELD_PLAIN:
		words_add(words, WORDS_PLAIN, value, length);
		return;
	case FIELD_TRACE:
		words_add(words, WORDS_TRACE, value, length);
		return;
	case FIELD_ID:
		add_id(words, value, length);
		return;
	case FIELD_TO:
		if (source != NULL && is_recipients(words->person, source))
			add(words, "\0T", 2);
		else
			add(words, value, length);
		return;
	case FIELD_DATE:
		if (source != NULL && is_recent(value, length, source->now))
			add(words, "\0W", 2);
		else
			add(words, value, length);
		return;
	case FIELD_EXACT:
	case FIELD_TYPE:
		add(words, value, length);
		return;
	}
}

/* To the end of the last line that continues it. */
static size_t field_length(const char *at, const char *end)
{
	const char *from = at;

	do {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		at = newline != NULL ? newline + 1 : end;
	} while (at < end && (*at == ' ' || *at == '\t'));
	return (size_t)(at - from);
}

bool fields_add(struct words *words, struct boundaries *boundaries,
		const struct print_source *source, const char *header, size_t length)
{
	const char *at = header, *end = header + length;

	while (at < end) {
		size_t whole = field_length(at, end), name;
		const char *colon = memchr(at, ':', whole);
		enum field_kind kind;

		if (trim(at, whole) == 0) {
			add(words, at, (size_t)(end - at));
			return true;
		}
		if (colon == NULL)
			return false;
		name = trim(at, (size_t)(colon - at));
		kind = kind_of(at, name, source != NULL);
		add(words, at, (size_t)(colon + 1 - at));
		if (kind == FIELD_TYPE)
			add_type(words, boundaries, colon + 1, whole - (size_t)(colon + 1 - at));
		else
			add_value(words, kind, source, colon + 1, whole - (size_t)(colon + 1 - at));
		at += whole;
	}
	return true;
}
