/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/device.h - devices */
#ifndef PINPAGE_KERNEL_LINUX_DEVICE_H
#define PINPAGE_KERNEL_LINUX_DEVICE_H

#include <linux/kernel.h>

#define device pinpage_device
#define dev_name pinpage_device_name
#define dev_err(dev, fmt, ...) pr_err("%s: " fmt, dev_name(dev), ##__VA_ARGS__)
#define dev_warn(dev, fmt, ...) pr_warn("%s: " fmt, dev_name(dev), ##__VA_ARGS__)
#define dev_info(dev, fmt, ...) pr_info("%s: " fmt, dev_name(dev), ##__VA_ARGS__)

#endif
