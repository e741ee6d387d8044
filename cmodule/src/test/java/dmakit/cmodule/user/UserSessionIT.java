package dmakit.cmodule.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserSessionIT {
    @TempDir Path folder;
    private UserFixture system;

    @BeforeEach
    void boot() {
        system = new UserFixture(folder);
    }

    @AfterEach
    void close() {
        system.close();
    }

    @Test
    void aShellWritesToADevice() {
        assertThat(system.sh("echo one-two-three > /dev/store").status()).isZero();
        assertThat(system.devices.stored()).isEqualTo("one-two-three\n");
        assertThat(system.devices.history).containsExactly("open", "release");
    }

    @Test
    void programsSeeTheDeviceAsAFile() {
        UserFixture.Ran ran = system.sh("ls -l /dev/store; test -c /dev/store && echo device");
        assertThat(ran.output())
                .startsWith("crw------- 1 root root 10, 127 ")
                .endsWith(" /dev/store\ndevice\n");
    }

    @Test
    void whatWasWrittenIsReadByEveryProgram() {
        UserFixture.Ran ran =
                system.sh(
                        "echo abc > /dev/store; /bin/echo def > /dev/store; cat /dev/store; cat <"
                            + " /dev/store; od -c /dev/store; wc -c < /dev/store; dd if=/dev/store"
                            + " bs=3 count=1 2>/dev/null; head -c 5 /dev/store");
        assertThat(ran.output())
                .isEqualTo(
                        """
                        abc
                        def
                        abc
                        def
                        0000000   a   b   c  \\n   d   e   f  \\n
                        0000010
                        8
                        abcabc
                        d\
                        """);
    }

    @Test
    void foldersAndLinksOfSysfsCanBeWalked() {
        UserFixture.Ran ran =
                system.sh(
                        "cd /sys/class/misc && pwd && ls && cd store && pwd -P && cat dev;"
                                + " readlink /sys/class/misc/store; find /sys/class/misc/ | sort;"
                                + " cat ../store/dev; cat ../../misc/store/dev");
        assertThat(ran.output())
                .isEqualTo(
                        """
                        /sys/class/misc
                        oops
                        page
                        pin
                        pipe
                        spin
                        store
                        stuck
                        /sys/devices/virtual/misc/store
                        10:127
                        ../../devices/virtual/misc/store
                        /sys/class/misc/
                        /sys/class/misc/oops
                        /sys/class/misc/page
                        /sys/class/misc/pin
                        /sys/class/misc/pipe
                        /sys/class/misc/spin
                        /sys/class/misc/store
                        /sys/class/misc/stuck
                        10:127
                        10:127
                        """);
    }

    @Test
    void everyFolderBeneathAnOpenOneIsFound() {
        assertThat(system.sh("find /sys/devices/virtual/misc -name dev | wc -l").output().strip())
                .isEqualTo("7");
    }

    @Test
    void procHasTheKernelsFilesAndTheHostsOthers() {
        UserFixture.Ran ran = system.sh("cat /proc/misc; cat /proc/self/comm");
        assertThat(ran.output())
                .isEqualTo(
                        "121 pin\n"
                                + "122 oops\n"
                                + "123 stuck\n"
                                + "124 spin\n"
                                + "125 page\n"
                                + "126 pipe\n"
                                + "127 store\n"
                                + "cat\n");
    }

    @Test
    void theHostsDevicesAreOnlyThoseThatDoNoHarm() {
        UserFixture.Ran ran = system.sh("echo x > /dev/null; ls /dev/null /dev/mem /dev/sda");
        assertThat(ran.status()).isNotZero();
        assertThat(ran.output())
                .contains("/dev/null\n")
                .contains("'/dev/mem': No such file")
                .contains("'/dev/sda': No such file");
    }

    @Test
    void aDeviceFileCanBeMadeAndTakenAwayAndNothingElse() {
        UserFixture.Ran ran =
                system.sh(
                        "mknod /dev/mine c 10 127 && echo x > /dev/mine && rm /dev/mine; ls"
                            + " /dev/mine; touch /tmp/dmakit-x; mv /tmp/dmakit-x /dev/x; ln -s a"
                            + " /dev/x; mkdir /sys/x; rm -f /tmp/dmakit-x");
        assertThat(system.devices.stored()).isEqualTo("x\n");
        assertThat(ran.output()).contains("'/dev/mine': No such file");
        assertThat(Path.of("/dev/mine")).doesNotExist();
        assertThat(Path.of("/dev/x")).doesNotExist();
    }

    @Test
    void theStatusIsTheCommandsOwn() {
        assertThat(system.sh("exit 7").status()).isEqualTo(7);
        assertThat(system.sh("kill -TERM $$").status()).isEqualTo(128 + 15);
        assertThat(system.sh("no-such-program").status()).isEqualTo(127);
    }
}
