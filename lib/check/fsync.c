// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fsync.c - CLEAN: what a successful fsync vouches for
 *
 * A page found dirty when fsync begins must have met a write-back when it
 * ends well. What was written by then is promised: it must be on storage
 * after a power cut, which pinpage_check_clean_now() looks at.
 */
#include "check/internal.h"

#include <string.h>

static atomic64_t tickets;

void pp_fsync_boot(void)
{
	atomic64_set(&tickets, 0);
}

/*
 * Was the page dirty before this moment? The flag alone is not enough: whoever
 * has set it and not yet the tag is still on the way, and this fsync may miss
 * the page.
 */
static bool dirty_by_now(const struct pinpage_event *event, const struct pp_shadow *s)
{
	bool tagged;

	if (!PageDirty(pfn_to_page(s->pfn)))
		return false;
	pinpage_rcu_read_lock();
	tagged = pp_xa_get_mark(&event->mapping->i_pages, s->index, PP_TAG_DIRTY);
	pinpage_rcu_read_unlock();
	return tagged;
}

void pp_fsync_started(const struct pinpage_event *event)
{
	struct pp_check_task *mine = pp_check_task(true);
	uint64_t ticket = (uint64_t)atomic64_inc_return(&tickets);
	struct pp_cfile *file;
	struct pp_shadow *s;

	if (!mine)
		return;
	mine->fsync_ticket = ticket;
	pp_cspin_lock(&pp_files_lock);
	file = *pp_file_link(event->mapping);
	if (file)
		list_for_each_entry(s, &file->pages, link) {
			struct pp_slot *slot = &pp_slots[s->pfn];

			pp_cspin_lock(&slot->lock);
			if (!s->pending && dirty_by_now(event, s))
				s->pending = ticket;
			pp_cspin_unlock(&slot->lock);
		}
	pp_cspin_unlock(&pp_files_lock);
}

static bool in_range(const struct pinpage_event *event, unsigned long index)
{
	unsigned long nr = (event->len >> PAGE_SHIFT) + 1;

	return index >= event->index && index - event->index <= nr;
}

static void fsync_lied(const struct pinpage_event *event,
		       const struct pp_slot *slot, const struct pp_shadow *s,
		       uint64_t step)
{
	struct pinpage_event at = *event;
	struct pp_finding f = {
		.rule = "fsync-lied", .site = event->site,
		.partner = s->dirty_site, .partner_is = "dirtied here",
		.headline = "fsync succeeded, but a page dirtied before it was not written",
		.consequence = "a power cut now loses bytes that fsync vouched for",
		.rule_switch = "writeback_pinned",
	};

	at.page = pfn_to_page(s->pfn);
	at.index = s->index;
	pp_clean_lost(&at, slot, &f, step);
}

static void vouch(const struct pinpage_event *event, struct pp_slot *slot,
		  struct pp_shadow *s, uint64_t ticket, uint64_t step)
{
	bool unwritten = s->pending && s->pending <= ticket &&
			 PageDirty(pfn_to_page(s->pfn));

	if (event->flags & PINPAGE_EVF_ERROR) {
		s->failed = true;
		s->pending = 0;
		return;
	}
	if (unwritten && in_range(event, s->index) && !s->wb && !s->doomed) {
		fsync_lied(event, slot, s, step);
		s->pending = 0;
	}
	if (!s->valid || s->failed || s->wb || s->nr_alts || s->vague ||
	    !in_range(event, s->index))
		return;
	s->promised = s->durable;
	s->has_promise = true;
}

void pp_fsync_ended(const struct pinpage_event *event, uint64_t step)
{
	struct pp_check_task *mine = pp_check_task(false);
	uint64_t ticket = mine ? mine->fsync_ticket : 0;
	struct pp_cfile *file;
	struct pp_shadow *s;

	pp_cspin_lock(&pp_files_lock);
	file = *pp_file_link(event->mapping);
	if (file)
		list_for_each_entry(s, &file->pages, link) {
			struct pp_slot *slot = &pp_slots[s->pfn];

			pp_cspin_lock(&slot->lock);
			vouch(event, slot, s, ticket, step);
			pp_cspin_unlock(&slot->lock);
		}
	pp_cspin_unlock(&pp_files_lock);
}

/* -- comparing on demand -- */

