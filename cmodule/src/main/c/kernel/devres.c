/*
 * Managed resources. Their order is kept by the simulator, among all that a driver acquired; what
 * each is, and how it goes, is known here.
 */
#include "device.h"

#include "call.h"
#include "libc.h"

struct managed {
	struct list_head entry;
	struct device *dev;
	dr_release_t release;
	void *data;
	bool noted;
	enum { NOTHING, MODULES_MEMORY, OWN_MEMORY } memory; /* what goes with it */
	void *group;    /* a mark, for groups */
};

/* Those that are allocated and belong to no device yet. */
static LIST_HEAD(fresh);

static void dispose(struct managed *managed)
{
	if (managed->memory == MODULES_MEMORY)
		kfree(managed->data);
	else if (managed->memory == OWN_MEMORY)
		free(managed->data);
	free(managed);
}

/* The simulator's way in: the device's driver leaves. */
static long release_managed(struct managed *managed)
{
	list_del(&managed->entry);
	if (managed->release != NULL)
		managed->release(managed->dev, managed->data);
	dispose(managed);
	return 0;
}

static void attach(struct device *dev, struct managed *managed)
{
	managed->dev = dev;
	list_add(&managed->entry, &private_of(dev)->resources);
	managed->noted = number_of(dev) != 0
			 && CALL(devres_note, number_of(dev), managed, release_managed) == 0;
}

static void detach(struct managed *managed)
{
	list_del(&managed->entry);
	if (managed->noted)
		CALL(devres_forget, number_of(managed->dev), managed);
}

static struct managed *find_data(struct list_head *in, const void *data)
{
	struct managed *managed;

	list_for_each_entry(managed, in, entry)
		if (managed->data == data)
			return managed;
	return NULL;
}

static struct managed *find(struct device *dev, dr_release_t release, dr_match_t match, void *data)
{
	struct managed *managed;

	list_for_each_entry(managed, &private_of(dev)->resources, entry)
		if (managed->release == release && (match == NULL || match(dev, managed->data, data)))
			return managed;
	return NULL;
}

static struct managed *make(dr_release_t release, void *data, int memory)
{
	struct managed *managed = calloc(1, sizeof(*managed));

	if (managed == NULL)
		abort();
	managed->release = release;
	managed->data = data;
	managed->memory = memory;
	return managed;
}

void *devres_alloc(dr_release_t release, size_t size, gfp_t flags)
{
	void *data = kzalloc(size, flags);

	if (data == NULL)
		return NULL;
	list_add(&make(release, data, MODULES_MEMORY)->entry, &fresh);
	return data;
}

void *own_alloc(dr_release_t release, size_t size)
{
	void *data = calloc(1, size);

	if (data == NULL)
		abort();
	list_add(&make(release, data, OWN_MEMORY)->entry, &fresh);
	return data;
}

void devres_free(void *resource)
{
	struct managed *managed = resource == NULL ? NULL : find_data(&fresh, resource);

	if (managed != NULL) {
		list_del(&managed->entry);
		dispose(managed);
	}
}

void devres_add(struct device *dev, void *resource)
{
	struct managed *managed = find_data(&fresh, resource);

	if (managed != NULL) {
		list_del(&managed->entry);
		attach(dev, managed);
	}
}

void *devres_find(struct device *dev, dr_release_t release, dr_match_t match, void *data)
{
	struct managed *managed = find(dev, release, match, data);

	return managed == NULL ? NULL : managed->data;
}

int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match, void *data)
{
	struct managed *managed = find(dev, release, match, data);

	if (managed == NULL)
		return -ENOENT;
	detach(managed);
	dispose(managed);
	return 0;
}

int devres_release(struct device *dev, dr_release_t release, dr_match_t match, void *data)
{
	struct managed *managed = find(dev, release, match, data);

	if (managed == NULL)
		return -ENOENT;
	detach(managed);
	managed->release(dev, managed->data);
	dispose(managed);
	return 0;
}

void manage(struct device *dev, dr_release_t release, void *data)
{
	attach(dev, make(release, data, NOTHING));
}

void device_forget(struct device *dev)
{
	struct list_head *resources = &private_of(dev)->resources;

	while (!list_empty(resources)) {
		struct managed *managed = list_first_entry(resources, struct managed, entry);

		detach(managed);
		if (managed->release != NULL)
			managed->release(dev, managed->data);
		dispose(managed);
	}
}

/* Groups: a mark where one begins; what came later is in it. */

static void no_release(struct device *dev, void *resource)
{
	(void)dev;
	(void)resource;
}

void *devres_open_group(struct device *dev, void *id, gfp_t flags)
{
	struct managed *managed = make(no_release, NULL, NOTHING);

	(void)flags;
	managed->group = id != NULL ? id : managed;
	attach(dev, managed);
	return managed->group;
}

void devres_close_group(struct device *dev, void *id)
{
	(void)dev;
	(void)id;
}

static struct managed *group_of(struct device *dev, void *id)
{
	struct managed *managed;

	list_for_each_entry(managed, &private_of(dev)->resources, entry)
		if (managed->group != NULL && (id == NULL || managed->group == id))
			return managed;
	return NULL;
}

int devres_release_group(struct device *dev, void *id)
{
	struct managed *mark = group_of(dev, id);
	int count = 0;

	while (mark != NULL) {
		struct managed *managed =
			list_first_entry(&private_of(dev)->resources, struct managed, entry);
		bool last = managed == mark;

		detach(managed);
		managed->release(dev, managed->data);
		dispose(managed);
		if (last)
			return count;
		count++;
	}
	return 0;
}

void devres_remove_group(struct device *dev, void *id)
{
	struct managed *mark = group_of(dev, id);

	if (mark != NULL) {
		detach(mark);
		dispose(mark);
	}
}

/* Actions. */

struct action {
	void (*function)(void *data);
	void *data;
};

static void run_action(struct device *dev, void *resource)
{
	struct action *action = resource;

	(void)dev;
	action->function(action->data);
}

static int is_action(struct device *dev, void *resource, void *wanted)
{
	struct action *a = resource, *b = wanted;

	(void)dev;
	return a->function == b->function && a->data == b->data;
}

int devm_add_action(struct device *dev, void (*function)(void *), void *data)
{
	struct action *action = own_alloc(run_action, sizeof(*action));

	*action = (struct action){function, data};
	devres_add(dev, action);
	return 0;
}

int devm_add_action_or_reset(struct device *dev, void (*function)(void *), void *data)
{
	int error = devm_add_action(dev, function, data);

	if (error != 0)
		function(data);
	return error;
}

void devm_remove_action(struct device *dev, void (*function)(void *), void *data)
{
	WARN_ON(devres_destroy(dev, run_action, is_action, &(struct action){function, data}) != 0);
}

void devm_release_action(struct device *dev, void (*function)(void *), void *data)
{
	WARN_ON(devres_release(dev, run_action, is_action, &(struct action){function, data}) != 0);
}

/* Memory is managed in mm.c; a text is made there, too, and then copied. */
char *devm_kasprintf(struct device *dev, gfp_t flags, const char *format, ...)
{
	char *text, *kept;
	va_list args;

	va_start(args, format);
	text = kvasprintf(flags, format, args);
	va_end(args);
	if (text == NULL)
		return NULL;
	kept = devm_kstrdup(dev, text, flags);
	kfree(text);
	return kept;
}

int devm_mutex_init(struct device *dev, struct mutex *lock)
{
	(void)dev;
	mutex_init(lock);
	return 0;
}
