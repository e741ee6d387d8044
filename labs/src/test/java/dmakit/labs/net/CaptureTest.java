package dmakit.labs.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.labs.net.Capture.Frame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureTest {
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;

    private static ByteBuffer header(ByteOrder order, int magic) {
        ByteBuffer file = ByteBuffer.allocate(1 << 16).order(order);
        file.putInt(magic).putShort((short) 2).putShort((short) 4);
        return file.putInt(0).putInt(0).putInt(65535).putInt(1);
    }

    private static ByteBuffer record(ByteBuffer file, int seconds, int fraction, byte[] bytes) {
        file.putInt(seconds).putInt(fraction).putInt(bytes.length).putInt(bytes.length);
        return file.put(bytes);
    }

    private static byte[] written(ByteBuffer file) {
        return Arrays.copyOf(file.array(), file.position());
    }

    private static byte[] frame(int bytes) {
        byte[] frame = new byte[bytes];
        new Random(bytes).nextBytes(frame);
        frame[12] = 8;
        frame[13] = 0;
        return frame;
    }

    @ParameterizedTest
    @CsvSource({
        "BIG_ENDIAN, 0xa1b2c3d4, 1000000007000",
        "LITTLE_ENDIAN, 0xa1b2c3d4, 1000000007000",
        "BIG_ENDIAN, 0xa1b23c4d, 1000000000007",
        "LITTLE_ENDIAN, 0xa1b23c4d, 1000000000007"
    })
    void isReadInEitherByteOrderAndUnit(String order, String magic, long timeNs) {
        ByteOrder bytes =
                order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer file = header(bytes, Long.decode(magic).intValue());
        byte[] frame = frame(60);
        Capture capture = Capture.read(written(record(file, 1000, 7, frame)));
        assertThat(capture.frames()).hasSize(1);
        assertThat(capture.frames().getFirst().timeNs()).isEqualTo(timeNs);
        assertThat(capture.frames().getFirst().bytes()).isEqualTo(frame);
    }

    @Test
    void isReadAsItWasWritten() {
        List<Frame> frames =
                List.of(new Frame(0, frame(14)), new Frame(12_345_678_901L, frame(1514)));
        Capture read = Capture.read(new Capture(frames).toBytes());
        assertThat(read.frames()).hasSize(2);
        assertThat(read.frames().get(1).timeNs()).isEqualTo(12_345_678_901L);
        assertThat(read.frames().get(1).bytes()).isEqualTo(frame(1514));
    }

    @Test
    void mayBeEmpty() {
        assertThat(Capture.read(written(header(ByteOrder.LITTLE_ENDIAN, MICROSECONDS))).frames())
                .isEmpty();
    }

    @Nested
    class IsRefused {
        private static void refused(byte[] file, String why) {
            assertThatThrownBy(() -> Capture.read(file))
                    .isInstanceOf(CaptureException.class)
                    .hasMessageContaining(why);
        }

        private static ByteBuffer good() {
            return header(ByteOrder.LITTLE_ENDIAN, NANOSECONDS);
        }

        @Test
        void withoutAHeader() {
            refused(new byte[23], "has 23 bytes, a pcap file begins with a header of 24");
        }

        @Test
        void whenItIsSomethingElse() {
            refused("#!/bin/sh and more than that".getBytes(), "it begins with 0x23212f62");
            refused(
                    written(header(ByteOrder.BIG_ENDIAN, 0x0a0d0d0a)),
                    "is of the pcapng format, wanted pcap; 'editcap -F pcap' makes such a file");
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                refused(written(header(order, 0xa1b2cd34)), "is of Kuznetzov's modified pcap");
            }
        }

        @Test
        void whenItHoldsNoEthernet() {
            byte[] file = written(good());
            file[20] = 101;
            refused(
                    file,
                    "has frames of link type 101 (IP without Ethernet), wanted 1 (Ethernet);"
                            + " capture on one Ethernet interface");
            file[20] = 113;
            refused(file, "link type 113 (all interfaces of a Linux host)");
            file[20] = 99;
            refused(file, "link type 99 (another one)");
        }

        @Test
        void inAnotherVersion() {
            byte[] file = written(good());
            file[4] = 3;
            refused(file, "pcap of version 3");
        }

        @Test
        void whenItEndsInTheMiddle() {
            byte[] file = written(record(good(), 0, 0, frame(60)));
            refused(
                    Arrays.copyOf(file, 24 + 15),
                    "is cut off inside the header of frame 1, at byte 24; 'editcap' keeps");
            refused(
                    Arrays.copyOf(file, file.length - 1),
                    "is cut off or damaged: frame 1, at byte 24, has 60 bytes, 59 are left;");
        }

        @Test
        void withAFrameThatWasCutOff() {
            ByteBuffer file = good();
            file.putInt(0).putInt(0).putInt(60).putInt(1514).put(frame(60));
            refused(written(file), "is not whole: 60 of 1514 bytes were captured; 'tcpdump");
        }

        @Test
        void withAFrameOfNegativeLength() {
            ByteBuffer file = good();
            file.putInt(0).putInt(0).putInt(-1).putInt(-1);
            refused(written(file), "has 4294967295 bytes, 0 are left");
        }

        @Test
        void withAFrameThatIsTooShortOrTooLong() {
            refused(written(record(good(), 0, 0, new byte[13])), "has 13 bytes, least are 14");
            refused(written(record(good(), 0, 0, frame(1515))), "has 1515 bytes, most are 1514");
            byte[] tagged = frame(1519);
            tagged[12] = (byte) 0x81;
            tagged[13] = 0;
            refused(written(record(good(), 0, 0, tagged)), "has 1519 bytes, most are 1518");
            assertThat(
                            Capture.read(written(record(good(), 0, 0, Arrays.copyOf(tagged, 1518))))
                                    .frames())
                    .hasSize(1);
        }

        @Test
        void withOneFrameTooMany() {
            int count = Capture.FRAME_COUNT_MAX;
            ByteBuffer file =
                    ByteBuffer.allocate(24 + (count + 1) * 30).order(ByteOrder.LITTLE_ENDIAN);
            file.put(written(good()));
            byte[] least = frame(14);
            for (int i = 0; i < count; i++) {
                record(file, 0, 0, least);
            }
            assertThat(Capture.read(written(file)).frames()).hasSize(count);
            refused(written(record(file, 0, 0, least)), "more than 200000 frames");
        }

        @Test
        void beyondTheLargestFile() {
            refused(new byte[Capture.FILE_BYTES_MAX + 1], "67108865 bytes, most are 67108864");
        }
    }
}
