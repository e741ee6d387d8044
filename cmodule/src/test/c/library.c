/* Uses the library; what it prints is compared with what Linux prints. */
#include <linux/module.h>
#include <linux/crc32.h>
#include <linux/glob.h>
#include <linux/idr.h>
#include <linux/kfifo.h>
#include <linux/list_sort.h>
#include <linux/platform_device.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/uuid.h>

static int checks;

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		checks++;                                                                          \
		if (!(condition))                                                                  \
			pr_err("FAILED line %d: %s\n", __LINE__, #condition);                      \
	} while (0)

#define SHOW(format, ...) pr_info("|" format "|\n", ##__VA_ARGS__)

static int named_function(void)
{
	return 0;
}

static void show_wrapped(const char *format, ...)
{
	va_list values;
	struct va_format wrapped;

	va_start(values, format);
	wrapped.fmt = format;
	wrapped.va = &values;
	SHOW("%pV!", &wrapped);
	va_end(values);
}

static void show_formats(void)
{
	static const u8 bytes[] = {0x00, 0x0a, 0xff, 0x80, 0x12, 0x34};
	static const u8 address6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 0x01};
	static const uuid_t uuid = UUID_INIT(0x00112233, 0x4455, 0x6677, 0x88, 0x99, 0xaa, 0xbb, 0xcc,
					     0xdd, 0xee, 0xff);
	struct resource mem = DEFINE_RES_MEM(0x3f007000, 0x1000);
	struct resource irq = DEFINE_RES_IRQ(16);
	dma_addr_t dma = 0xc0001000;
	phys_addr_t phys = 0x1000;
	unsigned long map[2] = {0xf0f, 0x3};
	time64_t time = 951782400;

	SHOW("%d %i %u %5d %-5d %05d %+d", -1, 2, 3u, 4, 5, 6, 7);
	SHOW("%x %X %#x %#o %08x %.3d", 0xabc, 0xabc, 0xabc, 8, 0xabc, 5);
	SHOW("%hhd %hd %ld %lld %zu %zd", 257, 65537, -1L, -2LL, (size_t)3, (ssize_t)-4);
	SHOW("%s %5s %-5s %.2s %s %c%%", "a", "b", "c", "defg", (char *)NULL, 'x');
	SHOW("%*d %-*d %.*s", 4, 1, 4, 2, 2, "xyz");
	SHOW("%llu %lld", ULLONG_MAX, LLONG_MIN);
	SHOW("%p %px", NULL, (void *)0x1234);
	SHOW("%pad %pa %pap", &dma, &phys, &phys);
	SHOW("%pe %pe %pe", ERR_PTR(-ENOMEM), ERR_PTR(-EPROBE_DEFER), ERR_PTR(-1000));
	SHOW("%*ph %*phC %*phD %*phN", 3, bytes, 3, bytes, 3, bytes, 3, bytes);
	SHOW("%pM %pMF %pm", bytes, bytes, bytes);
	SHOW("%pI4 %pi4 %pI6 %pI6c", bytes, bytes, address6, address6);
	SHOW("%pUb %pUB %pUl", &uuid, &uuid, &uuid);
	SHOW("%pR %pr", &mem, &mem);
	SHOW("%pR", &irq);
	SHOW("%*pb %*pbl", 40, map, 66, map);
	SHOW("%ptT", &time);
	SHOW("%pS %ps", named_function, named_function);
	show_wrapped("%d and %s", 1, "two");
}

