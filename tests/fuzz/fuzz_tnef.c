/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the reading of winmail.dat: all that is visited lies within the stream, and each file only once. */
#include "services/scanner/tnef.h"
#include "tests/fuzz/fuzz.h"

struct stream {
	const char *data;
	size_t size, files;
};

static bool visit(void *context, const struct tnef_file *file)
{
	struct stream *stream = context;

	MUST(file->length == 0 || (file->data >= stream->data &&
				   file->data + file->length <= stream->data + stream->size));
	MUST(file->name_length == 0 ||
	     (file->name >= stream->data &&
	      file->name + file->name_length <= stream->data + stream->size));
	stream->files++;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream stream = {.data = (const char *)data, .size = size};
	bool sound = tnef_read(stream.data, size, visit, &stream);

	MUST(tnef_is_one(stream.data, size) || (!sound && stream.files == 0));
	MUST(stream.files <= size / 8 + 1); /* a value that has an octet, padded */
	return 0;
}
