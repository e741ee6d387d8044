/* Memory, strings, numbers in text, formats. */
#ifndef DMAKIT_STRING_H
#define DMAKIT_STRING_H

#include <dmakit/base.h>

/*
 * The names are those of functions that keep the cache lines of a whole range; the compiler uses
 * them also where it calls memcpy or memset by itself.
 */
void *memcpy(void *to, const void *from, size_t bytes) DMAKIT_OWN_NAME(memcpy);
void *memmove(void *to, const void *from, size_t bytes) DMAKIT_OWN_NAME(memmove);
void *memset(void *to, int value, size_t bytes) DMAKIT_OWN_NAME(memset);
int memcmp(const void *a, const void *b, size_t bytes) DMAKIT_OWN_NAME(memcmp);
size_t strlen(const char *text) DMAKIT_OWN_NAME(strlen);

void *memchr(const void *p, int c, size_t bytes) DMAKIT_OWN_NAME(memchr);
void *memchr_inv(const void *p, int c, size_t bytes);
void *memscan(void *p, int c, size_t bytes);
void *memset16(u16 *p, u16 value, size_t count);
void *memset32(u32 *p, u32 value, size_t count);
void *memset64(u64 *p, u64 value, size_t count);
void memzero_explicit(void *p, size_t bytes);
int bcmp(const void *a, const void *b, size_t bytes) DMAKIT_OWN_NAME(bcmp);
bool mem_is_zero(const void *p, size_t bytes);
void memcpy_and_pad(void *to, size_t to_size, const void *from, size_t count, int pad);

size_t strnlen(const char *text, size_t max) DMAKIT_OWN_NAME(strnlen);
char *strcpy(char *to, const char *from) DMAKIT_OWN_NAME(strcpy);
char *strncpy(char *to, const char *from, size_t size) DMAKIT_OWN_NAME(strncpy);
size_t strlcpy(char *to, const char *from, size_t size) DMAKIT_OWN_NAME(strlcpy);
ssize_t dmakit_strscpy(char *to, const char *from, size_t size);
ssize_t dmakit_strscpy_pad(char *to, const char *from, size_t size);
#define strscpy2(to, from) dmakit_strscpy(to, from, sizeof(to))
#define strscpy3(to, from, size) dmakit_strscpy(to, from, size)
#define strscpy(...) DMAKIT_BY_COUNT(strscpy, __VA_ARGS__)
#define strscpy_pad2(to, from) dmakit_strscpy_pad(to, from, sizeof(to))
#define strscpy_pad3(to, from, size) dmakit_strscpy_pad(to, from, size)
#define strscpy_pad(...) DMAKIT_BY_COUNT(strscpy_pad, __VA_ARGS__)
char *stpcpy(char *to, const char *from) DMAKIT_OWN_NAME(stpcpy);
char *strcat(char *to, const char *from) DMAKIT_OWN_NAME(strcat);
char *strncat(char *to, const char *from, size_t count) DMAKIT_OWN_NAME(strncat);
size_t strlcat(char *to, const char *from, size_t size) DMAKIT_OWN_NAME(strlcat);
int strcmp(const char *a, const char *b) DMAKIT_OWN_NAME(strcmp);
int strncmp(const char *a, const char *b, size_t count) DMAKIT_OWN_NAME(strncmp);
int strcasecmp(const char *a, const char *b) DMAKIT_OWN_NAME(strcasecmp);
int strncasecmp(const char *a, const char *b, size_t count) DMAKIT_OWN_NAME(strncasecmp);
#define strnicmp(a, b, count) strncasecmp(a, b, count)
char *strchr(const char *text, int c) DMAKIT_OWN_NAME(strchr);
char *strchrnul(const char *text, int c) DMAKIT_OWN_NAME(strchrnul);
char *strnchr(const char *text, size_t count, int c);
char *strrchr(const char *text, int c) DMAKIT_OWN_NAME(strrchr);
char *strstr(const char *text, const char *part) DMAKIT_OWN_NAME(strstr);
char *strnstr(const char *text, const char *part, size_t length);
char *strpbrk(const char *text, const char *set) DMAKIT_OWN_NAME(strpbrk);
char *strsep(char **text, const char *set) DMAKIT_OWN_NAME(strsep);
size_t strspn(const char *text, const char *set) DMAKIT_OWN_NAME(strspn);
size_t strcspn(const char *text, const char *set) DMAKIT_OWN_NAME(strcspn);
char *strim(char *text);
char *skip_spaces(const char *text);
#define strstrip(text) strim(text)
char *strreplace(char *text, char old, char with);
bool sysfs_streq(const char *a, const char *b);
int match_string(const char *const *array, size_t count, const char *text);
int __sysfs_match_string(const char *const *array, size_t count, const char *text);
#define sysfs_match_string(array, text) __sysfs_match_string(array, ARRAY_SIZE(array), text)
const char *kbasename(const char *path);
size_t str_has_prefix(const char *text, const char *prefix);
bool strstarts(const char *text, const char *prefix);
#define str_yes_no(v) ((v) ? "yes" : "no")
#define str_on_off(v) ((v) ? "on" : "off")
#define str_enabled_disabled(v) ((v) ? "enabled" : "disabled")
#define str_enable_disable(v) ((v) ? "enable" : "disable")
#define str_true_false(v) ((v) ? "true" : "false")
#define str_read_write(v) ((v) ? "read" : "write")
#define str_plural(n) ((n) == 1 ? "" : "s")

