package dmakit.cmodule.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dmakit.cmodule.UserTestPrograms;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.memory.DeviceView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs in C and Python, as authors of drivers write them. */
class UserProgramIT {
    private static final byte[] GREETING = "hello\0".getBytes(StandardCharsets.UTF_8);

    @TempDir static Path programs;
    private static String app = "";

    @TempDir Path folder;
    private UserFixture system;

    @BeforeAll
    static void compile() {
        app = UserTestPrograms.compile("user_app.c", programs).toString();
    }

    @BeforeEach
    void boot() {
        system = new UserFixture(folder);
    }

    @AfterEach
    void close() {
        system.close();
    }

    @Test
    void callsAnswerAsTheKernelWould() {
        assertThat(system.sh(app + " commands").output())
                .isEqualTo(
                        """
                        writev 4
                        pread 3 bcd
                        ioctl 0 42
                        bad pointer -1 Bad address
                        bad buffer -1 Bad address
                        bad command -1 Inappropriate ioctl for device
                        closed -1 Bad file descriptor
                        missing -1 No such file or directory
                        """);
    }

    @Test
    void mappedMemoryIsTheMachinesOwnAndAllProcessesSeeIt() {
        long va = AddressLayout.LINEAR_BASE + system.devices.page();
        system.machine.cpu().store(va, GREETING, 0, GREETING.length);
        system.machine.cpu().clean(system.devices.page(), GREETING.length);
        assertThat(system.sh(app + " memory 0").output())
                .isEqualTo(
                        """
                        from the kernel: hello
                        child: from the program
                        parent: from the child
                        """);
        byte[] seen = new byte["from the child".length()];
        system.machine.cpu().invalidate(system.devices.page(), 64);
        system.machine.cpu().load(va, seen, 0, seen.length);
        assertThat(seen).asString().isEqualTo("from the child");
    }

    @Test
    void aDeviceWritesToMemoryOfAProgramThatIsPinned() {
        assertThat(system.sh(app + " pinning").output())
                .isEqualTo(
                        """
                        pin 0, from the program
                        from the device
                        from the device, the next page
                        """);
    }

    @Test
    void whatAProgramStoresToCachedMemoryIsDirtyUntilItIsCleaned() {
        long va = AddressLayout.LINEAR_BASE + system.devices.page();
        byte[] before = "stale".getBytes(StandardCharsets.UTF_8);
        system.machine.cpu().store(va, before, 0, before.length);
        system.machine.cpu().clean(system.devices.page(), 64);
        system.sh(app + " memory 1");
        assertThat(inRam(5)).isEqualTo("stale");
        system.machine.cpu().clean(system.devices.page(), 64);
        assertThat(inRam(14)).isEqualTo("from the child");
    }

    /** What a device would read at the start of the page. */
    private String inRam(int bytes) {
        var device = new DeviceView(system.machine.ram(), system.machine.caches(), false);
        byte[] seen = new byte[bytes];
        device.load(system.machine.ram().offsetOf(system.devices.page()), seen, 0, bytes);
        return new String(seen, StandardCharsets.UTF_8);
    }

    @Test
    void waitingTakesSimulatedTimeOnly() {
        long start = System.nanoTime();
        assertThat(system.sh(app + " waiting").output())
                .isEqualTo(
                        """
                        poll 0 after 500 ms
                        poll 1 1 after 2500 ms
                        read thread
                        select 0
                        epoll 1 7
                        read child after 5500 ms
                        nonblocking -1 Resource temporarily unavailable
                        """);
        assertThat(system.sh("sleep 100000").status()).isZero();
        assertThat(System.nanoTime() - start).isLessThan(60_000_000_000L);
    }

    @Test
    void aProgramMayWaitByLookingAtMappedMemory() {
        assertThat(system.sh(app + " looking").output()).isEqualTo("set, in time\n");
    }

    @Test
    void aSignalOfADriverReachesTheProgram() {
        assertThat(system.sh(app + " kicked").output()).isEqualTo("ioctl 0, signal handled\n");
    }

    @Test
    void aProgramThatWouldNotSeeTheSystemIsRefused() throws IOException {
        Path program = folder.resolve("static");
        assumeTrue(
                UserTestPrograms.canCompile("user_app.c", program, "-static"),
                "no static C library on this computer");
        Path script = Files.writeString(folder.resolve("script"), "#!" + program + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        UserFixture.Ran ran = system.sh(program + " commands; echo $?; " + script + "; echo $?");
        assertThat(ran.output())
                .contains(program + " is statically linked")
                .contains(script + " is statically linked")
                .endsWith("126\n");
        assertThat(system.devices.history).isEmpty();
    }

    @Test
    void programsWithoutAnEnvironmentSeeTheSystemToo() {
        assertThat(system.sh("env -i /bin/sh -c 'echo x > /dev/store'").status()).isZero();
        assertThat(system.devices.stored()).isEqualTo("x\n");
    }

    @Test
    void wordsForTheSimulationAreAnsweredByIt() {
        system.control(words ->
                new UserSession.Control.Reply(
                        words.size() == 3 ? 0 : 1, "x".repeat(70_000) + words + "\n"));
        UserFixture.Ran ran = system.sh("insmod a.ko loops=5 | tail -c 24; rmmod 2>&1 | wc -c");
        assertThat(ran.output()).isEqualTo("[insmod, a.ko, loops=5]\n70008\n");
    }

    @Test
    void aHandledSignalInterruptsACall() {
        assertThat(system.sh(app + " interrupted").output())
                .isEqualTo("read -1 Interrupted system call, signal handled\n");
    }

    @Test
    void aCallThatIsToRestartDoes() {
        assertThat(system.sh(app + " restarted").output())
                .isEqualTo("read 7 bytes, signal handled\n");
    }

    @Test
    void pythonOpensReadsMapsAndWaits() {
        assumeTrue(system.sh("python3 -c 1").status() == 0, "no python3 on this computer");
        String program =
                """
                import mmap, os, select, subprocess, threading, time
                start = time.monotonic()
                with open('/dev/store', 'w') as f:
                    f.write('from python\\n')
                print(open('/dev/store').read(), end='')
                print(os.listdir('/sys/class/misc'), os.path.realpath('/sys/class/misc/store'))
                page = mmap.mmap(os.open('/dev/page', os.O_RDWR), 4096)
                page[0:5] = b'bytes'
                pipe = os.open('/dev/pipe', os.O_RDWR)
                def later():
                    time.sleep(5)
                    os.write(pipe, b'late')
                threading.Thread(target=later).start()
                print(select.select([pipe], [], [], 1)[0], select.select([pipe], [], [], 60)[0] == [pipe])
                print(os.read(pipe, 100))
                print(subprocess.run(['cat', '/dev/store'], capture_output=True, timeout=30).stdout)
                print(int(time.monotonic() - start))
                """;
        assertThat(system.sh("python3 -c \"" + program + "\"").output())
                .isEqualTo(
                        """
                        from python
                        ['oops', 'page', 'pin', 'pipe', 'spin', 'store', 'stuck'] /sys/devices/virtual/misc/store
                        [] True
                        b'late'
                        b'from python\\n'
                        5
                        """);
    }

    @Test
    void oneSeedGivesOneRun() {
        String line = app + " waiting; echo x > /dev/store; cat /dev/store /proc/misc";
        system.sh(line);
        long first = system.machine.clock().now();
        try (var again = new UserFixture(folder)) {
            again.sh(line);
            assertThat(again.machine.clock().now()).isEqualTo(first);
        }
    }
}
