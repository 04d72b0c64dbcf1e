package io.faultdisk.nbd.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdMagic;
import io.faultdisk.nbd.RequestHeader;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a client sends, it harms only itself. */
@Timeout(240)
class HostileInputTest {
  private ServedImage served;

  /** Lines of the log that {@link #attack} has accounted for. */
  private int linesSeen;

  @BeforeEach
  void serve() throws Exception {
    served = ServedImage.memory("1M");
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  /** A whole session as a client would send it without waiting for replies. */
  private static ByteBuffer session(RandomGenerator random) {
    ByteBuffer all = ByteBuffer.allocate(1 << 16);
    all.putInt(3);
    boolean extended = random.nextInt(3) == 0;
    option(all, extended ? RawClient.EXTENDED_HEADERS : RawClient.STRUCTURED_REPLY);
    option(all, RawClient.LIST);
    option(all, RawClient.LIST_META_CONTEXT, RawClient.queries("", "base:", "qemu:"));
    option(all, RawClient.SET_META_CONTEXT, RawClient.queries("", "base:allocation"));
    option(all, RawClient.INFO, RawClient.info("", 1, 2, 3));
    if (random.nextBoolean()) {
      option(all, RawClient.GO, RawClient.info("", 3));
    } else {
      option(all, RawClient.EXPORT_NAME, "".getBytes(UTF_8));
    }
    CommandType[] commands = CommandType.values();
    for (int i = random.nextInt(20); i >= 0; i--) {
      CommandType command = commands[random.nextInt(commands.length)];
      int bytes = random.nextInt(2000);
      int flags = random.nextInt(4) == 0 ? 1 << random.nextInt(8) : 0;
      RequestHeader.put(all, extended, flags, command, i, random.nextInt(1 << 19), bytes);
      if (command == CommandType.WRITE || extended && (flags & 1 << 5) != 0) {
        all.put(new byte[bytes]);
      }
    }
    return all.flip();
  }

  private static void option(ByteBuffer all, int number, byte... data) {
    all.putLong(NbdMagic.OPTION).putInt(number).putInt(data.length).put(data);
  }

  private static void mutate(ByteBuffer session, RandomGenerator random) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(session.limit());
      switch (random.nextInt(5)) {
        case 0 -> session.put(at, (byte) random.nextInt());
        case 1 -> session.put(at, (byte) (session.get(at) ^ 1 << random.nextInt(8)));
        case 2 -> session.limit(at + 1);
        case 3 -> {
          if (at + Long.BYTES <= session.limit()) {
            session.putLong(at, random.nextBoolean() ? -1 : Long.MIN_VALUE);
          }
        }
        default -> {
          int count = Math.min(random.nextInt(40), session.limit() - at);
          byte[] tail = new byte[session.limit() - at - count];
          session.get(at + count, tail);
          session.put(at, tail).limit(at + tail.length);
        }
      }
      if (!session.hasRemaining()) {
        return;
      }
    }
  }

  @Test
  void mutatedSessionsEndAndLeaveNothingBehind() throws IOException {
    try (RawClient other = RawClient.simple(served.socket())) {
      RandomCases.run(
          "a mutated session",
          1500,
          random -> {
            ByteBuffer session = session(random);
            mutate(session, random);
            try (RawClient client = new RawClient(served.socket())) {
              sendSomehow(client, session, random);
              assertThat(client.isCutOff()).isTrue();
            }
            assertThat(other.read(random.nextInt(1 << 19), 512)).hasSize(512);
          });
    }
    served.assertNothingIsLeft();
  }

  private static void sendSomehow(RawClient client, ByteBuffer session, RandomGenerator random) {
    try {
      int limit = session.limit();
      while (session.position() < limit) {
        int bytes = 1 + random.nextInt(random.nextInt(10) == 0 ? 20 : 5000);
        session.limit(Math.min(limit, session.position() + bytes));
        client.send(session);
      }
      client.stopSending();
    } catch (IOException e) {
      // The server has had enough of it.
    }
  }

  @Test
  void noiseIsCutOff() throws IOException {
    RandomCases.run(
        "noise",
        300,
        random -> {
          byte[] noise = new byte[random.nextInt(1000)];
          random.nextBytes(noise);
          try (RawClient client = new RawClient(served.socket())) {
            if (random.nextBoolean()) {
              client.greet(3).go("");
            }
            sendSomehow(client, ByteBuffer.wrap(noise), random);
            assertThat(client.isCutOff()).isTrue();
          }
        });
    served.assertNothingIsLeft();
  }

  @Test
  void aPayloadThatNeverComesKeepsNoMemoryOnceTheClientIsGone() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (RawClient client = RawClient.simple(served.socket())) {
        client.request(CommandType.WRITE, 0, 1, 0, 32 << 20, new byte[100]);
      }
    }
    served.assertNothingIsLeft();
    assertThat(served.log()).anyMatch(line -> line.contains("in the middle of a request"));
  }

  /** What a client does, in transmission or before it. */
  private interface Attack {
    void run(RawClient client) throws IOException;
  }

  private static void raw(RawClient client, long first, int second, int third) throws IOException {
    client.send(ByteBuffer.allocate(16).putLong(first).putInt(second).putInt(third).flip());
  }

  private static void write(RawClient client, boolean extended, long length) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(RequestHeader.bytes(extended));
    RequestHeader.put(header, extended, 0, CommandType.WRITE, 1, 0, length);
    client.send(header.flip());
  }

  private void attack(RawClient other, String log, RawClient client, Attack attack)
      throws IOException {
    try (client) {
      attack.run(client);
      client.stopSending();
      assertThat(client.isCutOff()).as(log).isTrue();
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(served.log().subList(linesSeen, served.log().size()))
                    .hasSize(1)
                    .allMatch(line -> line.contains(log)));
    linesSeen++;
    assertThat(other.read(0, 512)).hasSize(512);
  }

  @Test
  void eachViolationIsLoggedAndHarmsNobodyElse() throws IOException {
    Path socket = served.socket();
    long magic = NbdMagic.OPTION;
    try (RawClient other = RawClient.simple(socket)) {
      attack(other, "without a word", new RawClient(socket), client -> {});
      attack(
          other, "Unknown client flags 0xfffffffc", new RawClient(socket).greet(-1), client -> {});
      attack(
          other,
          "Unsupported option 3",
          new RawClient(socket).greet(0),
          client -> raw(client, magic, RawClient.LIST, 0));
      RawClient greeted = new RawClient(socket).greet(3);
      attack(other, "Bad magic", greeted, client -> raw(client, magic + 1, RawClient.LIST, 0));
      greeted = new RawClient(socket).greet(3);
      attack(other, "too long", greeted, client -> raw(client, magic, RawClient.LIST, -1));
      greeted = new RawClient(socket).greet(3);
      attack(
          other,
          "in the middle of an option",
          greeted,
          client -> raw(client, magic, RawClient.GO, 1000));
      attack(
          other,
          "invalid magic (got 0x49484156)",
          RawClient.simple(socket),
          client -> client.send(ByteBuffer.allocate(28).putLong(magic).clear()));
      String middle = "in the middle of a request";
      attack(other, middle, RawClient.simple(socket), client -> write(client, false, 100_000));
      attack(other, middle, RawClient.extended(socket), client -> write(client, true, 32 << 20));
      attack(
          other,
          "payload of 4294967295 bytes is too long",
          RawClient.simple(socket),
          client -> write(client, false, 0xffff_ffffL));
      for (String length : new String[] {"18446744073709551615", "9223372036854775808"}) {
        attack(
            other,
            "payload of " + length + " bytes is too long",
            RawClient.extended(socket),
            client -> write(client, true, Long.parseUnsignedLong(length)));
      }
    }
    served.assertNothingIsLeft();
  }

  /** The time for a handshake is for all of it, not for each byte. */
  @Test
  void aClientThatDripsBytesIsCutOffInTime() throws Exception {
    ServerLimits hasty = ServerLimits.DEFAULT.withTimes(3000, 1000);
    try (ServedImage other = ServedImage.memory("1M", "", hasty, settings -> settings);
        RawClient client = new RawClient(other.socket()).greet(3)) {
      raw(client, NbdMagic.OPTION, RawClient.LIST, 32 << 20);
      int sent = 0;
      try {
        while (sent < 32 << 20) {
          client.send(ByteBuffer.allocate(1));
          sent++;
        }
      } catch (IOException e) {
        // The server has had enough of it.
      }
      assertThat(sent).isLessThan(32 << 20);
      assertThat(other.log()).anyMatch(line -> line.contains("in time"));
    }
  }
}
