/* Modules: who uses them, and their parameters: texts become values, and values texts. */
#include "files.h"

#ifndef KERNEL_PARAM_OPS_FL_NOARG
#define KERNEL_PARAM_OPS_FL_NOARG 1
#endif

/* Who uses a module; the kernel itself is always there. */

bool try_module_get(struct module *module)
{
	return module == NULL || CALL(module_get, module) != 0;
}

void __module_get(struct module *module)
{
	if (module != NULL)
		CALL(module_get, module);
}

void module_put(struct module *module)
{
	if (module != NULL)
		CALL(module_put, module);
}

unsigned int module_refcount(struct module *module)
{
	return (unsigned int)CALL(module_refcount, module);
}

/* Numbers. */

#define NUMBER_PARAM(name, type, format, parse)                                                    \
	int param_set_##name(const char *text, const struct kernel_param *param)                   \
	{                                                                                          \
		type value;                                                                        \
		int result = parse;                                                                \
                                                                                                   \
		if (result == 0)                                                                   \
			*(type *)param->arg = value;                                               \
		return result;                                                                     \
	}                                                                                          \
	int param_get_##name(char *into, const struct kernel_param *param)                         \
	{                                                                                          \
		return scnprintf(into, PAGE_SIZE, format, *(type *)param->arg);                    \
	}                                                                                          \
	const struct kernel_param_ops param_ops_##name                                             \
		= {.set = param_set_##name, .get = param_get_##name};

NUMBER_PARAM(byte, u8, "%hhu\n", kstrtou8(text, 0, &value))
NUMBER_PARAM(short, s16, "%hi\n", kstrtos16(text, 0, &value))
NUMBER_PARAM(ushort, u16, "%hu\n", kstrtou16(text, 0, &value))
NUMBER_PARAM(int, int, "%i\n", kstrtoint(text, 0, &value))
NUMBER_PARAM(uint, unsigned int, "%u\n", kstrtouint(text, 0, &value))
NUMBER_PARAM(long, long, "%li\n", kstrtol(text, 0, &value))
NUMBER_PARAM(ulong, unsigned long, "%lu\n", kstrtoul(text, 0, &value))
NUMBER_PARAM(ullong, unsigned long long, "%llu\n", kstrtoull(text, 0, &value))
NUMBER_PARAM(hexint, unsigned int, "%#08x\n", kstrtouint(text, 0, &value))

int param_set_uint_minmax(const char *text, const struct kernel_param *param, unsigned int min,
			  unsigned int max)
{
	unsigned int value;
	int result = kstrtouint(text, 0, &value);

	if (result != 0)
		return result;
	if (value < min || value > max)
		return -EINVAL;
	*(unsigned int *)param->arg = value;
	return 0;
}

/* A bool without a value is true. */

int param_set_bool(const char *text, const struct kernel_param *param)
{
	return kstrtobool(text == NULL ? "1" : text, param->arg);
}

int param_get_bool(char *into, const struct kernel_param *param)
{
	return scnprintf(into, PAGE_SIZE, "%c\n", *(bool *)param->arg ? 'Y' : 'N');
}

const struct kernel_param_ops param_ops_bool = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG, .set = param_set_bool, .get = param_get_bool};

int param_set_invbool(const char *text, const struct kernel_param *param)
{
	bool value;
	int result = kstrtobool(text, &value);

	if (result == 0)
		*(bool *)param->arg = !value;
	return result;
}

int param_get_invbool(char *into, const struct kernel_param *param)
{
	return scnprintf(into, PAGE_SIZE, "%c\n", *(bool *)param->arg ? 'N' : 'Y');
}

const struct kernel_param_ops param_ops_invbool
	= {.set = param_set_invbool, .get = param_get_invbool};

/* A bool in an int. */

int param_set_bint(const char *text, const struct kernel_param *param)
{
	bool value;
	int result = kstrtobool(text == NULL ? "1" : text, &value);

	if (result == 0)
		*(int *)param->arg = value;
	return result;
}

int param_get_bint(char *into, const struct kernel_param *param)
{
	return param_get_int(into, param);
}

const struct kernel_param_ops param_ops_bint = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG, .set = param_set_bint, .get = param_get_bint};

/* Texts. */

#define TEXT_LENGTH_MAX 1024

