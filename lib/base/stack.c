// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Call sites as text: "dir/file.c:123 (function)" by libdw where it is
 * there, "object+0xoff (symbol)" by dladdr() elsewhere.
 *
 * Who excludes whom: pp_site_lock, a leaf that spins, protects the libdw
 * session and the cache of results.
 */
#include "base/stack.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#include "base/atomic.h"
#include "base/hash.h"

#ifdef HAVE_LIBDW
# include <dwarf.h>
# include <elfutils/libdw.h>
# include <elfutils/libdwfl.h>
#endif

#define PP_SITE_CACHE_BITS	7

struct pp_site_text {
	const void *addr;
	char text[PP_SITE_TEXT_MAX];
};

static struct pp_site_text *pp_site_cache;	/* direct-mapped; may be NULL */
static int pp_site_lock;

struct pp_capture {
	struct pp_site *site;
	unsigned int skip;
	unsigned int nr;
};

static _Unwind_Reason_Code pp_capture_frame(struct _Unwind_Context *context,
					    void *arg)
{
	struct pp_capture *cap = arg;
	uintptr_t ip = _Unwind_GetIP(context);

	if (!ip)
		return _URC_END_OF_STACK;
	if (cap->skip) {
		cap->skip--;
		return _URC_NO_REASON;
	}
	cap->site->ip[cap->nr++] = (const void *)ip;
	return cap->nr < PP_STACK_DEPTH ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/**
 * pp_site_capture() - return addresses of the calls that led here
 * @site: out; innermost first, the rest NULL
 * @skip: frames to leave out; with 0, ip[0] is in the function that calls
 *        pp_site_capture()
 *
 * Context: any; costs about a microsecond a frame.
 * Return:  number of entries.
 */
pp_noinline unsigned int pp_site_capture(struct pp_site *site,
					 unsigned int skip)
{
	struct pp_capture cap = { .site = site, .skip = skip + 1 };

	memset(site, 0, sizeof(*site));
	_Unwind_Backtrace(pp_capture_frame, &cap);
	return cap.nr;
}

static const char *pp_last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* by the dynamic linker's symbols; always says something */
static void pp_site_by_object(const void *addr, char *buf, size_t size)
{
	Dl_info info;

	if (!dladdr(addr, &info) || !info.dli_fname) {
		snprintf(buf, size, "%p", addr);
		return;
	}
	snprintf(buf, size, "%s+0x%lx (%s)", pp_last_component(info.dli_fname),
		 (unsigned long)((const char *)addr -
				 (const char *)info.dli_fbase),
		 info.dli_sname ? info.dli_sname : "?");
}

#ifdef HAVE_LIBDW

static Dwfl *pp_dwfl;

/* Local files only: never asks a debuginfod server. */
static int pp_find_debuginfo(Dwfl_Module *mod, void **userdata,
			     const char *name, Dwarf_Addr base,
			     const char *file_name, const char *link,
			     GElf_Word crc, char **debuginfo_name)
{
	return dwfl_build_id_find_debuginfo(mod, userdata, name, base,
					    file_name, link, crc,
					    debuginfo_name);
}

static const Dwfl_Callbacks pp_dwfl_callbacks = {
	.find_elf = dwfl_linux_proc_find_elf,
	.find_debuginfo = pp_find_debuginfo,
};

static bool pp_dwfl_report(void)
{
	dwfl_report_begin_add(pp_dwfl);
	return dwfl_linux_proc_report(pp_dwfl, getpid()) == 0 &&
	       dwfl_report_end(pp_dwfl, NULL, NULL) == 0;
}

/* Opens the session at the first use, and looks again for new objects. */
static Dwfl_Module *pp_dwfl_module(Dwarf_Addr addr)
{
	Dwfl_Module *mod;

	if (!pp_dwfl) {
		pp_dwfl = dwfl_begin(&pp_dwfl_callbacks);
		if (!pp_dwfl || !pp_dwfl_report())
			return NULL;
	}
	mod = dwfl_addrmodule(pp_dwfl, addr);
	if (!mod && pp_dwfl_report())
		mod = dwfl_addrmodule(pp_dwfl, addr);
	return mod;
}

/*
 * The last folder and the name of a recorded path, which says the same for
 * builds in and out of the source tree: "drivers/direct-io.c"; or the name
 * alone for a file in the folder where the compiler ran.
 */
static const char *pp_short_path(const char *path, const char *comp_dir)
{
	size_t len = comp_dir ? strlen(comp_dir) : 0;
	const char *name = pp_last_component(path);
	const char *p;

	if (len && !strncmp(path, comp_dir, len) && path[len] == '/')
		path += len + 1;
	if (name <= path + 1)
		return name;
	for (p = name - 1; p > path && p[-1] != '/'; p--)
		;
	if (!strncmp(p, "./", 2) || !strncmp(p, "../", 3) || *p == '/')
		return name;
	return p;
}

/*
 * The compilation unit of @addr. clang writes no table of addresses by
 * unit: then ask each unit in turn.
 */
static Dwarf_Die *pp_unit(Dwfl_Module *mod, Dwarf_Addr addr, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = dwfl_module_addrdie(mod, addr, bias);

	if (cu)
		return cu;
	while ((cu = dwfl_module_nextcu(mod, cu, bias)))
		if (dwarf_haspc(cu, addr - *bias) == 1)
			return cu;
	return NULL;
}

/* innermost function, inlined ones included; NULL if unknown */
static const char *pp_function_name(Dwarf_Die *cu, Dwarf_Addr addr)
{
	const char *name = NULL;
	Dwarf_Die *scopes = NULL;
	int n = dwarf_getscopes(cu, addr, &scopes);
	int i;

	for (i = 0; i < n && !name; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag == DW_TAG_subprogram ||
		    tag == DW_TAG_inlined_subroutine)
			name = dwarf_diename(&scopes[i]);
	}
	free(scopes);
	return name;
}

