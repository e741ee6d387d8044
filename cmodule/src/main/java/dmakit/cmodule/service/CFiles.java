package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.File;
import dmakit.kernel.chardev.FileOperations;
import dmakit.kernel.chardev.PollTable;
import dmakit.kernel.mm.Vma;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Files whose operations are C code's, and what C code knows them by. */
final class CFiles {
    private static final int FILE_COUNT_MAX = 1 << 20;
    private static final int AREA_COUNT_MAX = 1 << 20;
    private static final int POLL_COUNT_MAX = 65_536;
    private static final int ERRNO_MAX = 4095;

    private final CSystem system;
    private final CHost host;
    private final Handles<File> files = new Handles<>("files", FILE_COUNT_MAX);
    private final Handles<Vma> areas = new Handles<>("areas of processes", AREA_COUNT_MAX);
    private final Handles<PollTable> polls = new Handles<>("polls", POLL_COUNT_MAX);
    private final TreeSet<Integer> goneModules = new TreeSet<>();

    CFiles(CSystem system) {
        this.system = system;
        host = system.host();
    }

    /** The file of a number, {@code dmakit_number} of its struct. */
    File file(long number) {
        return files.get(number);
    }

    /** The area of a number, {@code dmakit_number} of its struct. */
    Vma area(long number) {
        return areas.get(number);
    }

    /** The poll of a number. */
    PollTable poll(long number) {
        return polls.get(number);
    }

    /** Functions of a module are there no longer. */
    void unloaded(CModule module) {
        goneModules.add(module.number());
    }

    /**
     * Operations of a driver in C.
     *
     * @param call the one that registers them
     * @param way the function by which they are reached
     * @param kind what the object is, as {@code files.h} numbers them
     * @param object its address
     */
    FileOperations operations(Call call, long way, long kind, long object) {
        return new Operations(Held.moduleOf(system, call.site()), way, kind, object);
    }

    /**
     * What a function of C code answered.
     *
     * @throws KernelException when that is a negative error number
     */
    static long checked(long result, String who) {
        if (result < 0 && result >= -ERRNO_MAX) {
            throw new KernelException(Errno.ofNumber((int) -result), "%s answered %d", who, result);
        }
        return result;
    }

    /** What is kept with an open file: its struct. */
    private record Open(long struct, int number) {}

    private final class Operations implements FileOperations {
        private final int module;
        private final long way;
        private final long kind;
        private final long object;

        Operations(int module, long way, long kind, long object) {
            this.module = module;
            this.way = way;
            this.kind = kind;
            this.object = object;
        }

        /** Whether nobody can be called: the module was unloaded, or C code has ended. */
        private boolean isGone() {
            return system.hasEnded() || goneModules.contains(module);
        }

        private long run(FileCall what, File file, long a, long b, long c) {
            if (!(file.privateData() instanceof Open open) || isGone()) {
                throw new KernelException(Errno.ENODEV, "the driver of %s is gone", file.name());
            }
            long result =
                    host.run(
                            way,
                            what.ordinal(),
                            open.struct(),
                            file.position(),
                            file.flags(),
                            a,
                            b,
                            c,
                            0);
            return checked(result, file.name());
        }

        @Override
        public void open(File file) {
            if (isGone()) {
                throw new KernelException(Errno.ENXIO, "the driver of %s is gone", file.name());
            }
            int number = files.number(file);
            try {
                long struct =
                        host.run(
                                way,
                                FileCall.OPEN.ordinal(),
                                0,
                                0,
                                file.flags(),
                                number,
                                kind,
                                object,
                                0);
                file.privateData(new Open(checked(struct, file.name()), number));
            } catch (RuntimeException e) {
                files.free(number);
                throw e;
            }
        }

        @Override
        public void release(File file) {
            if (file.privateData() instanceof Open open) {
                try {
                    if (!isGone()) {
                        run(FileCall.RELEASE, file, 0, 0, 0);
                    }
                } finally {
                    files.free(open.number());
                }
            }
        }

        @Override
        public long read(File file, long userVa, long bytes) {
            return run(FileCall.READ, file, userVa, bytes, 0);
        }

        @Override
        public long write(File file, long userVa, long bytes) {
            return run(FileCall.WRITE, file, userVa, bytes, 0);
        }

        @Override
        public long ioctl(File file, int command, long argument) {
            return run(FileCall.IOCTL, file, Integer.toUnsignedLong(command), argument, 0);
        }

        @Override
        public int poll(File file, PollTable table) {
            int number = polls.number(table);
            try {
                return (int) run(FileCall.POLL, file, number, 0, 0);
            } finally {
                polls.free(number);
            }
        }

        @Override
        public long seek(File file, long offset, Whence whence) {
            return run(FileCall.LLSEEK, file, offset, whence.ordinal(), 0);
        }

        @Override
        public void mmap(File file, Vma vma) {
            int number = areas.number(vma);
            vma.operations(new Area(this, 0));
            try {
                run(FileCall.MMAP, file, number, 0, 0);
            } catch (RuntimeException e) {
                areas.free(number);
                vma.operations(null);
                throw e;
            }
        }

        @Override
        public void flush(File file) {
            if (!isGone()) {
                run(FileCall.FLUSH, file, 0, 0, 0);
            }
        }

        @Override
        public void fsync(File file) {
            run(FileCall.FSYNC, file, 0, 0, 0);
        }

        @Override
        public void async(File file, boolean on) {
            if (!isGone()) {
                run(FileCall.FASYNC, file, on ? 1 : 0, 0, 0);
            }
        }
    }

    /** An area has its struct now, and the flags its driver set. */
    void areaIsThere(long number, long struct, long flags) {
        Vma vma = area(number);
        vma.flags(flags);
        if (vma.operations() instanceof Area area) {
            vma.operations(new Area(area.operations, struct));
        }
    }

    /** The struct of an area, or 0. */
    long structOf(Vma vma) {
        return vma.operations() instanceof Area area ? area.struct : 0;
    }

    /** Takes a reference to a file and answers its struct; 0 for one that is not C code's. */
    long hold(File file) {
        if (file.privateData() instanceof Open open) {
            file.get();
            return open.struct();
        }
        return 0;
    }

    private final class Area implements Vma.Operations {
        private final Operations operations;
        private final long struct;

        Area(Operations operations, long struct) {
            this.operations = operations;
            this.struct = struct;
        }

        private long run(FileCall what, long a, long b, long c) {
            return host.run(operations.way, what.ordinal(), 0, 0, 0, a, b, c, 0);
        }

        private boolean isReachable() {
            return struct != 0 && !operations.isGone();
        }

        @Override
        public void open(Vma vma) {
            int number = areas.number(vma);
            if (isReachable()) {
                run(FileCall.VMA_OPEN, struct, number, 0);
            }
        }

        @Override
        public void close(Vma vma) {
            try {
                if (isReachable()) {
                    run(FileCall.VMA_CLOSE, struct, 0, 0);
                }
            } finally {
                areas.free(areas.number(vma));
            }
        }

        @Override
        public boolean fault(Vma vma, long va, boolean write) {
            return isReachable() && run(FileCall.VMA_FAULT, struct, va, write ? 1 : 0) != 0;
        }
    }

    /** The module a call comes from, or null. */
    @Nullable CModule moduleOf(Call call) {
        return call.site() == 0 ? null : system.moduleOf(call.site());
    }
}
