// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * The program of dma_mmap.c: writes a text through one mapping, has it copied, reads it through
 * the other.
 *
 *	gcc -o mmap_test mmap_test.c && ./mmap_test [TEXT]
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dma_mmap.h"

#define DEVICE	"/dev/dma_mmap"

static char *map(int fd, int protection, off_t offset)
{
	void *buffer = mmap(NULL, DMA_MMAP_SIZE, protection, MAP_SHARED, fd, offset);

	return buffer == MAP_FAILED ? NULL : buffer;
}

int main(int argc, char **argv)
{
	const char *text = argc > 1 ? argv[1] : "one-two-three";
	char *source, *destination;
	int fd, equal;

	if (strlen(text) >= DMA_MMAP_SIZE) {
		fprintf(stderr, "mmap_test: the text is too long\n");
		return 2;
	}
	fd = open(DEVICE, O_RDWR);
	if (fd < 0) {
		perror(DEVICE);
		return 1;
	}
	source = map(fd, PROT_READ | PROT_WRITE, 0);
	destination = map(fd, PROT_READ, DMA_MMAP_SIZE);
	if (!source || !destination) {
		perror("mmap");
		return 1;
	}

	strcpy(source, text);
	if (ioctl(fd, DMA_MMAP_COPY)) {
		perror("ioctl");
		return 1;
	}
	equal = !strcmp(source, destination);
	printf("written: %s\nread:    %s\n", source, destination);
	printf("the buffers %s\n", equal ? "are equal" : "differ");

	munmap(destination, DMA_MMAP_SIZE);
	munmap(source, DMA_MMAP_SIZE);
	close(fd);
	return equal ? 0 : 1;
}
