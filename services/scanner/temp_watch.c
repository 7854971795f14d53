/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions that libclamav imports to make and write files, with a memory for failures. */
#undef _FORTIFY_SOURCE /* its inline open64 would be a second definition */
#include "services/scanner/temp_watch.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* libclamav's threads write too; what stands in for the C library has no other place for it. */
static _Atomic int first_error;

void temp_watch_begin(void)
{
	first_error = 0;
}

int temp_watch_error(void)
{
	return first_error;
}

void temp_watch_note(int error)
{
	int none = 0;

	atomic_compare_exchange_strong(&first_error, &none, error);
}

static void note(void)
{
	if (errno != EINTR && errno != EAGAIN)
		temp_watch_note(errno);
}

/* The C library's own function of that name, put where `function` points. */
static void find_next(const char *name, void *function, size_t size)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, size);
}

static mode_t mode_of(int flags, va_list arguments)
{
	return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

static int open_watched(int directory, const char *path, int flags, mode_t mode)
{
	int fd = (int)syscall(SYS_openat, directory, path, flags, mode);

	if (fd < 0 && ((flags & O_CREAT) || errno == EMFILE || errno == ENFILE))
		note();
	return fd;
}

int open64(const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_watched(AT_FDCWD, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = mode_of(flags, arguments);
	va_end(arguments);
	return open_watched(directory, path, flags, mode);
}

int mkdir(const char *path, mode_t mode)
{
	int result = (int)syscall(SYS_mkdir, path, mode);

	if (result < 0 && errno != EEXIST)
		note();
	return result;
}

ssize_t write(int fd, const void *data, size_t length)
{
	ssize_t written = syscall(SYS_write, fd, data, length);

	if (written < 0)
		note();
	return written;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
	ssize_t written = syscall(SYS_pwrite64, fd, data, length, offset);

	if (written < 0)
		note();
	return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	ssize_t written = syscall(SYS_writev, fd, parts, count);

	if (written < 0)
		note();
	return written;
}

int ftruncate64(int fd, off64_t length)
{
	int result = (int)syscall(SYS_ftruncate, fd, length);

	if (result < 0)
		note();
	return result;
}

FILE *fopen64(const char *path, const char *mode)
{
	FILE *(*next)(const char *, const char *);
	FILE *file;

	find_next("fopen64", &next, sizeof(next));
	file = next(path, mode);
	if (file == NULL && mode[0] != 'r')
		note();
	return file;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *file)
{
	size_t (*next)(const void *, size_t, size_t, FILE *);
	size_t written;

	find_next("fwrite", &next, sizeof(next));
	written = next(data, size, count, file);
	if (written < count)
		note();
	return written;
}

int fclose(FILE *file)
{
	int (*next)(FILE *);
	int result;

	find_next("fclose", &next, sizeof(next));
	result = next(file);
	if (result != 0)
		note();
	return result;
}
