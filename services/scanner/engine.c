/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libclamav, held to the truth. Left alone it says clean when it could not write a temporary file or
 * when a limit cut a scan short; so every alert is taken from the callback that sees each of them (the
 * return code names one only), and every error message and failed write makes the scan a failure.
 */
#include "services/scanner/engine.h"
#include "common/log.h"
#include "common/scan_protocol.h"
#include "services/scanner/temp_watch.h"
#include <clamav.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Phishing URL heuristics judge mail as a spam filter does; signatures of phishing mails stay. */
#define DATABASE_OPTIONS (CL_DB_PHISHING | CL_DB_BYTECODE)

struct engine {
	struct cl_engine *clam;
	unsigned signatures;
	char *directory;
	struct cl_stat files;
	bool has_files;
};

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* While signatures are loaded, libclamav's messages go to the log. */
static void on_load_message(enum cl_msg severity, const char *full, const char *text, void *context)
{
	(void)full;
	(void)context;
	if (severity != CL_MSG_INFO_VERBOSE)
		log_warning("libclamav: %.*s", (int)strcspn(text, "\n"), text);
}

/* Later each error is one of the scan, even where libclamav has lost the context; a worker has no log. */
static void on_scan_message(enum cl_msg severity, const char *full, const char *text, void *context)
{
	struct engine_finding *finding = context;

	(void)full;
	if (severity != CL_MSG_ERROR)
		return;
	if (finding == NULL)
		temp_watch_note(EIO);
	else if (finding->failure[0] == '\0')
		snprintf(finding->failure, sizeof(finding->failure), "libclamav: %.*s",
			 (int)strcspn(text, "\n"), text);
}

/* Each alert. Heuristics that we asked for are flags; the others are findings. */
static void on_found(int fd, const char *name, void *context)
{
	struct engine_finding *finding = context;

	(void)fd;
	if (finding == NULL || name == NULL)
		return;
	if (begins_with(name, "Heuristics.Limits.Exceeded.MaxScanTime"))
		snprintf(finding->failure, sizeof(finding->failure), "the scan took too long");
	else if (begins_with(name, "Heuristics.Limits.Exceeded"))
		finding->flags |= SCAN_OVER_LIMIT;
	else if (begins_with(name, "Heuristics.Encrypted.PDF"))
		finding->flags |= SCAN_ENCRYPTED_DOCUMENT;
	else if (begins_with(name, "Heuristics.Encrypted"))
		finding->flags |= SCAN_ENCRYPTED_ARCHIVE;
	else if (begins_with(name, "Heuristics.OLE2.ContainsMacros"))
		finding->flags |= SCAN_MACROS;
	else if (finding->signature[0] == '\0')
		snprintf(finding->signature, sizeof(finding->signature), "%s", name);
}

static bool set_number(struct cl_engine *clam, enum cl_engine_field field, uint64_t value,
		       struct error *err)
{
	cl_error_t rc = cl_engine_set_num(clam, field, (long long)value);

	return rc == CL_SUCCESS ||
	       error_set(err, "libclamav: setting %d: %s", (int)field, cl_strerror(rc));
}

/* MAX_SCANSIZE above MAX_FILESIZE would hide members that exceed the latter. libclamav's own cache of clean
 * files goes by MD5, of which two files can be made that share it. */
static bool configure(struct cl_engine *clam, const struct engine_limits *limits, struct error *err)
{
	return set_number(clam, CL_ENGINE_MAX_SCANSIZE, limits->scan_bytes, err) &&
	       set_number(clam, CL_ENGINE_MAX_FILESIZE, limits->scan_bytes, err) &&
	       set_number(clam, CL_ENGINE_MAX_FILES, limits->files, err) &&
	       set_number(clam, CL_ENGINE_MAX_RECURSION, limits->depth, err) &&
	       set_number(clam, CL_ENGINE_DISABLE_CACHE, 1, err);
}

static bool load_signatures(struct engine *engine, struct error *err)
{
	cl_error_t rc;

	rc = cl_load(engine->directory, engine->clam, &engine->signatures, DATABASE_OPTIONS);
	if (rc != CL_SUCCESS)
		return error_set(err, "signatures in %s: %s", engine->directory, cl_strerror(rc));
	if (engine->signatures == 0)
		return error_set(err, "signatures in %s: there are none; does freshclam run?",
				 engine->directory);
	cl_engine_set_clcb_virus_found(engine->clam, on_found);
	rc = cl_engine_compile(engine->clam);
	return rc == CL_SUCCESS ||
	       error_set(err, "signatures in %s: compile: %s", engine->directory, cl_strerror(rc));
}

