// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "machine.h"

#define FROM	PINPAGE_DMA_FROM_DEVICE
#define SIZE	(3 * PAGE_SIZE)

static struct page *folio;		/* 4 pages, mapped for writing */
static pinpage_dma_addr_t addr;
static char bytes[SIZE];

static void mapped_up(void)
{
	folio = alloc_filled(2, 'a');
	addr = pinpage_dma_map_page(dev, folio, 0, SIZE, FROM);
	ck_assert_int_eq(pinpage_dma_mapping_error(dev, addr), 0);
	memset(bytes, 'b', sizeof(bytes));
}

static void mapped_down(void)
{
	pinpage_dma_unmap_page(dev, addr, SIZE, FROM);
	put_page(folio);
}

static void job_init(struct pinpage_dma_job *job)
{
	*job = (struct pinpage_dma_job){
		.addr = addr, .to_memory = true, .buf = bytes, .len = SIZE,
	};
}

static unsigned int nr_writes;

static void count_writes(struct pinpage_subscriber *self,
			 const struct pinpage_event *event)
{
	(void)self;
	(void)event;
	nr_writes++;
}

START_TEST(job_moves_all_bytes)
{
	struct pinpage_dma_job job;

	mapped_up();
	job_init(&job);
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_wait(&job), (int)SIZE);
	ck_assert_int_eq(pinpage_dma_wait(&job), (int)SIZE);
	ck_assert_int_eq(byte_at(folio, 0), 'b');
	ck_assert_int_eq(byte_at(folio, SIZE - 1), 'b');
	ck_assert_int_eq(byte_at(folio, SIZE), 'a');
	mapped_down();
}
END_TEST

START_TEST(job_runs_in_chunks)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_DMA_WRITE),
		.order = PINPAGE_ORDER_TRACE, .fn = count_writes,
	};
	struct pinpage_dma_job job;

	mapped_up();
	job_init(&job);
	job.chunk = 1024;
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_wait(&job), (int)SIZE);
	ck_assert_int_eq(pinpage_unsubscribe(&sub), 0);
	ck_assert_uint_eq(nr_writes, 12);
	mapped_down();
}
END_TEST

START_TEST(job_follows_a_list)
{
	struct pinpage_scatterlist sgl[2];
	struct page *single = alloc_filled(0, 'a');
	struct pinpage_dma_job job;

	mapped_up();
	job_init(&job);
	pinpage_sg_init_table(sgl, 2);
	pinpage_sg_set_page(&sgl[0], single, 10, 5);
	pinpage_sg_set_page(&sgl[1], folio, PAGE_SIZE, PAGE_SIZE);
	ck_assert_int_eq(pinpage_dma_map_sg(dev, sgl, 2, FROM), 2);
	job.sgl = sgl;
	job.nents = 2;
	job.len = 10 + PAGE_SIZE;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_wait(&job), (int)(10 + PAGE_SIZE));
	ck_assert_int_eq(byte_at(single, 14), 'b');
	ck_assert_int_eq(byte_at(single, 15), 'a');
	ck_assert_int_eq(byte_at(folio, 2 * PAGE_SIZE - 1), 'b');
	ck_assert_int_eq(byte_at(folio, 2 * PAGE_SIZE), 'a');
	pinpage_dma_unmap_sg(dev, sgl, 2, FROM);
	put_page(single);
	mapped_down();
}
END_TEST

static enum pinpage_context seen_context;
static int seen_order[2], nr_seen;

static void note(struct pinpage_dma_job *job)
{
	seen_context = pinpage_context();
	if (nr_seen < 2)
		seen_order[nr_seen++] = *(int *)job->priv;
}

START_TEST(completion_in_process_context)
{
	struct pinpage_dma_job job;
	int id = 1;

	mapped_up();
	job_init(&job);
	job.complete = note;
	job.priv = &id;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	pinpage_dma_wait(&job);
	ck_assert_int_eq(nr_seen, 1);
	ck_assert_int_eq(seen_context, PINPAGE_CTX_PROCESS);
	mapped_down();
}
END_TEST

START_TEST(completion_in_softirq_context)
{
	struct pinpage_dma_job job;
	int id = 1;

	mapped_up();
	job_init(&job);
	job.complete = note;
	job.priv = &id;
	job.softirq = true;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	pinpage_dma_wait(&job);
	ck_assert_int_eq(seen_context, PINPAGE_CTX_SOFTIRQ);
	mapped_down();
}
END_TEST

