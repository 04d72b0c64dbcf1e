package io.faultdisk.block.nbd;

import static io.faultdisk.block.nbd.FakeSession.ACK;
import static io.faultdisk.block.nbd.FakeSession.ERR_UNSUP;
import static io.faultdisk.block.nbd.FakeSession.INFO;
import static io.faultdisk.block.nbd.FakeSession.LIST;
import static io.faultdisk.block.nbd.FakeSession.META_CONTEXT;
import static io.faultdisk.block.nbd.FakeSession.SERVER;
import static io.faultdisk.block.nbd.FakeSession.STRUCTURED_REPLY;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import io.faultdisk.nbd.NbdMagic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lists of exports from servers of all kinds; the installed qemu-nbd has its say, too. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ExportListingTest {
  private static final Path REAL = Path.of("/usr/bin/qemu-nbd");
  private static final int INFO_OPTION = 6;
  private static final int CONTEXTS_OPTION = 9;

  @TempDir Path dir;

  /** Servers whose list cannot be had; one that says so in a proper way has an empty one. */
  private enum Bad {
    HANGS_UP(session -> {}),
    IS_SOMETHING_ELSE(
        session -> session.send(ByteBuffer.wrap("HTTP/1.1 400 Bad".getBytes(ascii())))),
    OTHER_MAGIC(session -> session.send(greeting(0x1122334455667788L))),
    NO_FLAGS(session -> session.send(greeting(NbdMagic.OPTION).limit(16))),
    CANNOT_LIST(after((s, o) -> s.answer(LIST, ERR_UNSUP, ""))),
    MUST_NOT_LIST(after((s, o) -> s.answer(LIST, 0x80000002, "private"))),
    OTHER_REPLY(after((s, o) -> s.answer(LIST, META_CONTEXT, new byte[8]))),
    SHORT_NAME(after((s, o) -> s.answer(LIST, SERVER, new byte[3]))),
    NAME_BEYOND_THE_END(after((s, o) -> s.answer(LIST, SERVER, listed(100, "x")))),
    NAME_TOO_LONG(after((s, o) -> s.answer(LIST, SERVER, listed(5000, "x".repeat(5000))))),
    NEGATIVE_NAME(after((s, o) -> s.answer(LIST, SERVER, listed(-1, "x")))),
    NO_EXPORT_OF_THAT_NAME(
        after(
            (s, o) -> {
              s.answer(LIST, SERVER, listed(1, "a")).answer(LIST, ACK);
              s.option();
              s.answer(INFO_OPTION, 0x80000006, "gone");
            })),
    SHORT_INFORMATION(
        after(
            (s, o) -> {
              s.answer(LIST, SERVER, listed(1, "a")).answer(LIST, ACK);
              s.option();
              s.answer(INFO_OPTION, INFO, new byte[1]);
            })),
    HALF_AN_EXPORT(
        after(
            (s, o) -> {
              s.answer(LIST, SERVER, listed(1, "a")).answer(LIST, ACK);
              s.option();
              s.answer(INFO_OPTION, INFO, new byte[5]);
            })),
    HANGS_UP_IN_BETWEEN(after((s, o) -> s.answer(LIST, SERVER, listed(1, "a"))));

    private final FakeServer.Script script;

    Bad(FakeServer.Script script) {
      this.script = script;
    }
  }

  private interface Answer {
    void to(FakeSession session, FakeSession.Option option) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void aBadServerIsReportedInTheWordsOfQemu(Bad bad) throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(REAL), "no qemu-nbd");
    FakeServer.Script patient =
        session -> {
          bad.script.play(session);
          session.stopSending();
          session.awaitHangUp();
        };
    try (FakeServer server = new FakeServer(dir, patient, patient)) {
      String real = real(server);
      assertThat(ours(server)).isEqualTo(real);
      server.awaitEnd();
    }
  }

  @Test
  void whatAServerDoesNotSayIsEmpty() throws Exception {
    FakeServer.Script script =
        after(
            (session, list) -> {
              session.answer(LIST, SERVER, listed(1, "a")).answer(LIST, ACK);
              session.option();
              session.answer(INFO_OPTION, INFO, FakeSession.export(4096, 3));
              session.answer(INFO_OPTION, INFO, new byte[] {0, 99, 1, 2}); // nobody knows it
              session.answer(INFO_OPTION, ACK);
              session.option();
              session.answer(CONTEXTS_OPTION, ERR_UNSUP, "");
              session.awaitHangUp();
            });
    try (FakeServer server = new FakeServer(dir, script)) {
      assertThat(ask(server))
          .isEqualTo(List.of(new ExportListing.Item("a", "", 4096, 3, 0, 0, 0, List.of())));
      server.awaitEnd();
    }
  }

  @Test
  void anOldServerHasOneExport() throws Exception {
    FakeServer.Script script =
        session -> {
          ByteBuffer greeting = ByteBuffer.allocate(152).putLong(NbdMagic.INIT);
          session.send(greeting.putLong(NbdMagic.OLDSTYLE).putLong(512).putInt(1).position(0));
          session.awaitHangUp();
        };
    try (FakeServer server = new FakeServer(dir, script)) {
      assertThat(ask(server))
          .isEqualTo(List.of(new ExportListing.Item("", "", 512, 1, 0, 0, 0, List.of())));
    }
  }

  private static List<ExportListing.Item> ask(FakeServer server) throws UsageException {
    return ExportListing.ask(address(server), Optional.empty(), Optional.empty());
  }

  private static String ours(FakeServer server) {
    try {
      return "exports available: " + ask(server).size() + "\n";
    } catch (UsageException refused) {
      StringBuilder text = new StringBuilder(refused.getMessage()).append('\n');
      refused.hints().forEach(hint -> text.append(hint).append('\n'));
      return text.toString();
    }
  }

  private String real(FakeServer server) throws Exception {
    Path out = dir.resolve("out");
    Process process =
        new ProcessBuilder(REAL.toString(), "-L", "-k", server.socket().toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readString(out).replaceFirst("^qemu-nbd: ", "");
  }

  private static Options address(FakeServer server) {
    Options address = new Options();
    address.put("type", "unix");
    address.put("path", server.socket().toString());
    return address;
  }

  /** Has structured replies; from the request for the list on it is up to the test. */
  private static FakeServer.Script after(Answer answer) {
    return session -> {
      session.greet(3);
      session.option();
      session.answer(STRUCTURED_REPLY, ACK);
      answer.to(session, session.option());
    };
  }

  private static ByteBuffer greeting(long magic) {
    return ByteBuffer.allocate(18).putLong(NbdMagic.INIT).putLong(magic).position(0);
  }

  private static byte[] listed(int bytes, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + text.length).putInt(bytes).put(text).array();
  }

  private static Charset ascii() {
    return StandardCharsets.US_ASCII;
  }
}
