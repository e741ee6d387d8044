#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>

#define module_init(function) int init_module(void) __attribute__((alias(#function)))
#define module_exit(function) void cleanup_module(void) __attribute__((alias(#function)))

#define DMAKIT_PASTE(a, b) a##b
#define DMAKIT_UNIQUE(prefix, number) DMAKIT_PASTE(prefix, number)
#define MODULE_INFO(tag, text)                                                                     \
	static const char DMAKIT_UNIQUE(dmakit_info_, __COUNTER__)[]                               \
		__attribute__((used, section(".modinfo"))) = #tag "=" text

#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)

#endif
