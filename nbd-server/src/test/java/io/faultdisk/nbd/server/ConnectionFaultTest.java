package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.ReplyHeader;
import io.faultdisk.rules.ConnectionFault;
import io.faultdisk.rules.ConnectionFault.Mode;
import io.faultdisk.rules.ConnectionPoint;
import io.faultdisk.rules.Decision;
import io.faultdisk.rules.Observation;
import io.faultdisk.rules.Observer;
import io.faultdisk.rules.RequestType;
import io.faultdisk.rules.RuleFilter;
import io.faultdisk.rules.RuleMatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rules about connections, byte by byte. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectionFaultTest {
  private static final int BLOCK = 4096;
  private static final int ERR_POLICY = 0x8000_0002;
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final byte[] data = new byte[BLOCK];
  private ServedImage served;

  @BeforeEach
  void serve() throws Exception {
    served =
        ServedImage.memory(
            "1M", "", ServerLimits.DEFAULT.withTimes(10_000, 200), settings -> settings);
    new Random(1).nextBytes(data);
    served.image().write(0, ByteBuffer.wrap(data), 0);
  }

  @AfterEach
  void close() throws IOException {
    served.close();
  }

  private RawClient client(ReplyMode mode) throws IOException {
    return switch (mode) {
      case SIMPLE -> RawClient.simple(served.socket());
      case STRUCTURED -> RawClient.structured(served.socket(), "base:allocation");
      case EXTENDED -> RawClient.extended(served.socket(), "base:allocation");
    };
  }

  /** The n-th reply or client from now on. */
  private static RuleMatch the(int occurrence, ConnectionPoint point) {
    return RuleMatch.on(point.event())
        .withFilter(RuleFilter.NONE.withOccurrence(occurrence).withTimes(1));
  }

  private void fault(int occurrence, Mode mode) {
    served.engine().add(List.of(new ConnectionFault(the(occurrence, mode.point()), mode)));
  }

  private void late(RuleMatch match, long nanos) {
    served.engine().add(List.of(new ConnectionFault(match, Mode.LATE_REPLY, nanos)));
  }

  private static int headerBytes(ReplyMode mode) {
    return switch (mode) {
      case SIMPLE -> ReplyHeader.SIMPLE_BYTES;
      case STRUCTURED -> ReplyHeader.STRUCTURED_BYTES;
      case EXTENDED -> ReplyHeader.EXTENDED_BYTES;
    };
  }

  // ---- replies that are cut off ----

  @ParameterizedTest
  @EnumSource
  void theNthReplyEndsBehindItsHeaderAlthoughTheClientWasThereBeforeTheRule(ReplyMode mode)
      throws IOException {
    try (RawClient other = client(mode);
        RawClient client = client(mode)) {
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      fault(3, Mode.DROP_AFTER_HEADER);
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      assertThat(other.read(0, BLOCK)).isEqualTo(data);
      client.request(CommandType.READ, 0, 4711, 0, BLOCK);
      ByteBuffer rest = ByteBuffer.wrap(client.rest());
      assertThat(rest.remaining()).isEqualTo(headerBytes(mode));
      assertThat(ReplyHeader.bytes(ReplyHeader.magic(rest, 0))).isEqualTo(headerBytes(mode));
      assertThat(ReplyHeader.cookie(rest, 0)).isEqualTo(4711);
      assertThat(other.read(0, BLOCK)).isEqualTo(data);
    }
    assertThat(served.log()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void halfOfThePayloadComes(ReplyMode mode) throws IOException {
    fault(1, Mode.HALF_PAYLOAD);
    try (RawClient client = client(mode)) {
      client.request(CommandType.READ, 0, 1, 0, BLOCK);
      int header = headerBytes(mode);
      int offsetBytes = mode == ReplyMode.SIMPLE ? 0 : Long.BYTES;
      int payload = (offsetBytes + BLOCK) / 2;
      byte[] rest = client.rest();
      assertThat(rest).hasSize(header + payload);
      assertThat(Arrays.copyOfRange(rest, header + offsetBytes, rest.length))
          .isEqualTo(Arrays.copyOf(data, payload - offsetBytes));
    }
  }

  /** More than fits into the buffers of a loop, or of a socket. */
  @ParameterizedTest
  @EnumSource
  void halfOfALongPayloadComes(ReplyMode mode) throws IOException {
    fault(1, Mode.HALF_PAYLOAD);
    try (RawClient client = client(mode)) {
      client.request(CommandType.READ, 0, 1, 0, 1 << 20);
      int more = mode == ReplyMode.SIMPLE ? 0 : Long.BYTES / 2;
      assertThat(client.rest()).hasSize(headerBytes(mode) + more + (1 << 19));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aReplyWithoutPayloadIsCutOffBehindItsHeaderAndTheRequestIsDone(ReplyMode mode)
      throws IOException {
    fault(1, Mode.HALF_PAYLOAD);
    byte[] other = new byte[BLOCK];
    Arrays.fill(other, (byte) 7);
    int header = mode == ReplyMode.EXTENDED ? ReplyHeader.EXTENDED_BYTES : 16;
    try (RawClient client = client(mode)) {
      client.write(1, 0, other);
      assertThat(client.rest()).hasSize(header);
    }
    try (RawClient client = client(mode)) {
      assertThat(client.read(0, BLOCK)).isEqualTo(other);
    }
  }

  /** What a worker answers, and what is refused without being tried. */
  @Test
  void everyKindOfReplyCountsAndCanBeHit() throws IOException {
    for (CommandType command :
        List.of(CommandType.WRITE_ZEROES, CommandType.FLUSH, CommandType.TRIM, CommandType.CACHE)) {
      fault(2, Mode.DROP_AFTER_HEADER);
      try (RawClient client = client(ReplyMode.STRUCTURED)) {
        // Past the end.
        client.request(CommandType.READ, 0, 1, 2 << 20, 512);
        assertThat(client.error(1)).isEqualTo(22);
        client.request(command, 0, 2, 0, command == CommandType.FLUSH ? 0 : BLOCK);
        assertThat(client.rest()).as("%s", command).hasSize(ReplyHeader.SIMPLE_BYTES);
      }
    }
    fault(1, Mode.HALF_PAYLOAD);
    try (RawClient client = client(ReplyMode.EXTENDED)) {
      client.request(CommandType.READ, 0, 1, 2 << 20, 512);
      int message = "operation past EOF".length();
      assertThat(client.rest()).hasSize(ReplyHeader.EXTENDED_BYTES + (6 + message) / 2);
    }
  }

  /** As in all rules, the status of blocks has to be asked for. */
  @Test
  void repliesAboutTheStatusOfBlocksAreHitByRulesForThemOnly() throws IOException {
    fault(1, Mode.HALF_PAYLOAD);
    RuleMatch match = the(1, ConnectionPoint.REPLY).withType(RequestType.BLOCK_STATUS);
    try (RawClient client = client(ReplyMode.STRUCTURED)) {
      client.request(CommandType.BLOCK_STATUS, 0, 1, 0, 1 << 20);
      int payload = client.reply(0).data().length;
      served.engine().add(List.of(new ConnectionFault(match, Mode.HALF_PAYLOAD)));
      client.request(CommandType.BLOCK_STATUS, 0, 2, 0, 1 << 20);
      assertThat(client.rest()).hasSize(ReplyHeader.STRUCTURED_BYTES + payload / 2);
    }
  }

  @Test
  void aRuleCanBeForOneKindOfRequestAndOnePlace() throws IOException {
    RuleMatch match =
        RuleMatch.on(ConnectionPoint.REPLY.event())
            .withType(RequestType.READ)
            .withFilter(RuleFilter.NONE.withRange(BLOCK, BLOCK));
    served.engine().add(List.of(new ConnectionFault(match, Mode.DROP_AFTER_HEADER)));
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      client.write(1, BLOCK, data);
      assertThat(client.error(1)).isZero();
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      client.request(CommandType.READ, 0, 2, 0, BLOCK + 1);
      assertThat(client.rest()).hasSize(ReplyHeader.SIMPLE_BYTES);
    }
  }

  // ---- replies that are wrong or late ----

  @ParameterizedTest
  @EnumSource
  void oneReplyHasAnotherCookieAndTheSessionGoesOn(ReplyMode mode) throws IOException {
    fault(2, Mode.WRONG_COOKIE);
    try (RawClient client = client(mode)) {
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      client.request(CommandType.READ, 0, 4711, 0, BLOCK);
      RawClient.Reply wrong = client.replies(BLOCK).getFirst();
      assertThat(wrong.cookie()).isEqualTo(~4711L);
      assertThat(wrong.error()).isZero();
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
    }
  }

  @ParameterizedTest
  @EnumSource
  void othersGoBeforeALateReply(ReplyMode mode) throws IOException {
    late(the(2, ConnectionPoint.REPLY), HOUR_NANOS);
    try (RawClient client = client(mode)) {
      for (int i = 0; i < 100; i++) {
        client.write(i, (long) i * BLOCK, data);
      }
      for (int i = 0; i < 100; i++) {
        if (i != 1) {
          assertThat(client.error(i)).isZero();
        }
      }
      // What it asked for is done nevertheless.
      assertThat(client.read(BLOCK, BLOCK)).isEqualTo(data);
    }
  }

  /** There is one worker, which the late reply must not keep. */
  @Test
  void othersGoBeforeALateReplyOfAWorker() throws Exception {
    served.close();
    served =
        ServedImage.memory(
            "1M",
            "",
            new ServerLimits(16, 16, ServerLimits.DEFAULT.memoryBytes(), 1, 10_000, 200),
            settings -> settings);
    late(the(1, ConnectionPoint.REPLY).withType(RequestType.FLUSH), HOUR_NANOS);
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      client.request(CommandType.FLUSH, 0, 1, 0, 0);
      for (int i = 2; i < 10; i++) {
        client.request(CommandType.FLUSH, 0, i, 0, 0);
        assertThat(client.error(i)).isZero();
      }
    }
  }

  @Test
  void aLateReplyComes() throws IOException {
    late(the(1, ConnectionPoint.REPLY), 1_000_000);
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
    }
  }

  @Test
  void aClientThatLeavesStillGetsItsLateReply() throws IOException {
    late(the(1, ConnectionPoint.REPLY), 1_000_000);
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      client.request(CommandType.READ, 0, 1, 0, BLOCK);
      client.stopSending();
      assertThat(client.rest()).hasSize(ReplyHeader.SIMPLE_BYTES + BLOCK);
    }
  }

  // ---- clients that are sent away ----

  @Test
  void aClientIsRefusedAndTheNextIsNot() throws IOException {
    fault(2, Mode.REFUSE);
    try (RawClient client = client(ReplyMode.SIMPLE)) {
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
    }
    try (RawClient client = new RawClient(served.socket()).greet(3)) {
      // Asking is not connecting.
      client.option(RawClient.INFO, RawClient.info(""));
      var refusal = client.option(RawClient.GO, RawClient.info(""));
      assertThat(refusal).hasSize(1);
      assertThat(refusal.getFirst().type()).isEqualTo(ERR_POLICY);
      assertThat(refusal.getFirst().text()).isEqualTo("refused by a rule");
      client.go("");
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
    }
    assertThat(served.log()).isEmpty();
  }

  @Test
  void aClientThatKnowsOnlyNamesIsCutOff() throws IOException {
    fault(1, Mode.REFUSE);
    try (RawClient client = new RawClient(served.socket()).greet(3)) {
      client.sendOption(RawClient.EXPORT_NAME);
      assertThat(client.rest()).isEmpty();
    }
    assertThat(served.log())
        .singleElement()
        .asString()
        .endsWith("handshake failed: refused by a rule");
  }

  // ---- what is told ----

  @Test
  void observersAreToldOfRepliesOnlyWhileThereAreRules() throws IOException {
    List<Decision> decisions = new CopyOnWriteArrayList<>();
    try (Observer.Registration unused =
            served
                .engine()
                .observe(
                    observation -> {
                      if (observation instanceof Observation.OperationPerformed performed) {
                        decisions.add(performed.decision());
                      }
                    });
        RawClient client = client(ReplyMode.SIMPLE)) {
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      assertThat(decisions).isEmpty();
      fault(2, Mode.WRONG_COOKIE);
      assertThat(client.read(0, BLOCK)).isEqualTo(data);
      client.request(CommandType.READ, 0, 1, 0, 1);
      client.reply(1);
      assertThat(decisions).hasSize(2);
      assertThat(decisions.get(0)).isEqualTo(Decision.pass());
      assertThat(((Decision.Disconnect) decisions.get(1)).rule().mode())
          .isEqualTo(Mode.WRONG_COOKIE);
    }
  }
}
