/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting bits. */
#include "services/monitor/evidence.h"

static uint32_t mask(unsigned looks)
{
	return looks >= 32 ? UINT32_MAX : (UINT32_C(1) << looks) - 1;
}

/* The verdict that the looks give now. */
static bool judge(const struct evidence *evidence, const struct evidence_rules *rules)
{
	uint32_t recent = evidence->history & mask(evidence->looks);

	if (evidence->bad)
		return evidence->looks < rules->well || (recent & mask(rules->well)) != 0;
	return (unsigned)__builtin_popcount(recent & mask(rules->window)) >= rules->bad;
}

bool evidence_note(struct evidence *evidence, enum sight sight, const struct evidence_rules *rules)
{
	bool before = evidence->bad;

	if (sight == SIGHT_UNKNOWN)
		return false;
	evidence->history = evidence->history << 1 | (sight == SIGHT_BAD);
	if (evidence->looks < EVIDENCE_LOOKS_MAX)
		evidence->looks++;
	evidence->bad = judge(evidence, rules);
	if (evidence->bad != before)
		*evidence = (struct evidence){.bad = evidence->bad};
	else if (!evidence->bad && (evidence->history & mask(rules->window)) == 0)
		*evidence = (struct evidence){0};
	return evidence->bad != before;
}

bool evidence_is_blank(const struct evidence *evidence)
{
	return !evidence->bad && evidence->looks == 0;
}

bool evidence_is_in_doubt(const struct evidence *evidence)
{
	return !evidence->bad && evidence->looks > 0;
}
