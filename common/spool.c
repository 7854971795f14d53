/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in sealed memfds (memfd_create(2), F_ADD_SEALS of fcntl(2)). */
#include "common/spool.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE 16384
#define COPY_BYTES  120000 /* malloc(3) maps what is longer, too */
#define SEALS       (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

struct spool {
	int fd;
	size_t limit;
	size_t length; /* with what is buffered */
	size_t buffered;
	bool failed;
	bool over_limit;
	char buffer[BUFFER_SIZE];
};

/* Kernels before 6.3 do not know the flag that forbids to execute it. */
static int memfd_open(void)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("easymail-message", flags | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("easymail-message", flags) : fd;
}

bool spool_new(size_t limit, struct spool **spool_r, struct error *err)
{
	struct spool *spool = calloc(1, sizeof(*spool));

	if (spool == NULL)
		return error_set(err, "spool: out of memory");
	spool->limit = limit;
	spool->fd = memfd_open();
	if (spool->fd < 0) {
		free(spool);
		return error_set(err, "spool: memfd_create: %s", strerror(errno));
	}
	*spool_r = spool;
	return true;
}

void spool_free(struct spool *spool)
{
	if (spool == NULL)
		return;
	close(spool->fd);
	free(spool);
}

static bool spool_write(struct spool *spool, const char *data, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t written = write(spool->fd, data, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			spool->failed = true;
			return error_set(err, "spool: write: %s", strerror(errno));
		}
		data += written;
		length -= (size_t)written;
	}
	return true;
}

static bool spool_flush(struct spool *spool, struct error *err)
{
	size_t length = spool->buffered;

	spool->buffered = 0;
	return spool_write(spool, spool->buffer, length, err);
}

bool spool_append(struct spool *spool, const void *data, size_t length, struct error *err)
{
	if (spool->failed)
		return error_set(err, "spool: an earlier write failed");
	if (length > spool->limit - spool->length) {
		spool->failed = spool->over_limit = true;
		return error_set(err, "the message is larger than %zu octets", spool->limit);
	}
	spool->length += length;
	if (length > BUFFER_SIZE - spool->buffered && !spool_flush(spool, err))
		return false;
	if (length >= BUFFER_SIZE)
		return spool_write(spool, data, length, err);
	memcpy(spool->buffer + spool->buffered, data, length);
	spool->buffered += length;
	return true;
}

bool spool_seal(struct spool *spool, struct error *err)
{
	if (spool->failed)
		return error_set(err, "spool: an earlier write failed");
	if (!spool_flush(spool, err))
		return false;
	if (fcntl(spool->fd, F_ADD_SEALS, SEALS) != 0) {
		spool->failed = true;
		return error_set(err, "spool: F_ADD_SEALS: %s", strerror(errno));
	}
	return true;
}

int spool_fd(const struct spool *spool)
{
	return spool->fd;
}

size_t spool_length(const struct spool *spool)
{
	return spool->length;
}

bool spool_is_over_limit(const struct spool *spool)
{
	return spool->over_limit;
}

bool spool_check(int fd, size_t limit, size_t *length_r, struct error *err)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;

	if (seals < 0 || (seals & SEALS) != SEALS)
		return error_set(err, "the message did not come as a sealed memfd");
	if (fstat(fd, &status) != 0)
		return error_set(err, "the message's memfd: %s", strerror(errno));
	if (status.st_size < 0 || (size_t)status.st_size > limit)
		return error_set(err, "the message has %lld octets, more than %zu",
				 (long long)status.st_size, limit);
	*length_r = (size_t)status.st_size;
	return true;
}

static bool read_all(int fd, char *data, size_t length, struct error *err)
{
	size_t at = 0;

	while (at < length) {
		ssize_t got = pread(fd, data + at, length - at, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(err, "memfd: %s", got < 0 ? strerror(errno) : "too short");
		at += (size_t)got;
	}
	return true;
}

bool spool_view_open(int fd, size_t length, struct spool_view *view_r, struct error *err)
{
	bool mapped = length > COPY_BYTES;
	char *data = mapped ? mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0)
			    : malloc(length + 1);

	*view_r = (struct spool_view){.data = NULL};
	if (mapped ? data == MAP_FAILED : data == NULL)
		return error_set(err, "memfd: %s", strerror(errno));
	if (!mapped && !read_all(fd, data, length, err)) {
		free(data);
		return false;
	}
	*view_r = (struct spool_view){data, length, mapped};
	return true;
}

void spool_view_close(struct spool_view *view)
{
	void *data = (void *)(uintptr_t)view->data;

	if (view->mapped)
		munmap(data, view->length);
	else
		free(data);
	*view = (struct spool_view){.data = NULL};
}
