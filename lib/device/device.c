// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device/device.c - devices come and go
 *
 * I1. Every device is on one list until it is destroyed, so that the shutdown
 *     can take away what a dead actor left.
 */
#include <string.h>

#include "device/device.h"

#define FIRST_DMA_ADDR	0x10000u	/* small numbers are never addresses */

static pinpage_spinlock_t devices_lock = {
	.rank = PINPAGE_RANK_ZONE, .name = "devices",
};
static LIST_HEAD(devices);

int pinpage_device_create(const char *name, struct pinpage_device **out)
{
	struct pinpage_device *dev;
	int error;

	if (!pp_ready())
		return -EINVAL;
	if (!name || !*name || !out) {
		pp_warn_once("device_create(%s, %p)", name ? name : "NULL",
			     (void *)out);
		return -EINVAL;
	}
	dev = pp_zalloc(sizeof(*dev));
	if (!dev)
		return -ENOMEM;
	strncpy(dev->name, name, sizeof(dev->name) - 1);
	pp_spin_init(&dev->lock, "device", PINPAGE_RANK_ZONE);
	RB_INIT(&dev->ranges);
	dev->next_addr = FIRST_DMA_ADDR;
	dev->tail = &dev->head;
	pinpage_init_waitqueue_head(&dev->wake);
	dev->task = pinpage_kthread_run(pp_dma_engine, dev, dev->name);
	if (IS_ERR(dev->task)) {
		error = (int)PTR_ERR(dev->task);
		pp_free(dev);
		return error;
	}
	pinpage_spin_lock(&devices_lock);
	list_add_tail(&dev->link, &devices);
	pinpage_spin_unlock(&devices_lock);
	*out = dev;
	return 0;
}

/* Ends the engine and drops all that is left; may be done again. */
static void device_quiet(struct pinpage_device *dev)
{
	pinpage_spin_lock(&dev->lock);
	dev->dying = true;
	pinpage_spin_unlock(&dev->lock);
	if (dev->task)
		(void)pinpage_kthread_stop(dev->task);
	dev->task = NULL;
	pp_dma_cancel(dev);
	if (dev->nr_ranges) {
		pp_warn_once("%s: destroyed with %lu DMA mappings", dev->name,
			     dev->nr_ranges);
		pp_dma_unmap_all(dev);
	}
}

void pinpage_device_destroy(struct pinpage_device *dev)
{
	if (!dev || !pp_ready())
		return;
	device_quiet(dev);
	pinpage_spin_lock(&devices_lock);
	list_del(&dev->link);
	pinpage_spin_unlock(&devices_lock);
	pp_free(dev);
}

/**
 * pp_device_shutdown() - free devices and scatterlists that are left, with
 * warnings
 *
 * Locks that abandoned fibers held are free again.
 *
 * Context: shutdown, process; nobody uses a device; its engine has ended, was
 * abandoned, or can still run. Locking: none. Return: nothing.
 */
void pp_device_shutdown(void)
{
	struct pinpage_device *dev, *next;

	if (pp_engine_is_fiber)
		pp_spin_init(&devices_lock, "devices", PINPAGE_RANK_ZONE);
	list_for_each_entry_safe(dev, next, &devices, link) {
		pp_warn("shutdown: device %s is still there", dev->name);
		if (pp_engine_is_fiber)
			pp_spin_init(&dev->lock, "device", PINPAGE_RANK_ZONE);
		device_quiet(dev);
		list_del(&dev->link);
		pp_free(dev);
	}
	pp_sg_shutdown();
}

const char *pinpage_device_name(const struct pinpage_device *dev)
{
	return dev ? dev->name : "?";
}

/* the device's hand: lib/device/map.c:pp_dma_access() a page at a time */
static int touch(struct pinpage_device *dev, pinpage_dma_addr_t addr,
		 void *buf, size_t len, bool to_memory)
{
	if (!pp_ready())
		return -EINVAL;
	if (!dev || (!buf && len)) {
		pp_warn_once("device access: device %p, buffer %p, %zu bytes",
			     (void *)dev, buf, len);
		return -EINVAL;
	}
	return pp_dma_access(dev, addr, buf, len, to_memory);
}

int pinpage_device_write(struct pinpage_device *dev, pinpage_dma_addr_t addr,
			 const void *buf, size_t len)
{
	return touch(dev, addr, (void *)(uintptr_t)buf, len, true);
}

int pinpage_device_read(struct pinpage_device *dev, pinpage_dma_addr_t addr,
			void *buf, size_t len)
{
	return touch(dev, addr, buf, len, false);
}
