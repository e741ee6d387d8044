/* Loading a compiled module. */
#define _GNU_SOURCE
#include "lane.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>

static void *module;

static int find_bounds(struct dl_phdr_info *info, size_t size, void *wanted)
{
	(void)size;
	if (info->dlpi_addr != *(ElfW(Addr) *)wanted)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type == PT_LOAD && segment->p_flags & PF_X)
			crash_module_at(info->dlpi_addr,
					info->dlpi_addr + segment->p_vaddr + segment->p_memsz);
	}
	return 1;
}

const char *module_load(const char *path)
{
	struct link_map *map;
	ElfW(Addr) base;

	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module == NULL || dlinfo(module, RTLD_DI_LINKMAP, &map) != 0)
		return dlerror();
	base = map->l_addr;
	dl_iterate_phdr(find_bounds, &base);
	return NULL;
}

unsigned long module_function(const char *variable)
{
	const unsigned long *pointer = module == NULL ? NULL : dlsym(module, variable);

	return pointer == NULL ? 0 : *pointer;
}
