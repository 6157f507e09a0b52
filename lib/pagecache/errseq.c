// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * errseq.c - write-back errors: each is reported once to every open file
 *
 * A word holds the newest error (bits 0 to 11), whether somebody has seen it
 * (bit 12) and a counter above, which moves only when a seen error is
 * followed by another. A file keeps the value that it saw last.
 *
 * I1. Two values are equal only if no error that matters came in between.
 * I2. An error that nobody has seen is reported to files opened after it too.
 */
#include "pagecache/internal.h"

#define ERRSEQ_ERRNO	0xfffu
#define ERRSEQ_SEEN	0x1000u
#define ERRSEQ_STEP	0x2000u

/**
 * pp_errseq_set() - record an error
 * @seq:   the mapping's word
 * @error: -errno; 0 and values that are no errno are ignored
 *
 * Context: any. Locking: none.
 * Mirrors: lib/errseq.c:errseq_set()
 */
void pp_errseq_set(uint32_t *seq, int error)
{
	uint32_t old = READ_ONCE(*seq);
	uint32_t val;

	if (error >= 0 || error < -MAX_ERRNO)
		return;
	do {
		val = (old & ~(ERRSEQ_ERRNO | ERRSEQ_SEEN)) | (uint32_t)-error;
		if (old & ERRSEQ_SEEN)
			val += ERRSEQ_STEP;
		if (val == old)
			return;
	} while (!try_cmpxchg(seq, &old, val));
}

/**
 * pp_errseq_sample() - the cursor of a file that is being opened
 * @seq: the mapping's word
 *
 * Context: any. Locking: none.
 * Return: the word, or 0 if its error has not been seen by anybody yet
 * Mirrors: lib/errseq.c:errseq_sample()
 */
uint32_t pp_errseq_sample(const uint32_t *seq)
{
	uint32_t val = READ_ONCE(*seq);

	return val & ERRSEQ_SEEN ? val : 0;
}

/**
 * pp_errseq_check_and_advance() - report what came since the cursor, once
 * @seq:   the mapping's word
 * @since: the cursor; the caller serialises
 *
 * Context: any. Locking: two callers with one cursor exclude each other.
 * Return: 0 or the newest -errno
 * Mirrors: lib/errseq.c:errseq_check_and_advance()
 */
int pp_errseq_check_and_advance(uint32_t *seq, uint32_t *since)
{
	uint32_t old = READ_ONCE(*seq);
	uint32_t val;

	if (old == READ_ONCE(*since))
		return 0;
	val = old | ERRSEQ_SEEN;
	/* An error that comes right now is reported by the next call. */
	if (val != old)
		cmpxchg(seq, old, val);
	WRITE_ONCE(*since, val);
	return -(int)(val & ERRSEQ_ERRNO);
}

/**
 * pp_mapping_set_error() - remember that data of a file could not be written
 * @mapping: the file's mapping
 * @error:   -errno; 0 is ignored
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/pagemap.h:mapping_set_error()
 */
void pp_mapping_set_error(struct address_space *mapping, int error)
{
	if (likely(error >= 0))
		return;
	pp_errseq_set(&mapping->wb_err, error);
	set_bit(error == -ENOSPC ? PP_AS_ENOSPC : PP_AS_EIO, &mapping->as_flags);
}

/**
 * pp_file_check_error() - the error that this open file has not reported yet
 * @file: open file
 *
 * Also takes back the flags that pinpage_filemap_fdatawait() would report.
 *
 * Context: any. Locking: none.
 * Return: 0 or the newest -errno recorded since the last report (or open)
 * Mirrors: mm/filemap.c:file_check_and_advance_wb_err()
 */
int pp_file_check_error(struct file *file)
{
	struct address_space *mapping = file->f_mapping;
	int ret;

	ret = pp_errseq_check_and_advance(&mapping->wb_err, &file->f_wb_err);
	if (ret) {
		clear_bit(PP_AS_EIO, &mapping->as_flags);
		clear_bit(PP_AS_ENOSPC, &mapping->as_flags);
	}
	return ret;
}

/**
 * pp_filemap_check_errors() - errors for a caller that has no open file
 * @mapping: the file's mapping
 *
 * Context: any. Locking: none.
 * Return: 0, -ENOSPC, or -EIO; each reported once
 * Mirrors: mm/filemap.c:filemap_check_errors()
 */
int pp_filemap_check_errors(struct address_space *mapping)
{
	int ret = 0;

	if (test_and_clear_bit(PP_AS_ENOSPC, &mapping->as_flags))
		ret = -ENOSPC;
	if (test_and_clear_bit(PP_AS_EIO, &mapping->as_flags))
		ret = -EIO;
	return ret;
}
