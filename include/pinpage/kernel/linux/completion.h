/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/completion.h - one-time events */
#ifndef PINPAGE_KERNEL_LINUX_COMPLETION_H
#define PINPAGE_KERNEL_LINUX_COMPLETION_H

#include <linux/kernel.h>

#define completion pinpage_completion
#define init_completion pinpage_init_completion
#define reinit_completion pinpage_init_completion
#define complete(done) pinpage_complete(done)
#define complete_all(done) pinpage_complete_all(done)
#define wait_for_completion pinpage_wait_for_completion
#define try_wait_for_completion pinpage_try_wait_for_completion

#endif