char *kstrdup(const char *text, gfp_t flags);
const char *kstrdup_const(const char *text, gfp_t flags);
char *kstrndup(const char *text, size_t max, gfp_t flags);
void *kmemdup(const void *p, size_t bytes, gfp_t flags);
char *kmemdup_nul(const char *p, size_t bytes, gfp_t flags);
void kfree_const(const void *p);
char *kasprintf(gfp_t flags, const char *format, ...) __printf(2, 3);
char *kvasprintf(gfp_t flags, const char *format, va_list values) __printf(2, 0);

int sprintf(char *into, const char *format, ...) DMAKIT_OWN_NAME(sprintf) __printf(2, 3);
int vsprintf(char *into, const char *format, va_list values) DMAKIT_OWN_NAME(vsprintf);
int snprintf(char *into, size_t size, const char *format, ...) DMAKIT_OWN_NAME(snprintf)
	__printf(3, 4);
int vsnprintf(char *into, size_t size, const char *format, va_list values)
	DMAKIT_OWN_NAME(vsnprintf);
int scnprintf(char *into, size_t size, const char *format, ...) __printf(3, 4);
int vscnprintf(char *into, size_t size, const char *format, va_list values);
int sscanf(const char *text, const char *format, ...) DMAKIT_OWN_NAME(sscanf) __scanf(2, 3);
int vsscanf(const char *text, const char *format, va_list values) DMAKIT_OWN_NAME(vsscanf);

int kstrtoull(const char *text, unsigned int base, unsigned long long *value);
int kstrtoll(const char *text, unsigned int base, long long *value);
int kstrtoul(const char *text, unsigned int base, unsigned long *value);
int kstrtol(const char *text, unsigned int base, long *value);
int kstrtouint(const char *text, unsigned int base, unsigned int *value);
int kstrtoint(const char *text, unsigned int base, int *value);
int kstrtou16(const char *text, unsigned int base, u16 *value);
int kstrtos16(const char *text, unsigned int base, s16 *value);
int kstrtou8(const char *text, unsigned int base, u8 *value);
int kstrtos8(const char *text, unsigned int base, s8 *value);
int kstrtobool(const char *text, bool *value);
#define kstrtou64(text, base, value) kstrtoull(text, base, value)
#define kstrtos64(text, base, value) kstrtoll(text, base, value)
#define kstrtou32(text, base, value) kstrtouint(text, base, value)
#define kstrtos32(text, base, value) kstrtoint(text, base, value)
#define strict_strtoul(text, base, value) kstrtoul(text, base, value)
#define strict_strtol(text, base, value) kstrtol(text, base, value)
#define strict_strtoull(text, base, value) kstrtoull(text, base, value)
#define strtobool(text, value) kstrtobool(text, value)
#define kstrtoul_from_user(from, count, base, value)                                               \
	dmakit_kstrto_user(from, count, base, value, 8, false)
