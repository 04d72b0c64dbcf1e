package io.faultdisk.block.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.rules.ConnectionFault;
import io.faultdisk.rules.ConnectionFault.Mode;
import io.faultdisk.rules.ConnectionPoint;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.RuleMatch;
import io.faultdisk.testkit.Race;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our driver against our server, whose rules are about connections. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectionFaultTest {
  private static final int BLOCK = 4096;
  private static final String DELAYED = ",reconnect-delay=30";

  @TempDir Path dir;

  private final byte[] data = new byte[1 << 20];
  private Served served;

  @BeforeEach
  void serve() throws Exception {
    served = Served.memory(dir.resolve("far"), "1M");
    new Random(1).nextBytes(data);
    served.image().write(0, ByteBuffer.wrap(data), 0);
  }

  @AfterEach
  void close() throws Exception {
    served.close();
  }

  private void add(RuleMatch match, Mode mode, long delayNanos) {
    served.engine().add(List.of(new ConnectionFault(match, mode, delayNanos)));
  }

  private static RuleMatch reply(RuleFilter filter) {
    return RuleMatch.on(ConnectionPoint.REPLY.event()).withFilter(filter);
  }

  private static RuleFilter the(int occurrence) {
    return RuleFilter.NONE.withOccurrence(occurrence).withTimes(1);
  }

  private RemoteDisk open(String options) throws Exception {
    return RemoteDisk.open(served.socket(), options);
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD"})
  void aRequestWhoseReplyWasCutOffIsRepeated(Mode mode) throws Exception {
    try (RemoteDisk disk = open(DELAYED)) {
      add(reply(the(1)), mode, 0);
      assertThat(disk.read(0, data.length)).isEqualTo(data);
      add(reply(the(1)).withType(RequestType.WRITE), mode, 0);
      disk.write(BLOCK, new byte[BLOCK]);
      assertThat(disk.read(BLOCK, BLOCK)).containsOnly(0);
      assertThat(disk.messages()).isEmpty();
    }
  }

  /** The rule hits six replies in a row, whoever gets them. */
  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD"})
  void manyRequestsSurviveManyLostConnections(Mode mode) throws Exception {
    int threads = 8;
    int each = 20;
    add(reply(RuleFilter.NONE.withOccurrence(5).withTimes(6)), mode, 0);
    try (RemoteDisk disk = open(DELAYED)) {
      new Race(Duration.ofSeconds(120))
          .threads(
              threads,
              thread -> {
                for (int i = 0; i < each; i++) {
                  int at = (thread * each + i) * BLOCK;
                  byte[] read = disk.read(at, BLOCK);
                  assertThat(read).isEqualTo(Arrays.copyOfRange(data, at, at + BLOCK));
                }
              })
          .run();
      assertThat(disk.messages()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD"})
  void withoutADelayTheRequestFails(Mode mode) throws Exception {
    try (RemoteDisk disk = open("")) {
      add(reply(the(2)), mode, 0);
      assertThat(disk.read(0, BLOCK)).hasSize(BLOCK);
      assertThatThrownBy(() -> disk.read(0, BLOCK))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
    }
  }

  /** A server that breaks the protocol is cut off for good. */
  @Test
  void aReplyToNoRequestIsTheEnd() throws Exception {
    try (RemoteDisk disk = open(DELAYED)) {
      add(reply(the(2)), Mode.WRONG_COOKIE, 0);
      assertThat(disk.read(0, BLOCK)).hasSize(BLOCK);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> disk.read(0, BLOCK)).isInstanceOf(BlockIoException.class);
      }
      assertThat(disk.messages()).hasSize(1);
    }
  }

  @Test
  void aLateReplyHoldsUpNobodyElse() throws Exception {
    RuleMatch first = reply(RuleFilter.NONE.withRange(0, BLOCK).withTimes(1));
    add(first, Mode.LATE_REPLY, 300_000_000);
    try (RemoteDisk disk = open("")) {
      new Race(Duration.ofSeconds(120))
          .threads(
              8,
              thread -> {
                int at = thread * BLOCK;
                assertThat(disk.read(at, BLOCK))
                    .isEqualTo(Arrays.copyOfRange(data, at, at + BLOCK));
              })
          .run();
    }
  }

  @Test
  void attemptsGoOnUntilTheClientIsNotRefused() throws Exception {
    add(reply(the(1)), Mode.DROP_AFTER_HEADER, 0);
    RuleFilter second = the(2);
    RuleMatch connect = RuleMatch.on(ConnectionPoint.CONNECT.event()).withFilter(second);
    add(connect, Mode.REFUSE, 0);
    try (RemoteDisk disk = open(DELAYED)) {
      assertThat(disk.read(0, BLOCK)).isEqualTo(Arrays.copyOf(data, BLOCK));
    }
  }

  @Test
  void whoIsRefusedWhenItOpensSaysWhy() throws Exception {
    add(RuleMatch.on(ConnectionPoint.CONNECT.event()), Mode.REFUSE, 0);
    assertThatThrownBy(() -> open("").close())
        .isInstanceOfSatisfying(
            UsageException.class,
            e -> assertThat(e.hints()).containsExactly("server reported: refused by a rule"))
        .hasMessage("Denied by server for option 7 (go)");
  }
}