START_TEST(jobs_run_in_order)
{
	struct pinpage_dma_job job[2];
	int id[2] = { 1, 2 };
	int i;

	mapped_up();
	for (i = 0; i < 2; i++) {
		job_init(&job[i]);
		job[i].complete = note;
		job[i].priv = &id[i];
	}
	job[0].delay_ns = 1000000;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job[0]), 0);
	ck_assert_int_eq(pinpage_dma_submit(dev, &job[1]), 0);
	pinpage_dma_wait(&job[1]);
	pinpage_dma_wait(&job[0]);
	ck_assert_int_eq(seen_order[0], 1);
	ck_assert_int_eq(seen_order[1], 2);
	mapped_down();
}
END_TEST

START_TEST(delay_passes_before_the_first_byte)
{
	struct pinpage_dma_job job;
	uint64_t start;

	mapped_up();
	job_init(&job);
	job.delay_ns = 2000000;
	start = pinpage_ktime_get_ns();
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	pinpage_dma_wait(&job);
	ck_assert_uint_ge(pinpage_ktime_get_ns() - start, 2000000);
	mapped_down();
}
END_TEST

START_TEST(failing_job_reports_the_error)
{
	struct pinpage_dma_job job;

	mapped_up();
	job_init(&job);
	job.addr += 1;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_wait(&job), -EFAULT);
	job_init(&job);
	job.to_memory = false;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_wait(&job), -EACCES);
	mapped_down();
}
END_TEST

START_TEST(empty_job_completes)
{
	struct pinpage_dma_job job = { .len = 0 };

	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_wait(&job), 0);
}
END_TEST

START_TEST(submit_misuse_einval)
{
	struct pinpage_scatterlist sg = { .dma_length = 1, .last = true };
	struct pinpage_dma_job job = { .len = 1 };

	ck_assert_int_eq(pinpage_dma_submit(NULL, &job), -EINVAL);
	ck_assert_int_eq(pinpage_dma_submit(dev, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), -EINVAL);
	job.buf = bytes;
	job.len = 1ul << 31;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), -EINVAL);
	job.len = 2;
	job.sgl = &sg;
	job.nents = 1;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), -EINVAL);
	ck_assert_int_eq(pinpage_dma_wait(NULL), -EINVAL);
	ck_assert_uint_gt(pinpage_warnings(), 0);
}
END_TEST

START_TEST(submit_twice_ebusy)
{
	struct pinpage_dma_job job;

	mapped_up();
	job_init(&job);
	job.delay_ns = 50000000;
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), 0);
	ck_assert_int_eq(pinpage_dma_submit(dev, &job), -EBUSY);
	ck_assert_int_eq(pinpage_dma_wait(&job), (int)SIZE);
	ck_assert_uint_eq(pinpage_warnings(), 1);
	mapped_down();
}
END_TEST

static struct pinpage_device *going;
static int late_result;

static void submit_again(struct pinpage_dma_job *job)
{
	/* the task that destroys the device has its turn now */
	pinpage_msleep(20);
	late_result = pinpage_dma_submit(going, job->priv);
}

START_TEST(destroy_waits_and_refuses_eshutdown)
{
	struct pinpage_dma_job late = { .len = 0 };
	struct pinpage_dma_job job = {
		.complete = submit_again, .priv = &late,
	};

	ck_assert_int_eq(pinpage_device_create("going", &going), 0);
	ck_assert_int_eq(pinpage_dma_submit(going, &job), 0);
	pinpage_device_destroy(going);
	ck_assert_int_eq(pinpage_dma_wait(&job), 0);
	ck_assert_int_eq(late_result, -ESHUTDOWN);
}
END_TEST

Suite *engine_suite(void)
{
	static const TTest *tests[16];
	Suite *suite = suite_create("engine");
	size_t n = 0;

	tests[n++] = job_moves_all_bytes;
	tests[n++] = job_runs_in_chunks;
	tests[n++] = job_follows_a_list;
	tests[n++] = completion_in_process_context;
	tests[n++] = completion_in_softirq_context;
	tests[n++] = jobs_run_in_order;
	tests[n++] = delay_passes_before_the_first_byte;
	tests[n++] = failing_job_reports_the_error;
	tests[n++] = empty_job_completes;
	tests[n++] = submit_misuse_einval;
	tests[n++] = submit_twice_ebusy;
	tests[n++] = destroy_waits_and_refuses_eshutdown;
	add_both(suite, "DMA engine", tests);
	return suite;
}