struct sample {
	struct address_space *mapping;
	struct page *page;
	unsigned long index;
	uint64_t promised, durable;
	const void *site, *partner;
	bool has_promise, differs;
};

static bool sample_one(struct sample *to, struct pp_shadow *s)
{
	struct pp_slot *slot = &pp_slots[s->pfn];
	struct page *head = pfn_to_page(s->pfn);
	bool idle;

	pp_cspin_lock(&slot->lock);
	idle = s->valid && !PageDirty(head) && !s->announced && !s->cleaning &&
	       !s->wb && !s->failed && !s->doomed &&
	       !(slot->bits & PP_SLOT_BLIND) && !pp_slot_writer(slot);
	*to = (struct sample){
		.mapping = s->file->mapping, .page = head, .index = s->index,
		.promised = s->promised, .durable = s->durable,
		.has_promise = s->has_promise && !s->failed,
		.differs = idle && pp_shadow_compare(s, pp_hash_shadow(s)) == PP_DIFFERENT,
		.site = s->release_site ? s->release_site : s->store_site,
		.partner = s->acquire_site,
	};
	pp_cspin_unlock(&slot->lock);
	return to->has_promise || to->differs;
}

static size_t sample_all(struct sample *samples, size_t room)
{
	struct pp_cfile *file;
	struct pp_shadow *s;
	size_t i, nr = 0;

	pp_cspin_lock(&pp_files_lock);
	for (i = 0; i < ARRAY_SIZE(pp_files); i++)
		for (file = pp_files[i]; file; file = file->next)
			list_for_each_entry(s, &file->pages, link)
				if (!samples)
					nr++;
				else if (nr < room)
					nr += sample_one(&samples[nr], s);
	pp_cspin_unlock(&pp_files_lock);
	return nr;
}

static void verify_promise(const struct sample *sample, void *buf)
{
	struct inode *inode = sample->mapping->host;
	ssize_t got;
	uint64_t hash;

	if (!sample->mapping->a_ops->durable_read)
		return;
	got = sample->mapping->a_ops->durable_read(inode, buf, PAGE_SIZE,
			(loff_pp)sample->index << PAGE_SHIFT);
	if (got < 0)
		return;
	memset((char *)buf + got, 0, PAGE_SIZE - (size_t)got);
	hash = pp_hash_bytes(buf, pp_valid_bytes(sample->mapping, sample->index));
	if (hash == sample->promised || hash == sample->durable)
		return;
	pp_raise(&(struct pp_finding){
		.probe = PINPAGE_CHECK_CLEAN, .rule = "fsync-lied",
		.severity = PINPAGE_LOST,
		.headline = "storage lacks bytes that a successful fsync vouched for",
		.consequence = "they were lost with the device's volatile cache",
		.page = sample->page, .mapping = sample->mapping,
		.index = sample->index, .step = pp_check_step(),
	});
}

static void report_difference(const struct sample *sample)
{
	pp_raise(&(struct pp_finding){
		.probe = PINPAGE_CHECK_CLEAN, .rule = "clean-differs",
		.severity = PINPAGE_HAZARD,
		.headline = "a clean page differs from its file, and nobody holds it for writing",
		.consequence = "who drops the page drops the bytes",
		.site = sample->site, .partner = sample->partner,
		.partner_is = "acquired for writing here",
		.page = sample->page, .mapping = sample->mapping,
		.index = sample->index, .step = pp_check_step(),
		.rule_switch = "dirty_duty",
		.advice = "mark pages dirty after the last store, then release",
	});
}

/* public, see the header */
void pinpage_check_clean_now(void)
{
	struct sample *samples;
	size_t i, nr;
	void *buf;

	if (!(pp_check_mask & PINPAGE_CHECK_CLEAN))
		return;
	nr = sample_all(NULL, 0);
	samples = pp_calloc(nr + 1, sizeof(*samples));
	buf = pp_alloc(PAGE_SIZE);
	nr = samples && buf ? sample_all(samples, nr) : 0;
	for (i = 0; i < nr; i++) {
		if (samples[i].differs)
			report_difference(&samples[i]);
		if (samples[i].has_promise)
			verify_promise(&samples[i], buf);
	}
	pp_free(samples);
	pp_free(buf);
	pp_verdict_flush();
}