static void watch_files(struct engine *engine)
{
	if (engine->has_files)
		cl_statfree(&engine->files);
	memset(&engine->files, 0, sizeof(engine->files));
	engine->has_files = cl_statinidir(engine->directory, &engine->files) == CL_SUCCESS;
}

bool engine_load(const char *directory, const struct engine_limits *limits,
		 struct engine **engine_r, struct error *err)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	cl_set_clcb_msg(on_load_message);
	if (engine == NULL || (engine->directory = strdup(directory)) == NULL ||
	    cl_init(CL_INIT_DEFAULT) != CL_SUCCESS || (engine->clam = cl_engine_new()) == NULL) {
		engine_free(engine);
		return error_set(err, "libclamav does not start");
	}
	watch_files(engine); /* before the load, so that no change is missed */
	if (!configure(engine->clam, limits, err) || !load_signatures(engine, err)) {
		engine_free(engine);
		return false;
	}
	cl_set_clcb_msg(on_scan_message);
	*engine_r = engine;
	return true;
}

void engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	if (engine->has_files)
		cl_statfree(&engine->files);
	if (engine->clam != NULL)
		cl_engine_free(engine->clam);
	free(engine->directory);
	free(engine);
}

unsigned engine_signatures(const struct engine *engine)
{
	return engine->signatures;
}

/* cl_statchkdir does not see that a file is gone; then there are fewer than there were. */
bool engine_is_outdated(struct engine *engine)
{
	bool changed = engine->has_files && cl_statchkdir(&engine->files) != 0;
	unsigned entries = engine->files.entries;
	bool had_files = engine->has_files;

	watch_files(engine);
	return changed || had_files != engine->has_files || entries != engine->files.entries;
}

bool engine_use_temp(struct engine *engine, const char *directory, struct error *err)
{
	cl_error_t rc = cl_engine_set_str(engine->clam, CL_ENGINE_TMPDIR, directory);

	return rc == CL_SUCCESS || error_set(err, "libclamav: TMPDIR: %s", cl_strerror(rc));
}

/* What the return code adds to what the callbacks saw. */
static void judge_code(cl_error_t rc, struct engine_finding *finding)
{
	bool explained = finding->signature[0] != '\0' || finding->flags != 0;

	if (rc == CL_SUCCESS || (rc == CL_VIRUS && explained) || finding->failure[0] != '\0')
		return;
	if (rc == CL_EMAXSIZE || rc == CL_EMAXFILES || rc == CL_EMAXREC)
		finding->flags |= SCAN_OVER_LIMIT;
	else
		snprintf(finding->failure, sizeof(finding->failure), "libclamav: %s",
			 cl_strerror(rc));
}

static void scan_map(struct engine *engine, cl_fmap_t *map, enum engine_reading reading,
		     struct engine_finding *finding)
{
	struct cl_scan_options options = {
	    .general = CL_SCAN_GENERAL_HEURISTICS,
	    .parse = reading == ENGINE_AS_FILE ? ~0u : ~(uint32_t)CL_SCAN_PARSE_MAIL,
	    .heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_MACROS |
			 CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE | CL_SCAN_HEURISTIC_ENCRYPTED_DOC,
	};
	const char *name = NULL;
	unsigned long scanned = 0;

	judge_code(cl_scanmap_callback(map, NULL, &name, &scanned, engine->clam, &options, finding),
		   finding);
}

void engine_scan(struct engine *engine, const void *data, size_t length,
		 enum engine_reading reading, int64_t timeout_ms, struct engine_finding *finding_r)
{
	struct error err;
	cl_fmap_t *map;

	memset(finding_r, 0, sizeof(*finding_r));
	if (length == 0)
		return;
	temp_watch_begin();
	map = cl_fmap_open_memory(data, length);
	if (map == NULL) {
		snprintf(finding_r->failure, sizeof(finding_r->failure), "libclamav: no map");
		return;
	}
	if (timeout_ms <= 0)
		snprintf(finding_r->failure, sizeof(finding_r->failure), "the scan took too long");
	else if (!set_number(engine->clam, CL_ENGINE_MAX_SCANTIME, (uint64_t)timeout_ms, &err))
		snprintf(finding_r->failure, sizeof(finding_r->failure), "%.150s", err.text);
	else
		scan_map(engine, map, reading, finding_r);
	cl_fmap_close(map);
	if (temp_watch_error() != 0)
		snprintf(finding_r->failure, sizeof(finding_r->failure), "temporary file: %s",
			 strerror(temp_watch_error()));
}
