/* What makes a file a module: its entry points, parameters and facts about it. */
#ifndef DMAKIT_MODULE_H
#define DMAKIT_MODULE_H

#include <dmakit/base.h>
#include <dmakit/list.h>

#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "module"
#endif
#ifndef KBUILD_BASENAME
#define KBUILD_BASENAME KBUILD_MODNAME
#endif
#define MODULE_NAME_LEN 56

struct kernel_param;

struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *value, const struct kernel_param *param);
	int (*get)(char *into, const struct kernel_param *param);
	void (*free)(void *arg);
};

struct kparam_string {
	unsigned int maxlen;
	char *string;
};

struct kparam_array {
	unsigned int max;
	unsigned int elemsize;
	unsigned int *num;
	const struct kernel_param_ops *ops;
	void *elem;
};

struct kernel_param {
	const char *name;
	struct module *mod;
	const struct kernel_param_ops *ops;
	unsigned int perm;
	const char *type;
	union {
		void *arg;
		const struct kparam_string *str;
		const struct kparam_array *arr;
	};
};

struct module {
	const char *name;
	const char *version;
	int (*init)(void);
	void (*exit)(void);
	const struct kernel_param *kp;
	const struct kernel_param *kp_end;
	const char *info;
	const char *info_end;
	long dmakit_number;
	struct list_head list;
};

/* One module of all files linked together. */
extern int init_module(void) __attribute__((weak));
extern void cleanup_module(void) __attribute__((weak));
extern const struct kernel_param __start_dmakit_params[]
	__attribute__((weak, visibility("hidden")));
extern const struct kernel_param __stop_dmakit_params[]
	__attribute__((weak, visibility("hidden")));
extern const char __start_dmakit_info[] __attribute__((weak, visibility("hidden")));
extern const char __stop_dmakit_info[] __attribute__((weak, visibility("hidden")));
extern struct module __this_module;
#ifdef MODULE
struct module __this_module __attribute__((weak)) = {
	.name = KBUILD_MODNAME,
	.init = init_module,
	.exit = cleanup_module,
	.kp = __start_dmakit_params,
	.kp_end = __stop_dmakit_params,
	.info = __start_dmakit_info,
	.info_end = __stop_dmakit_info,
};
struct module *const dmakit_module __attribute__((weak)) = &__this_module;
#define THIS_MODULE (&__this_module)
#else
#define THIS_MODULE ((struct module *)NULL)
#endif

