package dmakit.kernel.chardev;

import dmakit.kernel.chardev.UserProcess.AnonymousMemory;
import dmakit.kernel.sched.Sched;
import dmakit.machine.task.Task;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The processes of one machine. */
public final class Processes {
    private final Sched sched;
    private final CharDevices devices;
    private final AnonymousMemory memory;
    private final Map<Integer, UserProcess> byTask = new TreeMap<>();

    /** Starts without processes. */
    public Processes(Sched sched, CharDevices devices, AnonymousMemory memory) {
        this.sched = sched;
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
        UserProcess process = new UserProcess(program, this, sched, devices, memory);
        Task task =
                sched.spawn(
                        program,
                        () -> {
                            try {
                                main.accept(process);
                            } finally {
                                sched.beginExit();
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
        Task task = sched.machine().scheduler().current();
        return task == null ? 0 : task.id();
    }
}
