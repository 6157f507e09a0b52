// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * hello.c - pin a page of a real file, let a device write it, find it on disk
 *
 * Mirrors: the life of any write pin, mm/gup.c:pin_user_pages_fast().
 * Run:     cc hello.c $(pkg-config --cflags --libs pinpage) && ./a.out && cat hello.out
 * Expect:  "written by a device" in hello.out of the current folder.
 */
#include <fcntl.h>
#include <pinpage/pinpage.h>

int main(void)
{
	struct pinpage_mount_options here = { .root = "." };
	struct pinpage_device *nic;
	struct super_block *sb;
	struct page *page;

	if (pinpage_boot(NULL) || pinpage_mount("hostfs", &here, &sb) ||
	    pinpage_device_create("nic", &nic))
		return 1;
	struct mm_struct *mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	struct file *file = pinpage_filp_open(sb, "hello.out", O_RDWR | O_CREAT, 0644);
	pinpage_ftruncate(file, 20);
	long addr = pinpage_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (pin_user_pages_fast((unsigned long)addr, 1, FOLL_WRITE, &page) != 1)
		return 1;
	pinpage_dma_addr_t dma = pinpage_dma_map_page(nic, page, 0, 20, PINPAGE_DMA_FROM_DEVICE);
	pinpage_device_write(nic, dma, "written by a device\n", 20);
	pinpage_dma_unmap_page(nic, dma, 20, PINPAGE_DMA_FROM_DEVICE);
	unpin_user_pages_dirty_lock(&page, 1, true);
	int error = vfs_fsync(file, 0);
	pinpage_device_destroy(nic);
	pinpage_munmap((unsigned long)addr, PAGE_SIZE);
	pinpage_filp_close(file);
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	return error || pinpage_umount(sb) || pinpage_shutdown();
}
