/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading mail: a thin cover over GMime. */
#include "common/mail_parts.h"
#include <gmime/gmime.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct mail {
	GMimeMessage *message; /* NULL: not even headers */
	size_t count;
	struct mail_part parts[MAIL_PARTS_MAX];
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

/* A text for reading line by line: no NUL, no CR. */
static char *clean_text(const char *octets, size_t length, size_t *length_r)
{
	char *text;
	size_t used = 0;

	length = length < MAIL_TEXT_MAX ? length : MAIL_TEXT_MAX;
	text = malloc(length + 1);
	if (text == NULL)
		abort();
	for (size_t i = 0; i < length; i++) {
		if (octets[i] != '\0' && octets[i] != '\r')
			text[used++] = octets[i];
	}
	text[used] = '\0';
	*length_r = used;
	return text;
}

static struct mail_part *new_part(struct mail *mail, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	struct mail_part *part = &mail->parts[mail->count++];
	char *name = type != NULL ? g_mime_content_type_get_mime_type(type) : NULL;

	snprintf(part->type, sizeof(part->type), "%s", name != NULL ? name : "");
	for (char *at = part->type; *at != '\0'; at++)
		*at = g_ascii_tolower(*at);
	g_free(name);
	return part;
}

static void take_octets(struct mail_part *part, GMimePart *object)
{
	GMimeDataWrapper *content = g_mime_part_get_content(object);
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *octets;

	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	part->text = clean_text((const char *)octets->data, octets->len, &part->length);
	g_object_unref(stream);
}

/* In UTF-8, unless its charset is not what it says. */
static void take_text(struct mail_part *part, GMimePart *object)
{
	char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(object));

	if (text == NULL) {
		take_octets(part, object);
		return;
	}
	part->text = clean_text(text, strlen(text), &part->length);
	g_free(text);
}

/* Of a message within, the headers as they were written. */
static void take_headers(struct mail_part *part, GMimeMessagePart *object)
{
	GMimeMessage *inner = g_mime_message_part_get_message(object);
	char *text = inner != NULL ? g_mime_object_get_headers(GMIME_OBJECT(inner), NULL) : NULL;

	part->text =
	    clean_text(text != NULL ? text : "", text != NULL ? strlen(text) : 0, &part->length);
	g_free(text);
}

static void take_part(struct mail *mail, GMimeObject *object)
{
	struct mail_part *part = new_part(mail, object);

	if (GMIME_IS_MESSAGE_PART(object))
		take_headers(part, GMIME_MESSAGE_PART(object));
	else if (GMIME_IS_TEXT_PART(object))
		take_text(part, GMIME_PART(object));
	else if (GMIME_IS_PART(object) && strncmp(part->type, "message/", 8) == 0)
		take_octets(part, GMIME_PART(object));
	else
		part->text = clean_text("", 0, &part->length);
}

static void walk(struct mail *mail, GMimeObject *object, int depth)
{
	GMimeMultipart *multipart;
	int count;

	if (object == NULL || depth > MAIL_DEPTH_MAX || mail->count == MAIL_PARTS_MAX)
		return;
	if (!GMIME_IS_MULTIPART(object)) {
		take_part(mail, object);
		return;
	}
	multipart = GMIME_MULTIPART(object);
	count = g_mime_multipart_get_count(multipart);
	for (int i = 0; i < count && mail->count < MAIL_PARTS_MAX; i++)
		walk(mail, g_mime_multipart_get_part(multipart, i), depth + 1);
}

struct mail *mail_read(const void *octets, size_t length)
{
	struct mail *mail = calloc(1, sizeof(*mail));
	GMimeStream *stream;
	GMimeParser *parser;

	if (mail == NULL)
		return NULL;
	pthread_once(&started, g_mime_init);
	stream = g_mime_stream_mem_new_with_buffer(octets,
						   length < MAIL_READ_MAX ? length : MAIL_READ_MAX);
	parser = g_mime_parser_new_with_stream(stream);
	mail->message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	if (mail->message != NULL)
		walk(mail, g_mime_message_get_mime_part(mail->message), 0);
	return mail;
}

void mail_free(struct mail *mail)
{
	if (mail == NULL)
		return;
	for (size_t i = 0; i < mail->count; i++)
		free(mail->parts[i].text);
	if (mail->message != NULL)
		g_object_unref(mail->message);
	free(mail);
}

void mail_header(const struct mail *mail, const char *name, char value_r[MAIL_HEADER_SIZE])
{
	const char *value = mail->message != NULL
				? g_mime_object_get_header(GMIME_OBJECT(mail->message), name)
				: NULL;

	snprintf(value_r, MAIL_HEADER_SIZE, "%s", value != NULL ? value : "");
	for (char *at = value_r; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ')
			*at = ' ';
	}
}

bool mail_type_is(const struct mail *mail, const char *type)
{
	GMimeObject *body =
	    mail->message != NULL ? g_mime_message_get_mime_part(mail->message) : NULL;
	GMimeContentType *content = body != NULL ? g_mime_object_get_content_type(body) : NULL;
	const char *report;

	if (content == NULL || !g_mime_content_type_is_type(content, "multipart", "report"))
		return false;
	report = g_mime_content_type_get_parameter(content, "report-type");
	return report != NULL && strcasecmp(report, type) == 0;
}

size_t mail_part_count(const struct mail *mail)
{
	return mail->count;
}

const struct mail_part *mail_part_at(const struct mail *mail, size_t index)
{
	return &mail->parts[index];
}

const struct mail_part *mail_part_of(const struct mail *mail, const char *type)
{
	for (size_t i = 0; i < mail->count; i++) {
		if (strcmp(mail->parts[i].type, type) == 0)
			return &mail->parts[i];
	}
	return NULL;
}

/* Appends a line's words to the value, folds and blanks as one blank. */
static void append_words(char *value, const char *line)
{
	size_t used = strlen(value);

	for (; *line != '\0' && *line != '\n' && used + 2 < MAIL_HEADER_SIZE; line++) {
		bool blank = (unsigned char)*line <= ' ';

		if (blank && (used == 0 || value[used - 1] == ' '))
			continue;
		value[used++] = blank ? ' ' : *line;
	}
	while (used > 0 && value[used - 1] == ' ')
		used--;
	value[used] = '\0';
}

bool mail_field(const char *text, const char *name, char value_r[MAIL_HEADER_SIZE])
{
	size_t length = strlen(name);

	value_r[0] = '\0';
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		append_words(value_r, line + length + 1);
		while ((line = strchr(line, '\n')) != NULL && (line[1] == ' ' || line[1] == '\t')) {
			strncat(value_r, " ", MAIL_HEADER_SIZE - strlen(value_r) - 1);
			append_words(value_r, ++line);
		}
		return true;
	}
	return false;
}
