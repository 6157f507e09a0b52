// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * list.c - the cases and nothing that could run them, for report.sh
 */
#include "case.h"

void conf_list_cases(void);

int main(void)
{
	conf_list_cases();
	return 0;
}
