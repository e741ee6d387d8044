package dmakit.kernel.chardev;

import dmakit.kernel.chardev.UserProcess.AnonymousMemory;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.task.Scheduler;
import dmakit.machine.task.Task;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The processes of one machine. */
public final class Processes {
    private final Scheduler scheduler;
    private final Cpu cpu;
    private final CharDevices devices;
    private final AnonymousMemory memory;
    private final Map<Integer, UserProcess> byTask = new TreeMap<>();

    /** Starts without processes. */
    public Processes(Scheduler scheduler, Cpu cpu, CharDevices devices, AnonymousMemory memory) {
        this.scheduler = scheduler;
        this.cpu = cpu;
        this.devices = devices;
        this.memory = memory;
    }

    /**
     * Starts a program in a process of its own; when it returns or throws, its files are closed and
     * its memory is given back.
     *
     * @param main what the program does
     * @return the task that runs it
     */
    public Task start(String program, Consumer<UserProcess> main) {
        UserProcess process = new UserProcess(program, this, cpu, devices, memory);
        Task task =
                scheduler.spawn(
                        program,
                        () -> {
                            try {
                                main.accept(process);
                            } finally {
                                process.exit();
                                byTask.remove(currentTaskId());
                            }
                        });
        byTask.put(task.id(), process);
        return task;
    }

    /** The process whose task runs, or null in a kernel thread or an interrupt of the idle CPU. */
    public @Nullable UserProcess current() {
        return byTask.get(currentTaskId());
    }

    private int currentTaskId() {
        Task task = scheduler.current();
        return task == null ? 0 : task.id();
    }
}
