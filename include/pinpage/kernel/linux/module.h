/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/module.h - module declarations, checked and otherwise ignored */
#ifndef PINPAGE_KERNEL_LINUX_MODULE_H
#define PINPAGE_KERNEL_LINUX_MODULE_H

#include <linux/kernel.h>

/* a driver is linked in: parameters are variables that the program sets */
#define MODULE_LICENSE(text) _Static_assert(sizeof(text) > 1, "a licence")
#define MODULE_DESCRIPTION(text) _Static_assert(sizeof(text) > 1, "a text")
#define MODULE_AUTHOR(text) _Static_assert(sizeof(text) > 1, "a name")
#define MODULE_PARM_DESC(name, text) _Static_assert(sizeof(text) > 1, "a text")
#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define module_param_named(name, variable, type, perm)			\
	_Static_assert(sizeof(variable) == sizeof(type), "type of " #name)
#define EXPORT_SYMBOL(name) _Static_assert(sizeof(&(name)) > 0, "a symbol")
#define EXPORT_SYMBOL_GPL(name) EXPORT_SYMBOL(name)
#define THIS_MODULE ((void *)0)
#define __init
#define __exit
#define module_init(fn) _Static_assert(sizeof(&(fn)) > 0, "a function")
#define module_exit(fn) _Static_assert(sizeof(&(fn)) > 0, "a function")

#endif
