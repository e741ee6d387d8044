import fcntl, mmap, os, struct, sys

fd = os.open("/dev/share0", os.O_RDWR)
size = struct.unpack("I", fcntl.ioctl(fd, 0x80046d02, struct.pack("I", 0)))[0]
memory = mmap.mmap(fd, size)
memory[:11] = b"hello world"
fcntl.ioctl(fd, 0x40046d01, struct.pack("I", 64))
print(memory[size // 2:size // 2 + 11].decode())
sys.exit(memory[size // 2:size // 2 + 11] != b"hello world")