static const char *pp_comp_dir(Dwarf_Die *cu)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attr));
}

static bool pp_site_by_line(const void *ptr, char *buf, size_t size)
{
	Dwarf_Addr addr = (Dwarf_Addr)(uintptr_t)ptr, bias = 0;
	Dwfl_Module *mod = pp_dwfl_module(addr);
	Dwarf_Die *cu = mod ? pp_unit(mod, addr, &bias) : NULL;
	Dwarf_Line *line = cu ? dwarf_getsrc_die(cu, addr - bias) : NULL;
	const char *path, *name;
	int nr = 0;

	if (!line || dwarf_lineno(line, &nr) || !nr)
		return false;
	path = dwarf_linesrc(line, NULL, NULL);
	if (!path)
		return false;
	name = pp_function_name(cu, addr - bias);
	if (!name)
		name = dwfl_module_addrname(mod, addr);
	snprintf(buf, size, "%s:%d (%s)", pp_short_path(path, pp_comp_dir(cu)),
		 nr, name ? name : "?");
	return true;
}

static void pp_dwfl_end(void)
{
	if (pp_dwfl)
		dwfl_end(pp_dwfl);
	pp_dwfl = NULL;
}

#else /* !HAVE_LIBDW */

static bool pp_site_by_line(const void *ptr, char *buf, size_t size)
{
	(void)ptr;
	(void)buf;
	(void)size;
	return false;
}

static void pp_dwfl_end(void)
{
}

#endif

static void pp_site_look_up(const void *addr, char *buf, size_t size)
{
	if (!pp_site_by_line(addr, buf, size))
		pp_site_by_object(addr, buf, size);
}

static void pp_site_take(void)
{
	while (__atomic_exchange_n(&pp_site_lock, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
}

static void pp_site_drop(void)
{
	smp_store_release(&pp_site_lock, 0);
}

/**
 * pp_site_symbolise() - say where a call came from
 * @ret_addr: a return address (pp_site_here(), struct pp_site); NULL: "?"
 * @buf:      out, always terminated
 * @size:     bytes in @buf, not 0; PP_SITE_TEXT_MAX is enough
 *
 * The line is that of the call, not of the instruction after it.
 *
 * Context: process; slow; needs 64 KiB of stack. Locking: none.
 * Return:  @buf.
 */
char *pp_site_symbolise(const void *ret_addr, char *buf, size_t size)
{
	const void *addr = (const void *)((uintptr_t)ret_addr - 1);
	struct pp_site_text *slot = NULL;

	if (!ret_addr) {
		snprintf(buf, size, "?");
		return buf;
	}
	pp_site_take();
	if (!pp_site_cache)
		pp_site_cache = calloc(1u << PP_SITE_CACHE_BITS, sizeof(*slot));
	if (pp_site_cache)
		slot = &pp_site_cache[hash_ptr(addr, PP_SITE_CACHE_BITS)];
	if (!slot) {
		pp_site_look_up(addr, buf, size);
		goto out_drop;
	}
	if (slot->addr != addr) {
		pp_site_look_up(addr, slot->text, sizeof(slot->text));
		slot->addr = addr;
	}
	snprintf(buf, size, "%s", slot->text);
out_drop:
	pp_site_drop();
	return buf;
}

/**
 * pp_site_shutdown() - free what symbolising keeps
 *
 * Context: process. Symbolising again is allowed and starts over.
 */
void pp_site_shutdown(void)
{
	pp_site_take();
	pp_dwfl_end();
	free(pp_site_cache);
	pp_site_cache = NULL;
	pp_site_drop();
}
