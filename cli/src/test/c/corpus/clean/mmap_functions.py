import mmap, os, sys

PAGE = 4096
failed = 0
for kind in range(5):
    fd = os.open("/dev/kind%d" % kind, os.O_RDWR)
    memory = mmap.mmap(fd, 4 * PAGE)
    memory[:PAGE] = bytes([kind + 1]) * PAGE
    os.write(fd, b"go")
    behind = mmap.mmap(fd, PAGE, offset=PAGE)
    if behind[:] != bytes([kind + 1]) * PAGE or memory[2 * PAGE :] != bytes(2 * PAGE):
        print("kind %d: wrong bytes" % kind)
        failed = 1
    for pages, offset in ((5, 0), (4, 1), (1, 4)):
        try:
            mmap.mmap(fd, pages * PAGE, offset=offset * PAGE)
            print("kind %d: %d pages at page %d" % (kind, pages, offset))
            failed = 1
        except OSError:
            pass
    os.close(fd)
sys.exit(failed)