#define kstrtol_from_user(from, count, base, value)                                                \
	dmakit_kstrto_user(from, count, base, value, 8, true)
#define kstrtoull_from_user(from, count, base, value)                                              \
	dmakit_kstrto_user(from, count, base, value, 8, false)
#define kstrtoll_from_user(from, count, base, value)                                               \
	dmakit_kstrto_user(from, count, base, value, 8, true)
#define kstrtouint_from_user(from, count, base, value)                                             \
	dmakit_kstrto_user(from, count, base, value, 4, false)
#define kstrtoint_from_user(from, count, base, value)                                              \
	dmakit_kstrto_user(from, count, base, value, 4, true)
#define kstrtou32_from_user(from, count, base, value)                                              \
	dmakit_kstrto_user(from, count, base, value, 4, false)
#define kstrtou8_from_user(from, count, base, value)                                               \
	dmakit_kstrto_user(from, count, base, value, 1, false)
int dmakit_kstrto_user(const char __user *from, size_t count, unsigned int base, void *value,
		       int bytes, bool is_signed);
int kstrtobool_from_user(const char __user *from, size_t count, bool *value);
unsigned long simple_strtoul(const char *text, char **end, unsigned int base);
long simple_strtol(const char *text, char **end, unsigned int base);
unsigned long long simple_strtoull(const char *text, char **end, unsigned int base);
long long simple_strtoll(const char *text, char **end, unsigned int base);
int get_option(char **text, int *value);
char *get_options(const char *text, int count, int *values);
unsigned long long memparse(const char *text, char **end);

int hex_to_bin(unsigned char c);
int hex2bin(u8 *to, const char *from, size_t count);
char *bin2hex(char *to, const void *from, size_t count);
#define hex_asc_lo(x) ("0123456789abcdef"[(x)&0xf])
#define hex_asc_hi(x) ("0123456789abcdef"[((x)&0xf0) >> 4])

enum string_size_units { STRING_UNITS_10, STRING_UNITS_2 };
int string_get_size(u64 size, u64 block_size, enum string_size_units units, char *into, int room);

#define isdigit(c) ((unsigned int)((c) - '0') < 10)
#define islower(c) ((unsigned int)((c) - 'a') < 26)
#define isupper(c) ((unsigned int)((c) - 'A') < 26)
#define isalpha(c) ((unsigned int)(((c) | 32) - 'a') < 26)
#define isalnum(c) (isalpha(c) || isdigit(c))
#define isxdigit(c) (isdigit(c) || (unsigned int)(((c) | 32) - 'a') < 6)
#define isspace(c) ((c) == ' ' || (unsigned int)((c) - '\t') < 5)
#define isprint(c) ((unsigned int)((c)-0x20) < 0x5f)
#define isgraph(c) ((unsigned int)((c)-0x21) < 0x5e)
#define isascii(c) (((unsigned char)(c)) < 0x80)
#define iscntrl(c) ((unsigned char)(c) < 0x20 || (unsigned char)(c) == 0x7f)
#define ispunct(c) (isgraph(c) && !isalnum(c))

static inline int tolower(int c)
{
	return isupper(c) ? c + 32 : c;
}

static inline int toupper(int c)
{
	return islower(c) ? c - 32 : c;
}
#define _tolower(c) ((c) | 0x20)

#endif