/* Values that were set: the library's, so that a module is not charged for them. */
struct kept_text {
	struct list_head list;
	char *text;
};
static LIST_HEAD(kept_texts);

static void forget_text(const char *text)
{
	struct kept_text *kept;

	list_for_each_entry(kept, &kept_texts, list) {
		if (kept->text == text) {
			list_del(&kept->list);
			free(kept->text);
			free(kept);
			return;
		}
	}
}

int param_set_charp(const char *text, const struct kernel_param *param)
{
	struct kept_text *kept;

	if (strlen(text) > TEXT_LENGTH_MAX) {
		pr_err("%s: string parameter too long\n", param->name);
		return -ENOSPC;
	}
	forget_text(*(char **)param->arg);
	kept = allocate(sizeof *kept);
	kept->text = copy_text(text);
	list_add(&kept->list, &kept_texts);
	*(char **)param->arg = kept->text;
	return 0;
}

int param_get_charp(char *into, const struct kernel_param *param)
{
	const char *text = *(char **)param->arg;

	return scnprintf(into, PAGE_SIZE, "%s\n", text == NULL ? "(null)" : text);
}

static void free_charp(void *arg)
{
	forget_text(*(char **)arg);
}

const struct kernel_param_ops param_ops_charp
	= {.set = param_set_charp, .get = param_get_charp, .free = free_charp};

int param_set_copystring(const char *text, const struct kernel_param *param)
{
	const struct kparam_string *string = param->str;

	if (strnlen(text, string->maxlen) == string->maxlen) {
		pr_err("%s: string doesn't fit in %u chars.\n", param->name, string->maxlen - 1);
		return -ENOSPC;
	}
	strcpy(string->string, text);
	return 0;
}

int param_get_string(char *into, const struct kernel_param *param)
{
	return scnprintf(into, PAGE_SIZE, "%s\n", param->str->string);
}

const struct kernel_param_ops param_ops_string
	= {.set = param_set_copystring, .get = param_get_string};

/* Several values with commas between them. */

static int set_array(const char *text, const struct kernel_param *param)
{
	const struct kparam_array *array = param->arr;
	struct kernel_param element = *param;
	unsigned int count = 0;
	char *copy = copy_text(text);
	char *rest = copy;
	int result = 0;

	element.arg = array->elem;
	while (rest != NULL && result == 0) {
		char *value = strsep(&rest, ",");

		if (count == array->max) {
			pr_err("%s: can only take %u arguments\n", param->name, array->max);
			result = -EINVAL;
			break;
		}
		result = array->ops->set(value, &element);
		element.arg = (char *)element.arg + array->elemsize;
		count++;
	}
	free(copy);
	if (result == 0 && array->num != NULL)
		*array->num = count;
	return result;
}

static int get_array(char *into, const struct kernel_param *param)
{
	const struct kparam_array *array = param->arr;
	struct kernel_param element = *param;
	unsigned int count = array->num == NULL ? array->max : *array->num;
	int length = 0;

	for (unsigned int i = 0; i < count; i++) {
		int added;

		if (length > 0)
			into[length - 1] = ',';
		element.arg = (char *)array->elem + array->elemsize * i;
		added = array->ops->get(into + length, &element);
		if (added < 0)
			return added;
		length += added;
	}
	into[length] = '\0';
	return length;
}

const struct kernel_param_ops param_array_ops = {.set = set_array, .get = get_array};

/* The simulator's ways in. */

/* Tells it of every parameter of a module. */
long dmakit_list_params(struct module *module)
{
	for (const struct kernel_param *param = module->kp; param < module->kp_end; param++)
		CALL_TEXT2(param_declare, param->name, param->type, param, param->perm,
			   param->ops->flags & KERNEL_PARAM_OPS_FL_NOARG);
	return 0;
}

/* Sets one, before the module's init; without a text as "-p name" does. */
long dmakit_set_param(const struct kernel_param *param, long exchange, long has_text)
{
	char *text = allocate(PAGE_SIZE);
	long result;

	if (has_text)
		take_text(exchange, text, PAGE_SIZE);
	result = param->ops->set == NULL ? -EPERM
					 : param->ops->set(has_text ? text : NULL, param);
	free(text);
	return result;
}