static void check_strings(void)
{
	char text[16], *rest = text, *end;
	unsigned int u;
	long long ll;
	bool b;
	u8 byte;
	int a, n;

	CHECK(strscpy(text, "hello", sizeof text) == 5);
	CHECK(strscpy(text, "hello, big world", sizeof text) == -E2BIG);
	CHECK(strcmp(text, "hello, big worl") == 0);
	CHECK(strcmp(strsep(&rest, ","), "hello") == 0 && strcmp(rest, " big worl") == 0);
	strscpy(text, "  x y \n");
	CHECK(strcmp(strim(text), "x y") == 0);
	CHECK(sysfs_streq("on\n", "on") && !sysfs_streq("on\n\n", "on"));
	CHECK(snprintf(text, 4, "%d", 123456) == 6 && strcmp(text, "123") == 0);
	CHECK(scnprintf(text, 4, "%d", 123456) == 3);
	CHECK(kstrtouint("0x1F\n", 0, &u) == 0 && u == 31);
	CHECK(kstrtouint("-1", 0, &u) == -EINVAL);
	CHECK(kstrtou8("256", 10, &byte) == -ERANGE);
	CHECK(kstrtoll("-9223372036854775808", 10, &ll) == 0 && ll == LLONG_MIN);
	CHECK(kstrtoll("9223372036854775808", 10, &ll) == -ERANGE);
	CHECK(kstrtobool("off", &b) == 0 && !b && kstrtobool("Y", &b) == 0 && b);
	CHECK(simple_strtoul("0755x", &end, 0) == 0755 && *end == 'x');
	CHECK(memparse("16K", &end) == 16384 && *end == '\0');
	CHECK(sscanf("12 0x1f abc z", "%d %i %2s%c", &a, &n, text, &text[8]) == 4);
	CHECK(a == 12 && n == 31 && strcmp(text, "ab") == 0 && text[8] == 'c');
	CHECK(sscanf("7,8", "%d;%d", &a, &n) == 1 && a == 7);
	CHECK(sscanf("abc123", "%[a-z]%n", text, &n) == 1 && n == 3);
	CHECK(hex2bin(&byte, "a5", 1) == 0 && byte == 0xa5);
	CHECK(glob_match("dma*chan[0-3]", "dma0chan2") && !glob_match("dma?", "dma"));
	CHECK(memchr_inv("aaab", 'a', 4) != NULL && memchr_inv("aaaa", 'a', 4) == NULL);
	CHECK(match_string((const char *const[]){"no", "yes", NULL}, 2, "yes") == 1);
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

struct item {
	int key;
	struct list_head list;
	struct rb_node node;
};

static int compare_items(void *unused, const struct list_head *a, const struct list_head *b)
{
	return list_entry(a, struct item, list)->key / 10 - list_entry(b, struct item, list)->key / 10;
}

static void check_calculations(void)
{
	int numbers[] = {5, 3, 9, 1, 7, 3}, key = 7;
	struct tm tm;

	sort(numbers, ARRAY_SIZE(numbers), sizeof(int), compare_ints, NULL);
	for (size_t i = 1; i < ARRAY_SIZE(numbers); i++)
		CHECK(numbers[i - 1] <= numbers[i]);
	CHECK(bsearch(&key, numbers, ARRAY_SIZE(numbers), sizeof(int), compare_ints) == &numbers[4]);
	CHECK((crc32_le(~0U, (const u8 *)"123456789", 9) ^ ~0U) == 0xcbf43926);
	CHECK((crc32c(~0U, "123456789", 9) ^ ~0U) == 0xe3069283);
	CHECK(crc_itu_t(0xffff, (const u8 *)"123456789", 9) == 0x29b1);
	CHECK(crc16(0, (const u8 *)"123456789", 9) == 0xbb3d);
	CHECK(gcd(12, 18) == 6 && lcm(4, 6) == 12 && int_sqrt(99) == 9 && int_sqrt(ULONG_MAX) == ~0U);
	CHECK(roundup_pow_of_two(5) == 8 && ilog2(4096) == 12 && order_base_2(5) == 3);
	CHECK(DIV_ROUND_UP(10, 4) == 3 && roundup(10, 4) == 12 && round_down(10, 4) == 8);
	CHECK(min(3, 4) == 3 && max_t(u8, 3, 4) == 4 && clamp(9, 1, 5) == 5);
	CHECK(get_order(1) == 0 && get_order(4096) == 0 && get_order(4097) == 1);
	CHECK(FIELD_GET(GENMASK(7, 4), 0xab) == 0xa && FIELD_PREP(GENMASK(7, 4), 0xc) == 0xc0);
	CHECK(msecs_to_jiffies(1) == 1 && jiffies_to_msecs(HZ) == 1000);
	time64_to_tm(951782400, 0, &tm);
	CHECK(tm.tm_year == 100 && tm.tm_mon == 1 && tm.tm_mday == 29 && tm.tm_wday == 2);
	CHECK(tm.tm_yday == 59 && mktime64(2000, 2, 29, 0, 0, 0) == 951782400);
	time64_to_tm(-1, 0, &tm);
	CHECK(tm.tm_year == 69 && tm.tm_mon == 11 && tm.tm_mday == 31 && tm.tm_hour == 23);
	CHECK(get_random_u32_below(10) < 10);
}

static void check_bitmaps(void)
{
	DECLARE_BITMAP(map, 130);

	bitmap_zero(map, 130);
	bitmap_set(map, 60, 10);
	CHECK(bitmap_weight(map, 130) == 10 && find_first_bit(map, 130) == 60);
	CHECK(find_next_zero_bit(map, 130, 60) == 70 && find_next_bit(map, 130, 70) == 130);
	CHECK(bitmap_find_next_zero_area(map, 130, 56, 8, 0) == 70);
	CHECK(!test_and_set_bit(129, map) && test_bit(129, map) && find_last_bit(map, 130) == 129);
	CHECK(bitmap_find_free_region(map, 130, 3) == 0);
}

static void check_lists(void)
{
	static struct item items[6] = {{21}, {10}, {20}, {11}, {0}, {22}};
	static const int sorted[6] = {0, 10, 11, 21, 20, 22};
	struct item *item, *next;
	LIST_HEAD(list);
	LIST_HEAD(other);
	int i = 0;

	for (i = 0; i < 6; i++)
		list_add_tail(&items[i].list, &list);
	list_sort(NULL, &list, compare_items);
	i = 0;
	list_for_each_entry(item, &list, list)
		CHECK(item->key == sorted[i++]);
	list_splice_tail_init(&list, &other);
	CHECK(list_empty(&list) && list_count_nodes(&other) == 6);
	list_for_each_entry_safe(item, next, &other, list)
		list_del(&item->list);
	CHECK(list_empty(&other) && list_first_entry_or_null(&other, struct item, list) == NULL);
	CHECK(items[0].list.next == LIST_POISON1);
}

#define TREE_SIZE 200

/* Black height; -1 where a rule of the tree is broken. */
static int height(const struct rb_node *node)
{
	int left, right, red;

	if (node == NULL)
		return 0;
	red = !(node->__rb_parent_color & 1);
	if (red && ((node->rb_left && !(node->rb_left->__rb_parent_color & 1))
		    || (node->rb_right && !(node->rb_right->__rb_parent_color & 1))))
		return -1;
	left = height(node->rb_left);
	right = height(node->rb_right);
	return left < 0 || left != right ? -1 : left + !red;
}

static void insert(struct rb_root *root, struct item *item)
{
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->key < rb_entry(parent, struct item, node)->key ? &parent->rb_left
									     : &parent->rb_right;
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_color(&item->node, root);
}

static void check_trees(void)
{
	static struct item items[TREE_SIZE];
	struct rb_root root = RB_ROOT;
	struct rb_node *node;
	int broken = 0, last, count;

	for (int i = 0; i < TREE_SIZE; i++) {
		items[i].key = i * 37 % TREE_SIZE;
		insert(&root, &items[i]);
		broken += height(root.rb_node) < 0;
	}
	for (int i = 0; i < TREE_SIZE / 2; i++) {
		rb_erase(&items[i * 7 % (TREE_SIZE / 2) * 2].node, &root);
		broken += height(root.rb_node) < 0;
	}
	CHECK(broken == 0);
	last = -1;
	count = 0;
	for (node = rb_first(&root); node; node = rb_next(node), count++) {
		CHECK(rb_entry(node, struct item, node)->key > last);
		last = rb_entry(node, struct item, node)->key;
	}
	CHECK(count == TREE_SIZE / 2);
	for (count = 0, node = rb_last(&root); node; node = rb_prev(node))
		count++;
	CHECK(count == TREE_SIZE / 2);
}

static void check_fifos(void)
{
	static DEFINE_KFIFO(fixed, u8, 8);
	static DECLARE_KFIFO_PTR(allocated, int);
	u8 in[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, out[10] = {};
	int value = 0;

	CHECK(kfifo_is_empty(&fixed) && kfifo_size(&fixed) == 8);
	CHECK(kfifo_in(&fixed, in, 5) == 5 && kfifo_out(&fixed, out, 3) == 3 && out[2] == 3);
	CHECK(kfifo_in(&fixed, in, 10) == 6 && kfifo_is_full(&fixed) && !kfifo_put(&fixed, 1));
	CHECK(kfifo_peek(&fixed, out) && out[0] == 4);
	CHECK(kfifo_out(&fixed, out, 10) == 8 && out[0] == 4 && out[2] == 1 && out[7] == 6);
	CHECK(!kfifo_get(&fixed, out));
	CHECK(kfifo_alloc(&allocated, 5, GFP_KERNEL) == 0 && kfifo_size(&allocated) == 8);
	CHECK(kfifo_put(&allocated, 77) && kfifo_len(&allocated) == 1);
	CHECK(kfifo_get(&allocated, &value) && value == 77);
	kfifo_free(&allocated);
	CHECK(!kfifo_initialized(&allocated));
}

static void check_numbers_of_things(void)
{
	static DEFINE_IDR(idr);
	static DEFINE_IDA(ida);
	static DEFINE_XARRAY(array);
	unsigned long index;
	void *entry;
	int id, sum = 0;

	CHECK(idr_alloc(&idr, &sum, 5, 7, GFP_KERNEL) == 5);
	CHECK(idr_alloc(&idr, &id, 5, 7, GFP_KERNEL) == 6);
	CHECK(idr_alloc(&idr, &id, 5, 7, GFP_KERNEL) == -ENOSPC);
	CHECK(idr_find(&idr, 5) == &sum && idr_find(&idr, 7) == NULL);
	idr_for_each_entry(&idr, entry, id)
		sum += id;
	CHECK(sum == 11 && idr_remove(&idr, 5) == &sum && idr_remove(&idr, 5) == NULL);
	CHECK(idr_alloc_cyclic(&idr, &id, 0, 0, GFP_KERNEL) == 0);
	CHECK(idr_alloc_cyclic(&idr, &id, 0, 0, GFP_KERNEL) == 1);
	idr_remove(&idr, 0);
	CHECK(idr_alloc_cyclic(&idr, &id, 0, 0, GFP_KERNEL) == 2);
	idr_destroy(&idr);
	CHECK(idr_is_empty(&idr));
	CHECK(ida_alloc(&ida, GFP_KERNEL) == 0 && ida_alloc(&ida, GFP_KERNEL) == 1);
	ida_free(&ida, 0);
	CHECK(ida_alloc(&ida, GFP_KERNEL) == 0);
	CHECK(ida_alloc_range(&ida, 0, 1, GFP_KERNEL) == -ENOSPC);
	ida_destroy(&ida);
	CHECK(xa_store(&array, 1UL << 40, &sum, GFP_KERNEL) == NULL);
	CHECK(xa_insert(&array, 1UL << 40, &sum, GFP_KERNEL) == -EBUSY);
	CHECK(xa_store(&array, 3, &id, GFP_KERNEL) == NULL && xa_load(&array, 3) == &id);
	sum = 0;
	xa_for_each(&array, index, entry)
		sum += entry == &id ? 1 : 10;
	CHECK(sum == 11 && xa_erase(&array, 3) == &id);
	xa_destroy(&array);
}

static void check_memory(void)
{
	char *copy = kstrdup("text", GFP_KERNEL);
	char *text = kasprintf(GFP_KERNEL, "%s %d", copy, 5);
	u64 *numbers = kmalloc_array(4, sizeof *numbers, GFP_KERNEL);
	struct {
		u64 a[16];
	} big = {.a = {1, 2, 3}}, *other = kmalloc(sizeof *other, GFP_KERNEL);

	CHECK(strcmp(copy, "text") == 0 && strcmp(text, "text 5") == 0);
	memset64(numbers, 0x0123456789abcdefULL, 4);
	CHECK(numbers[3] == 0x0123456789abcdefULL);
	*other = big; /* a copy that the compiler makes */
	CHECK(other->a[2] == 3 && memcmp(other, &big, sizeof big) == 0);
	kfree(other);
	kfree(numbers);
	kfree(text);
	kfree(copy);
}

static int __init library_init(void)
{
	struct device dev = {.init_name = "dev0"};
	struct device_driver driver = {.name = "drv"};

	show_formats();
	dev_info(&dev, "no driver\n");
	dev.driver = &driver;
	dev_warn(&dev, "a driver, %d\n", 1);
	dev_dbg(&dev, "not seen\n");
	pr_debug("not seen\n");
	print_hex_dump(KERN_INFO, "dump ", DUMP_PREFIX_OFFSET, 16, 1, "0123456789abcdefXY", 18, true);
	print_hex_dump(KERN_INFO, "", DUMP_PREFIX_NONE, 16, 4, "0123456789abcdef", 16, false);
	check_strings();
	check_calculations();
	check_bitmaps();
	check_lists();
	check_trees();
	check_fifos();
	check_numbers_of_things();
	check_memory();
	pr_info("checks: %d\n", checks);
	return 0;
}

static void __exit library_exit(void)
{
}

module_init(library_init)
module_exit(library_exit)
MODULE_LICENSE("GPL");
