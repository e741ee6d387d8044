import mmap, os, sys

buffer = mmap.mmap(-1, 3 * 4096)
with open("/dev/pinned", "rb", buffering=0) as pinned:
    count = pinned.readinto(memoryview(buffer)[4096 + 100 : 4096 + 3100])
good = bytes(i % 256 for i in range(3000))
print(count, buffer[4096 + 100 : 4096 + 3100] == good)
sys.exit(buffer[4096 + 100 : 4096 + 3100] != good)
