/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts put together, in a worker. Nothing here fails: what is beyond a limit (counts, octets, memory) is left
 * out, and the facts say so by MALFORMED_TOO_…. Texts are copied, and made UTF-8 by U+FFFD where they are not.
 */
#ifndef EASYMAIL_FACTS_BUILDER_H
#define EASYMAIL_FACTS_BUILDER_H

#include "common/message_facts.h"
#include "common/spool.h"

#define FACTS_PARTS_MAX      6000
#define FACTS_NAMES_MAX      20000
#define FACTS_PART_NAMES_MAX 32
#define FACTS_HEADERS_MAX    2000
#define FACTS_MEMBERS_MAX    10000
#define FACTS_URLS_MAX       2000
#define FACTS_POOL_BYTES     ((size_t)8 << 20)

struct facts_builder;

struct facts_builder *facts_builder_new(size_t message_length); /* NULL: out of memory */
void facts_builder_free(struct facts_builder *builder);         /* takes NULL */

/* The next part, which gets the next number: 0 when there is no room. Its content and names come by the
 * functions below; texts that are NULL are "". */
unsigned facts_builder_part(struct facts_builder *builder, const struct facts_part *part)
    __attribute__((nonnull));
unsigned facts_builder_count(const struct facts_builder *builder) __attribute__((nonnull));

/* Of the newest part: size, hash, detected, text, text_cut, encrypted, attachment, malformed. */
void facts_builder_content(struct facts_builder *builder, const struct facts_part *content)
    __attribute__((nonnull));
/* Of the newest part; one that it has already is not taken again. */
void facts_builder_name(struct facts_builder *builder, const char *name, size_t length)
    __attribute__((nonnull));

/* More that is wrong with a part; 0: with the message as a whole. */
void facts_builder_malformed(struct facts_builder *builder, unsigned part, uint64_t malformed)
    __attribute__((nonnull));

void facts_builder_header(struct facts_builder *builder, const char *name, const char *value)
    __attribute__((nonnull));
/* A member of an archive that the newest part is or holds; its number, 0: no room. */
unsigned facts_builder_member(struct facts_builder *builder, const struct facts_member *member)
    __attribute__((nonnull));
/* What is known of it later; `detected` NULL: nothing new of that. */
void facts_builder_member_detected(struct facts_builder *builder, unsigned number,
				   const char *detected, uint64_t malformed)
    __attribute__((nonnull(1)));
/* A URL in the newest part; one that it has already is not taken again. */
void facts_builder_url(struct facts_builder *builder, const char *text, const char *host)
    __attribute__((nonnull));

/* All of it into a spool, sealed; to be done once. */
bool facts_builder_write(struct facts_builder *builder, struct spool *spool, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