/* With a semicolon each, as in Linux: some leave theirs out. */
#define module_init(function) extern int init_module(void) __attribute__((alias(#function)));
#define module_exit(function) extern void cleanup_module(void) __attribute__((alias(#function)));
#define early_initcall(function) module_init(function)
#define core_initcall(function) module_init(function)
#define postcore_initcall(function) module_init(function)
#define arch_initcall(function) module_init(function)
#define subsys_initcall(function) module_init(function)
#define subsys_initcall_sync(function) module_init(function)
#define fs_initcall(function) module_init(function)
#define rootfs_initcall(function) module_init(function)
#define device_initcall(function) module_init(function)
#define device_initcall_sync(function) module_init(function)
#define late_initcall(function) module_init(function)
#define late_initcall_sync(function) module_init(function)
#define __initcall(function) module_init(function)
#define __exitcall(function) module_exit(function)
#define module_driver(driver, do_register, do_unregister, ...)                                     \
	static int __init driver##_init(void)                                                      \
	{                                                                                          \
		return do_register(&(driver), ##__VA_ARGS__);                                      \
	}                                                                                          \
	module_init(driver##_init);                                                                \
	static void __exit driver##_exit(void)                                                     \
	{                                                                                          \
		do_unregister(&(driver), ##__VA_ARGS__);                                           \
	}                                                                                          \
	module_exit(driver##_exit)
#define builtin_driver(driver, do_register, ...)                                                   \
	static int __init driver##_init(void)                                                      \
	{                                                                                          \
		return do_register(&(driver), ##__VA_ARGS__);                                      \
	}                                                                                          \
	module_init(driver##_init)

#define __MODULE_INFO(tag, name, text) MODULE_INFO(tag, text)
#define MODULE_INFO(tag, text)                                                                     \
	static const char DMAKIT_UNIQUE(dmakit_info_)[]                                            \
		__attribute__((used, section("dmakit_info"), aligned(1))) = #tag "=" text
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, DMAKIT_NAMESPACE(ns))
#define DMAKIT_NAMESPACE(ns) #ns
#define MODULE_SUPPORTED_DEVICE(name) MODULE_INFO(supported_device, "1")
#define MODULE_PARM_DESC(name, text) MODULE_INFO(parm, #name ":" text)
#define MODULE_ALIAS_MISCDEV(minor) MODULE_INFO(alias, "char-major-10-" __stringify(minor))
#define MODULE_ALIAS_CHARDEV(major, minor)                                                         \
	MODULE_INFO(alias, "char-major-" __stringify(major) "-" __stringify(minor))
#define MODULE_ALIAS_CHARDEV_MAJOR(major) MODULE_INFO(alias, "char-major-" __stringify(major) "-*")
#define MODULE_DEVICE_TABLE(type, name) extern __typeof__(name) name
#define EXPORT_SYMBOL(name) extern __typeof__(name) name
#define EXPORT_SYMBOL_GPL(name) extern __typeof__(name) name
#define EXPORT_SYMBOL_NS(name, ns) extern __typeof__(name) name
#define EXPORT_SYMBOL_NS_GPL(name, ns) extern __typeof__(name) name
#define EXPORT_UNUSED_SYMBOL(name)
#define EXPORT_NO_SYMBOLS
#define try_then_request_module(x, ...) (x)
#define request_module(...) (-ENOENT)
#define MODULE_GENERIC_TABLE(type, name)

bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);
unsigned int module_refcount(struct module *module);
#define module_is_live(module) (true)
#define module_name(module) ((module) != NULL ? (module)->name : "kernel")

#define DMAKIT_PARAM_TYPE(name)                                                                    \
	extern const struct kernel_param_ops param_ops_##name;                                     \
	int param_set_##name(const char *value, const struct kernel_param *param);                 \
	int param_get_##name(char *into, const struct kernel_param *param);
DMAKIT_PARAM_TYPE(byte)
DMAKIT_PARAM_TYPE(short)
DMAKIT_PARAM_TYPE(ushort)
DMAKIT_PARAM_TYPE(int)
DMAKIT_PARAM_TYPE(uint)
DMAKIT_PARAM_TYPE(long)
DMAKIT_PARAM_TYPE(ulong)
DMAKIT_PARAM_TYPE(ullong)
DMAKIT_PARAM_TYPE(hexint)
DMAKIT_PARAM_TYPE(charp)
DMAKIT_PARAM_TYPE(bool)
DMAKIT_PARAM_TYPE(invbool)
DMAKIT_PARAM_TYPE(bint)
#undef DMAKIT_PARAM_TYPE
extern const struct kernel_param_ops param_ops_string;
extern const struct kernel_param_ops param_array_ops;
int param_set_copystring(const char *value, const struct kernel_param *param);
int param_get_string(char *into, const struct kernel_param *param);
int param_set_uint_minmax(const char *value, const struct kernel_param *param, unsigned int min,
			  unsigned int max);

#define DMAKIT_PARAM(name_, type_, ops_, perm_, pointer)                                           \
	static const struct kernel_param DMAKIT_PASTE(__param_, name_)                             \
		__attribute__((used, section("dmakit_params"), aligned(sizeof(void *)))) = {       \
			.name = #name_,                                                            \
			.mod = THIS_MODULE,                                                        \
			.ops = (ops_),                                                             \
			.perm = (perm_),                                                           \
			.type = (type_),                                                           \
			{.arg = (void *)(pointer)}}
#define module_param_cb(name, ops, arg, perm) DMAKIT_PARAM(name, "", ops, perm, arg)
#define module_param_call(name, set_, get_, arg, perm_)                                            \
	static const struct kernel_param_ops __param_ops_##name = {                                \
		.set = (void *)set_, .get = (void *)get_};                                         \
	DMAKIT_PARAM(name, "", &__param_ops_##name, perm_, arg)
#define module_param_named(name, value, type, perm)                                                \
	DMAKIT_PARAM(name, #type, &param_ops_##type, perm, &(value))
#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define module_param_named_unsafe(name, value, type, perm)                                         \
	module_param_named(name, value, type, perm)
#define module_param_unsafe(name, type, perm) module_param(name, type, perm)
#define core_param(name, value, type, perm) module_param_named(name, value, type, perm)
#define module_param_string(name, text, size, perm)                                                \
	static const struct kparam_string __param_string_##name = {(size), (text)};                \
	DMAKIT_PARAM(name, "string", &param_ops_string, perm, &__param_string_##name)
#define module_param_array_named(name, array, type, count, perm)                                   \
	static const struct kparam_array __param_array_##name = {                                  \
		.max = ARRAY_SIZE(array),                                                          \
		.elemsize = sizeof((array)[0]),                                                    \
		.num = (count),                                                                    \
		.ops = &param_ops_##type,                                                          \
		.elem = (array)};                                                                  \
	DMAKIT_PARAM(name, "array of " #type, &param_array_ops, perm, &__param_array_##name)
#define module_param_array(name, type, count, perm)                                                \
	module_param_array_named(name, name, type, count, perm)
#define __module_param_call(prefix, name, ops, arg, perm, level, flags)                            \
	DMAKIT_PARAM(name, "", ops, perm, arg)
#define kernel_param_lock(module) ((void)(module))
#define kernel_param_unlock(module) ((void)(module))

#endif
