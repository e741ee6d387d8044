/* P and Q of RAID-6 as one writes it: byte by byte, products by 2 from a table. */
#include <stddef.h>

static unsigned char twice[256];

void prepare(void)
{
	for (int i = 0; i < 256; i++)
		twice[i] = (unsigned char)(i << 1 ^ (i & 0x80 ? 0x11d : 0));
}

void syndromes(int count, size_t bytes, unsigned char *const *data, unsigned char *p,
	       unsigned char *q)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned char sum = 0;
		unsigned char product = 0;

		for (int disk = count - 1; disk >= 0; disk--) {
			unsigned char value = data[disk][i];

			sum ^= value;
			product = twice[product] ^ value;
		}
		p[i] = sum;
		q[i] = product;
	}
}
