/*
 * Members of structs that lie in memory of the module: used as driver code uses them, so that cache
 * lines and the shadow are kept.
 */
#ifndef DMAKIT_MEMBER_H
#define DMAKIT_MEMBER_H

void __tsan_read_range(unsigned long address, unsigned long bytes);
void __tsan_write_range(unsigned long address, unsigned long bytes);

#define LOAD_MEMBER(member)                                                                        \
	({                                                                                         \
		__tsan_read_range((unsigned long)&(member), sizeof(member));                    \
		(member);                                                                          \
	})

#define STORE_MEMBER(member, value)                                                                \
	do {                                                                                       \
		__typeof__(member) stored = (value);                                               \
                                                                                                   \
		__tsan_write_range((unsigned long)&(member), sizeof(member));                   \
		(member) = stored;                                                                 \
	} while (0)

#endif
