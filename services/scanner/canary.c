/* SPDX-License-Identifier: BSD-2-Clause */
/* The EICAR test file, deflated in a zip in base64, so that no scanner takes this source for an infected file. */
#include "services/scanner/canary.h"
#include <string.h>

static const char canary[] =
    "Received: from easymail by easymail; Sat, 1 Jan 2000 00:00:00 +0000\r\n"
    "From: canary@easymail.invalid\r\n"
    "Subject: canary\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"cage\"\r\n"
    "\r\n"
    "--cage\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "A worker that does not find what is in the archive must not scan mail.\r\n"
    "--cage\r\n"
    "Content-Type: application/zip; name=\"canary.zip\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "UEsDBBQAAAAIAAAAISg8z1FoRgAAAEQAAAAKAAAAY2FuYXJ5LmNvbYsw9VcMUHVw\r\n"
    "DIg2iQmIijA10QiI0zR3dtY0r1Vx9XR2DNINDnH0c3EMctF19AvxDPMMCg3WDXEN\r\n"
    "DtF18/RxVVTx0PbQAgBQSwECFAMUAAAACAAAACEoPM9RaEYAAABEAAAACgAAAAAA\r\n"
    "AAAAAAAAgAEAAAAAY2FuYXJ5LmNvbVBLBQYAAAAAAQABADgAAABuAAAAAAA=\r\n"
    "--cage--\r\n";

bool canary_new(struct spool **spool_r, struct error *err)
{
	size_t length = strlen(canary);

	if (!spool_new(length, spool_r, err))
		return false;
	if (spool_append(*spool_r, canary, length, err) && spool_seal(*spool_r, err))
		return true;
	spool_free(*spool_r);
	return false;
}
