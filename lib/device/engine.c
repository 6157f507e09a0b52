// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device/engine.c - the DMA engine: one task a device, jobs in order
 *
 * I1. A job is on the queue, or in the hands of the engine, or its @done is
 *     completed; from there on the engine does not look at it any more.
 * I2. job->next is not NULL exactly while the job is on the queue or in work.
 */
#include <limits.h>

#include "device/device.h"

/* end of the queue, and the mark of the job in work */
#define JOB_LAST	((struct pinpage_dma_job *)(uintptr_t)1)

/* Where a job has got to in its list. */
struct cursor {
	struct pinpage_scatterlist *sg;
	unsigned int left;		/* entries, @sg included */
	size_t offset;			/* bytes done of @sg */
};

static bool list_covers(const struct pinpage_dma_job *job)
{
	struct pinpage_scatterlist *sg = job->sgl;
	unsigned int left = job->nents;
	size_t sum = 0;

	for (; sg && left && sum < job->len; left--, sg = pinpage_sg_next(sg))
		sum += sg->dma_length;
	return sum >= job->len;
}

static bool job_ok(const struct pinpage_device *dev,
		   const struct pinpage_dma_job *job)
{
	if (dev && job && (job->buf || !job->len) && job->len <= INT_MAX &&
	    (!job->sgl || list_covers(job)))
		return true;
	pp_warn_once("dma_submit: device %s, job %p, buffer %p, %zu bytes",
		     pinpage_device_name(dev), (const void *)job,
		     job ? job->buf : NULL, job ? job->len : 0);
	return false;
}

int pinpage_dma_submit(struct pinpage_device *dev, struct pinpage_dma_job *job)
{
	int error = 0;

	if (!pp_ready() || !job_ok(dev, job))
		return -EINVAL;
	pinpage_spin_lock(&dev->lock);
	if (dev->dying) {
		error = -ESHUTDOWN;
	} else if (job->next) {
		error = -EBUSY;
	} else {
		job->result = 0;
		pinpage_init_completion(&job->done);
		job->next = JOB_LAST;
		*dev->tail = job;
		dev->tail = &job->next;
	}
	pinpage_spin_unlock(&dev->lock);
	if (!error)
		pinpage_wake_up(&dev->wake);
	else if (error == -EBUSY)
		pp_warn_once("%s: dma_submit: the job is queued already",
			     dev->name);
	return error;
}

int pinpage_dma_wait(struct pinpage_dma_job *job)
{
	if (!job) {
		pp_warn_once("dma_wait(NULL)");
		return -EINVAL;
	}
	pinpage_wait_for_completion(&job->done);
	return job->result;
}

/* Return: the next job, off the queue, or NULL. */
static struct pinpage_dma_job *take_job(struct pinpage_device *dev)
{
	struct pinpage_dma_job *job;

	pinpage_spin_lock(&dev->lock);
	job = dev->head;
	if (job) {
		dev->head = job->next == JOB_LAST ? NULL : job->next;
		if (!dev->head)
			dev->tail = &dev->head;
		job->next = JOB_LAST;
	}
	pinpage_spin_unlock(&dev->lock);
	return job;
}

/* Moves @len bytes of @buf to or from where the cursor stands. */
static int move_list(struct pinpage_device *dev, struct cursor *at, char *buf,
		     size_t len, bool to_memory)
{
	size_t n;
	int error;

	while (len) {
		while (at->left && at->offset == at->sg->dma_length) {
			at->sg = pinpage_sg_next(at->sg);
			at->left = at->sg ? at->left - 1 : 0;
			at->offset = 0;
		}
		if (!at->left)
			return -EFAULT;
		n = at->sg->dma_length - at->offset;
		if (n > len)
			n = len;
		error = pp_dma_access(dev, at->sg->dma_address + at->offset,
				      buf, n, to_memory);
		if (error)
			return error;
		at->offset += n;
		buf += n;
		len -= n;
	}
	return 0;
}

static int move_job(struct pinpage_device *dev, struct pinpage_dma_job *job)
{
	struct cursor at = { .sg = job->sgl, .left = job->nents };
	size_t chunk = job->chunk ? job->chunk : PAGE_SIZE;
	size_t done, n;
	int error;

	for (done = 0; done < job->len; done += n) {
		char *buf = (char *)job->buf + done;

		n = job->len - done < chunk ? job->len - done : chunk;
		if (job->sgl)
			error = move_list(dev, &at, buf, n, job->to_memory);
		else
			error = pp_dma_access(dev, job->addr + done, buf, n,
					      job->to_memory);
		if (error)
			return error;
	}
	return (int)done;
}

static void complete_job(struct pinpage_dma_job *job)
{
	job->next = NULL;
	if (job->complete) {
		if (job->softirq)
			pinpage_softirq_enter();
		job->complete(job);
		if (job->softirq)
			pinpage_softirq_exit();
	}
	pinpage_complete_all(&job->done);
}

static void run_job(struct pinpage_device *dev, struct pinpage_dma_job *job)
{
	struct pinpage_completion never;

	if (job->delay_ns) {
		pinpage_init_completion(&never);
		(void)pinpage_wait_for_completion_timeout(&never,
							  job->delay_ns);
	}
	job->result = move_job(dev, job);
	pp_emit(DMA_DONE, .arg = job->result, .len = job->len,
		.flags = (job->to_memory ? PINPAGE_EVF_WRITE : 0) |
			 (job->result < 0 ? PINPAGE_EVF_ERROR : 0),
		.name = dev->name);
	complete_job(job);
}

/**
 * pp_dma_engine() - body of a device's task
 * @arg: the device
 *
 * Ends when it is asked to and has no job left.
 *
 * Context: kthread. Locking: none. Return: 0.
 */
int pp_dma_engine(void *arg)
{
	struct pinpage_device *dev = arg;
	struct pinpage_dma_job *job;
	uint32_t seen;

	for (;;) {
		seen = pinpage_wait_prepare(&dev->wake);
		job = take_job(dev);
		if (job)
			run_job(dev, job);
		else if (pinpage_kthread_should_stop())
			return 0;
		else
			pinpage_wait_sleep(&dev->wake, seen);
	}
}

/**
 * pp_dma_cancel() - give up the jobs that a dead engine left
 *
 * Their callbacks are not called.
 * Context: the engine has ended. Locking: none. Return: nothing.
 */
void pp_dma_cancel(struct pinpage_device *dev)
{
	struct pinpage_dma_job *job;

	while ((job = take_job(dev))) {
		job->result = -ECANCELED;
		job->next = NULL;
		pinpage_complete_all(&job->done);
	}
}
