/* Loading compiled modules, and telling which of them an address belongs to. */
#define _GNU_SOURCE
#include "lane.h"

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct module {
	void *handle;
	uint64_t base;
	uint64_t start;
	uint64_t end;
	unsigned int number;
};

/* Those that are loaded, in no order. */
static struct module modules[MODULE_COUNT_MAX];
static unsigned int module_count;

static struct module *find(unsigned int number)
{
	for (unsigned int i = 0; i < module_count; i++)
		if (modules[i].number == number)
			return &modules[i];
	return NULL;
}

static int find_bounds(struct dl_phdr_info *info, size_t size, void *wanted)
{
	struct module *module = wanted;

	(void)size;
	if (info->dlpi_addr != module->base)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + segment->p_vaddr;

		if (segment->p_type != PT_LOAD)
			continue;
		if (module->end == 0 || start < module->start)
			module->start = start;
		if (start + segment->p_memsz > module->end)
			module->end = start + segment->p_memsz;
	}
	return 1;
}

const char *module_load(unsigned int number, const char *path)
{
	struct module module = {.number = number};
	struct link_map *map;

	if (module_count == MODULE_COUNT_MAX)
		return "too many modules are loaded";
	module.handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	if (module.handle == NULL || dlinfo(module.handle, RTLD_DI_LINKMAP, &map) != 0)
		return dlerror();
	module.base = map->l_addr;
	dl_iterate_phdr(find_bounds, &module);
	modules[module_count++] = module;
	return NULL;
}

void module_unload(unsigned int number)
{
	struct module *module = find(number);

	if (module == NULL)
		return;
	dlclose(module->handle);
	*module = modules[--module_count];
}

/* What a module is linked to has symbols, too: the C library an init_module(). */
static int is_ours(const struct module *module, const void *address)
{
	Dl_info of_symbol, of_library;

	return dladdr(address, &of_symbol) != 0 && dladdr(is_ours, &of_library) != 0
	       && ((uint64_t)of_symbol.dli_fbase == module->start
		   || of_symbol.dli_fbase == of_library.dli_fbase);
}

unsigned long module_symbol(unsigned int number, const char *name)
{
	struct module *module = find(number);
	void *address = module == NULL ? NULL : dlsym(module->handle, name);

	return address != NULL && is_ours(module, address) ? (unsigned long)address : 0;
}

unsigned long module_site(unsigned long address)
{
	for (unsigned int i = 0; i < module_count; i++)
		if (address - modules[i].start < modules[i].end - modules[i].start)
			return SITE_FOREIGN | (unsigned long)modules[i].number << SITE_MODULE_SHIFT
			       | (address - modules[i].base);
	return 0;
}
