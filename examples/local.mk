# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Examples see what the library exports and no more. A driver port says
# #include <linux/mm.h>: it is compiled with $(KERNEL_CPPFLAGS).

EXAMPLE_CPPFLAGS = \
	-D_GNU_SOURCE \
	-I$(top_srcdir)/include \
	-I$(top_srcdir)/examples \
	$(KERNEL_CPPFLAGS) \
	$(NULL)

noinst_PROGRAMS += examples/demo
examples_demo_SOURCES = \
	examples/demo.c \
	examples/drivers/direct-io.c \
	examples/drivers/direct-io.h \
	examples/drivers/rdma-umem.c \
	examples/drivers/rdma-umem.h \
	examples/scenarios/direct-io.c \
	examples/scenarios/rdma-umem.c \
	examples/scenarios/scenarios.h \
	examples/scenarios/world.c \
	examples/scenarios/world.h \
	$(NULL)
examples_demo_CPPFLAGS = \
	$(EXAMPLE_CPPFLAGS) \
	-DDEMO_README='"$(abs_top_srcdir)/README.md"' \
	$(NULL)
examples_demo_LDFLAGS = $(LDFLAGS_SHARED)
examples_demo_LDADD = libpinpage.la

noinst_PROGRAMS += examples/hello
examples_hello_SOURCES = examples/hello.c
examples_hello_CPPFLAGS = -D_GNU_SOURCE -I$(top_srcdir)/include
examples_hello_LDFLAGS = $(LDFLAGS_SHARED)
examples_hello_LDADD = libpinpage.la
