/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * scenarios.h - the scenarios of the demo
 */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <pinpage/explore.h>

extern const struct pinpage_scenario direct_io_scenario;
extern const struct pinpage_scenario rdma_umem_scenario;
extern const struct pinpage_scenario rdma_umem_live_scenario;

#endif
