// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * slots.c - a slot for every frame: their memory, and who looks at them all
 *
 * Mapped once for a number of frames and kept over boots; shutdown clears the
 * chunks that were used, so that a small run costs little.
 */
#include "check/internal.h"

#include <string.h>
#include <sys/mman.h>

struct pp_slot *pp_slots;
unsigned char *pp_slots_used;

static unsigned long nr_slots;		/* mapped now */

/* -- all tokens -- */

static bool each_of_slot(unsigned long pfn,
			 bool (*fn)(unsigned long pfn, struct pp_token *token,
				    void *priv), void *priv)
{
	struct pp_slot *slot = &pp_slots[pfn];
	struct pp_token_node *node;
	bool go_on = true;

	pp_cspin_lock(&slot->lock);
	if (slot->first.acq)
		go_on = fn(pfn, &slot->first, priv);
	for (node = slot->more; node && go_on; node = node->next)
		go_on = fn(pfn, &node->token, priv);
	pp_cspin_unlock(&slot->lock);
	return go_on;
}

void pp_ledger_each(bool (*fn)(unsigned long pfn, struct pp_token *token,
			       void *priv), void *priv)
{
	unsigned long pfn;

	if (!pp_slots)
		return;
	for (pfn = 0; pfn < nr_slots; pfn++) {
		if (!READ_ONCE(pp_slots_used[pfn / PP_SLOT_CHUNK])) {
			pfn |= PP_SLOT_CHUNK - 1;
			continue;
		}
		if (!each_of_slot(pfn, fn, priv))
			return;
	}
}

static bool count_token(unsigned long pfn, struct pp_token *token, void *priv)
{
	(void)pfn;
	*(unsigned long *)priv += token->nr;
	return true;
}

unsigned long pinpage_ledger_live(void)
{
	unsigned long nr = 0;

	if (pp_check_mask)
		pp_ledger_each(count_token, &nr);
	return nr;
}

static void add_to(struct pinpage_tokens *tokens, const struct pp_token *token)
{
	const struct pp_acq *acq = token->acq;

	if (acq->kind == PP_TOKEN_GET) {
		tokens->gets += token->nr;
		return;
	}
	tokens->pins += token->nr;
	if (acq->flags & PINPAGE_EVF_WRITE)
		tokens->pins_write += token->nr;
	if (acq->flags & PINPAGE_EVF_LONGTERM)
		tokens->pins_longterm += token->nr;
}

int pinpage_ledger_tokens(const struct page *page,
			  struct pinpage_tokens *tokens)
{
	struct pp_token_node *node;
	struct pp_slot *slot;

	if (!tokens || !pp_page_valid(page))
		return -EINVAL;
	if (!pp_check_mask)
		return -EOPNOTSUPP;
	memset(tokens, 0, sizeof(*tokens));
	slot = pp_slot_peek(compound_head(page));
	if (!slot)
		return 0;
	pp_cspin_lock(&slot->lock);
	if (slot->first.acq)
		add_to(tokens, &slot->first);
	for (node = slot->more; node; node = node->next)
		add_to(tokens, &node->token);
	pp_cspin_unlock(&slot->lock);
	return 0;
}

/* -- memory of the slots: mapped once, cleared where it was used -- */

static unsigned long used_bytes(unsigned long nr)
{
	return DIV_ROUND_UP(nr, (unsigned long)PP_SLOT_CHUNK);
}

static void slots_unmap(void)
{
	if (pp_slots)
		munmap(pp_slots, nr_slots * sizeof(*pp_slots));
	if (pp_slots_used)
		munmap(pp_slots_used, used_bytes(nr_slots));
	pp_slots = NULL;
	pp_slots_used = NULL;
	nr_slots = 0;
}

/* the mappings go with the library, for the sake of leak checkers */
__attribute__((destructor)) static void slots_exit(void)
{
	slots_unmap();
}

static void *map_zeroes(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/**
 * pp_ledger_boot() - a slot for every frame
 *
 * Context: boot, the page room is up. Locking: none.
 * Return:  0, -ENOMEM.
 */
int pp_ledger_boot(void)
{
	unsigned long nr = pp_nr_frames;

	if (pp_alloc_should_fail())
		return -ENOMEM;
	if (nr == nr_slots)
		return 0;
	slots_unmap();
	if (!nr)
		return -ENOMEM;
	nr_slots = nr;
	pp_slots = map_zeroes(nr * sizeof(*pp_slots));
	pp_slots_used = map_zeroes(used_bytes(nr));
	if (pp_slots && pp_slots_used)
		return 0;
	slots_unmap();
	return -ENOMEM;
}

/* Drops what tokens are left and clears what was used. */
void pp_ledger_shutdown(void)
{
	unsigned long chunk, pfn, first, behind;

	for (chunk = 0; chunk < used_bytes(nr_slots); chunk++) {
		if (!pp_slots_used[chunk])
			continue;
		first = chunk * PP_SLOT_CHUNK;
		behind = min(first + PP_SLOT_CHUNK, nr_slots);
		for (pfn = first; pfn < behind; pfn++)
			pp_slot_drop_all(&pp_slots[pfn]);
		memset(&pp_slots[first], 0,
		       (behind - first) * sizeof(*pp_slots));
		pp_slots_used[chunk] = 0;
	}
}
