package io.faultdisk.block.nbd;

import static io.faultdisk.block.nbd.FakeSession.ABORT;
import static io.faultdisk.block.nbd.FakeSession.ACK;
import static io.faultdisk.block.nbd.FakeSession.ERR_UNSUP;
import static io.faultdisk.block.nbd.FakeSession.EXPORT_NAME;
import static io.faultdisk.block.nbd.FakeSession.EXTENDED_HEADERS;
import static io.faultdisk.block.nbd.FakeSession.GO;
import static io.faultdisk.block.nbd.FakeSession.INFO;
import static io.faultdisk.block.nbd.FakeSession.LIST;
import static io.faultdisk.block.nbd.FakeSession.META_CONTEXT;
import static io.faultdisk.block.nbd.FakeSession.SERVER;
import static io.faultdisk.block.nbd.FakeSession.SET_META_CONTEXT;
import static io.faultdisk.block.nbd.FakeSession.STRUCTURED_REPLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.faultdisk.base.UsageException;
import io.faultdisk.nbd.CommandType;
import io.faultdisk.nbd.NbdMagic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Servers that shake hands in other ways, or not at all; the installed qemu-img has its say, too.
 */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandshakeTest {
  private static final long SIZE = 1 << 20;
  private static final Path REAL = Path.of("/usr/bin/qemu-img");

  @TempDir Path dir;

  private interface Answer {
    void to(FakeSession session, FakeSession.Option option) throws IOException;
  }

  /** Servers that will not do, and why not, in QEMU's words. The export asked for is "disk". */
  private enum Bad {
    HANGS_UP("Failed to read initial magic: Unexpected end-of-file", session -> {}),
    HANGS_UP_SOON(
        "Failed to read initial magic: Unexpected end-of-file",
        session -> session.send(ByteBuffer.allocate(3))),
    IS_SOMETHING_ELSE(
        "Bad initial magic received: 0x485454502f312e31",
        session -> session.send(ByteBuffer.wrap("HTTP/1.1 400 Bad".getBytes(ascii())))),
    OTHER_MAGIC(
        "Bad server magic received: 0x1122334455667788",
        session -> {
          ByteBuffer greeting = ByteBuffer.allocate(18).putLong(NbdMagic.INIT);
          session.send(greeting.putLong(0x1122334455667788L).position(0));
        }),
    NO_FLAGS(
        "Failed to read server flags: Unexpected end-of-file",
        session -> {
          ByteBuffer greeting = ByteBuffer.allocate(16).putLong(NbdMagic.INIT);
          session.send(greeting.putLong(NbdMagic.OPTION).flip());
        }),
    OLDSTYLE_WITHOUT_NAMES(
        "Server does not support non-empty export names",
        session -> session.send(oldstyle(SIZE, 1))),
    NO_SUCH_EXPORT(
        "Requested export not available",
        options((s, option) -> s.answer(option.number(), 0x80000006, "never heard of it"))),
    NEEDS_TLS(
        "TLS negotiation required before option 7 (go)",
        options((s, option) -> s.answer(option.number(), 0x80000005, ""))),
    DENIES("Denied by server for option 7 (go)", refusal(0x80000002, "go away")),
    FINDS_IT_INVALID("Invalid parameters for option 7 (go)", refusal(0x80000003, "")),
    LACKS_SUPPORT("Server lacks support for option 7 (go)", refusal(0x80000004, "")),
    SHUTS_DOWN("Server shutting down before option 7 (go)", refusal(0x80000007, "bye")),
    WANTS_BLOCK_SIZES("Server requires INFO_BLOCK_SIZE for option 7 (go)", refusal(0x80000008, "")),
    UNKNOWN_ERROR("Unknown error code when asking for option 7 (go)", refusal(0x80000099, "odd")),
    LONG_MESSAGE(
        "server error 2147483654 (export unknown) message is too long",
        options(
            (s, option) -> {
              ByteBuffer reply = ByteBuffer.allocate(20).putLong(NbdMagic.OPTION_REPLY);
              reply.putInt(option.number()).putInt(0x80000006).putInt(64 << 20);
              s.send(reply.flip());
            })),
    OTHER_REPLY_MAGIC(
        "Unexpected option reply magic", options((s, option) -> s.send(ByteBuffer.allocate(20)))),
    ANSWERS_ANOTHER_OPTION(
        "Unexpected option type 3 (list), expected 7 (go)",
        options((s, option) -> s.answer(LIST, ACK))),
    GOES_WITHOUT_INFORMATION(
        "broken server omitted NBD_INFO_EXPORT", options((s, option) -> s.answer(GO, ACK))),
    ACK_WITH_DATA(
        "server sent invalid NBD_REP_ACK",
        options((s, option) -> s.answer(GO, ACK, new byte[] {1}))),
    LISTS_INSTEAD(
        "unexpected reply type 2 (server), expected 3 (info)",
        options((s, option) -> s.answer(GO, SERVER, new byte[4]))),
    SHORT_INFORMATION(
        "NBD_REP_INFO length 1 is too short",
        options((s, option) -> s.answer(GO, INFO, new byte[1]))),
    SHORT_EXPORT(
        "remaining export info len 5 is unexpected size",
        options((s, option) -> s.answer(GO, INFO, new byte[7]))),
    LONG_EXPORT(
        "remaining export info len 12 is unexpected size",
        options((s, option) -> s.answer(GO, INFO, new byte[14]))),
    SHORT_BLOCKS(
        "remaining export info len 8 is unexpected size",
        options((s, option) -> s.answer(GO, INFO, FakeSession.blockSizes(512, 512)))),
    BLOCKS_OF_THREE("server minimum block size 3 is not a power of two", blocks(3, 4096, 1 << 20)),
    BLOCKS_OF_NOTHING(
        "server minimum block size 0 is not a power of two", blocks(0, 4096, 1 << 20)),
    BLOCKS_PREFERRED_SMALLER(
        "server preferred block size 256 is not valid", blocks(512, 256, 1 << 20)),
    BLOCKS_LARGEST_SMALLER("server maximum block size 4095 is not valid", blocks(4096, 4096, 4095)),
    SIZE_OF_HALF_A_BLOCK(
        "export size 1048576 is not multiple of minimum block size 2097152",
        blocks(2 << 20, 2 << 20, 4 << 20)),
    STRUCTURED_WITH_DATA(
        "Option 8 ('structured reply') response length is 1 (it should be zero)",
        session -> structured(session, ACK, new byte[1])),
    STRUCTURED_WITH_INFO(
        "Server answered option 8 (structured reply) with unexpected reply 3 (info)",
        session -> structured(session, INFO, new byte[0])),
    OTHER_CONTEXT(
        "Failed to negotiate meta context 'base:allocation', server answered with different"
            + " context 'else:where'",
        session -> contexts(session, "else:where")),
    SHORT_CONTEXT(
        "Failed to negotiate meta context, server answered with unexpected length 4",
        session -> contexts(session, "")),
    TWO_CONTEXTS("", session -> contexts(session, "base:allocation", "base:allocation")),
    NOT_AMONG_THOSE_LISTED(
        "No export with name 'disk' available",
        lists((s, option) -> s.answer(LIST, SERVER, listed("another")).answer(LIST, ACK))),
    LISTS_A_LONG_NAME(
        "incorrect name length in server's list response",
        lists((s, option) -> s.answer(LIST, SERVER, new byte[] {0, 0, 1, 0, 'x'}))),
    LISTS_NONSENSE(
        "Unexpected reply type 3 (info), expected 2 (server)",
        lists((s, option) -> s.answer(LIST, INFO)));

    private final String complaint;
    private final FakeServer.Script script;

    Bad(String complaint, FakeServer.Script script) {
      this.complaint = complaint;
      this.script =
          session -> {
            try {
              script.play(session);
              session.stopSending();
            } catch (IOException e) {
              // The client need not wait for all of it.
            }
            session.awaitHangUp();
          };
    }

    private static Charset ascii() {
      return StandardCharsets.US_ASCII;
    }

    private static FakeServer.Script refusal(int error, String text) {
      return options((s, option) -> s.answer(option.number(), error, text));
    }

    private static FakeServer.Script blocks(int... sizes) {
      return options(
          (s, option) ->
              s.answer(GO, INFO, FakeSession.export(SIZE, 1))
                  .answer(GO, INFO, FakeSession.blockSizes(sizes))
                  .answer(GO, ACK));
    }

    private static void structured(FakeSession session, int type, byte... data) throws IOException {
      session.greet(3);
      skipTo(session, STRUCTURED_REPLY);
      session.answer(STRUCTURED_REPLY, type, data);
    }

    private static void contexts(FakeSession session, String... names) throws IOException {
      session.greet(3);
      skipTo(session, STRUCTURED_REPLY);
      session.answer(STRUCTURED_REPLY, ACK);
      skipTo(session, SET_META_CONTEXT);
      for (String name : names) {
        session.answer(SET_META_CONTEXT, META_CONTEXT, FakeSession.context(5, name));
      }
      session.answer(SET_META_CONTEXT, ACK);
    }
  }

  private static ByteBuffer oldstyle(long size, int flags) {
    ByteBuffer greeting = ByteBuffer.allocate(152).putLong(NbdMagic.INIT);
    return greeting.putLong(NbdMagic.OLDSTYLE).putLong(size).putInt(flags).position(0);
  }

  private static byte[] listed(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + text.length).putInt(text.length).put(text).array();
  }

  /** Knows only GO, and answers that so. */
  private static FakeServer.Script options(Answer answer) {
    return session -> {
      session.greet(3);
      answer.to(session, skipTo(session, GO));
    };
  }

  /** Knows only LIST. */
  private static FakeServer.Script lists(Answer answer) {
    return session -> {
      session.greet(3);
      answer.to(session, skipTo(session, LIST));
    };
  }

  private static FakeSession.Option skipTo(FakeSession session, int number) throws IOException {
    while (true) {
      FakeSession.Option option = session.option();
      if (option.number() == number) {
        return option;
      }
      session.answer(option.number(), ERR_UNSUP, "no idea");
    }
  }

  private String complaint(FakeServer server) {
    return catchThrowableOfType(
            UsageException.class, () -> RemoteDisk.open(server.socket(), ",export=disk").close())
        .getMessage();
  }

  @ParameterizedTest
  @EnumSource
  void refusesWhatWillNotDo(Bad bad) throws Exception {
    try (FakeServer server = new FakeServer(dir, bad.script)) {
      assertThat(complaint(server)).contains(bad.complaint);
      server.awaitEnd();
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesItInTheRealOnesWords(Bad bad) throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(REAL), "qemu-img is not installed (Debian: apt install qemu-utils)");
    Assumptions.assumeFalse(
        bad == Bad.SIZE_OF_HALF_A_BLOCK, "qemu-img 7.2 does not notice, and crashes");
    String real;
    try (FakeServer server = new FakeServer(dir, bad.script)) {
      String uri = "nbd+unix:///disk?socket=" + server.socket();
      Process process =
          new ProcessBuilder(REAL.toString(), "info", uri).redirectErrorStream(true).start();
      real = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      server.awaitEnd();
    }
    try (FakeServer server = new FakeServer(dir, bad.script)) {
      String text = real.lines().findFirst().orElseThrow();
      assertThat(text).contains(bad.complaint).endsWith(complaint(server));
      server.awaitEnd();
    }
  }

  @Test
  void agreesOnAllThereIs() throws Exception {
    for (ExportInfo.Replies replies : ExportInfo.Replies.values()) {
      List<Integer> asked = new ArrayList<>();
      try (FakeServer server =
              new FakeServer(
                  dir,
                  session -> {
                    session
                        .handshake(replies, SIZE, FakeSession.ALL)
                        .forEach(option -> asked.add(option.number()));
                    assertThat(session.request().is(CommandType.DISC)).isTrue();
                  });
          RemoteDisk disk = RemoteDisk.open(server.socket())) {
        assertThat(disk.image().length()).isEqualTo(SIZE);
        disk.close();
        server.awaitEnd();
      }
      assertThat(asked)
          .isEqualTo(
              switch (replies) {
                case SIMPLE -> List.of(EXTENDED_HEADERS, STRUCTURED_REPLY, GO);
                case STRUCTURED ->
                    List.of(EXTENDED_HEADERS, STRUCTURED_REPLY, SET_META_CONTEXT, GO);
                case EXTENDED -> List.of(EXTENDED_HEADERS, SET_META_CONTEXT, GO);
              });
    }
  }

  private void readsFrom(FakeServer.Script handshake, String options) throws Exception {
    try (FakeServer server =
            new FakeServer(
                dir,
                session -> {
                  handshake.play(session);
                  FakeSession.Request request = session.request();
                  session.simple(request.cookie(), 0, new byte[(int) request.bytes()]);
                  assertThat(session.request().is(CommandType.DISC)).isTrue();
                });
        RemoteDisk disk = RemoteDisk.open(server.socket(), options)) {
      assertThat(disk.image().length()).isEqualTo(SIZE);
      assertThat(disk.read(SIZE - 512, 512)).containsOnly(0);
      disk.close();
      server.awaitEnd();
    }
  }

  @Test
  void takesAnOldstyleServer() throws Exception {
    readsFrom(session -> session.send(oldstyle(SIZE, 1)), "");
  }

  @Test
  void takesAServerThatKnowsNothingButNames() throws Exception {
    readsFrom(
        session -> {
          assertThat(session.greet(0)).isZero();
          FakeSession.Option option = session.option();
          assertThat(option.number()).isEqualTo(EXPORT_NAME);
          assertThat(option.data()).asString(StandardCharsets.UTF_8).isEqualTo("disk");
          session.send(ByteBuffer.allocate(134).putLong(SIZE).putShort((short) 1).position(0));
        },
        ",export=disk");
  }

  /** Unknown options are refused one by one; without zeroes the reply is short. */
  @Test
  void takesAServerWithoutGo() throws Exception {
    readsFrom(
        session -> {
          assertThat(session.greet(3)).isEqualTo(3);
          skipTo(session, LIST);
          session.answer(LIST, SERVER, listed("other")).answer(LIST, SERVER, listed("disk"));
          session.answer(LIST, ACK);
          assertThat(session.option().number()).isEqualTo(EXPORT_NAME);
          session.send(ByteBuffer.allocate(10).putLong(SIZE).putShort((short) 1).flip());
        },
        ",export=disk");
  }

  @Test
  void takesAServerThatDoesNotList() throws Exception {
    readsFrom(
        session -> {
          assertThat(session.greet(3)).isEqualTo(3);
          skipTo(session, EXPORT_NAME);
          session.send(ByteBuffer.allocate(10).putLong(SIZE).putShort((short) 1).flip());
        },
        "");
  }

  /** Information that nobody has asked for, or has heard of, does no harm. */
  @Test
  void skipsInformationThatItDoesNotKnow() throws Exception {
    readsFrom(
        options(
            (session, option) ->
                session
                    .answer(GO, INFO, new byte[] {0, 1, 'n'})
                    .answer(GO, INFO, FakeSession.export(SIZE, 1))
                    .answer(GO, INFO, new byte[] {0x55, 0x55, 1, 2, 3})
                    .answer(GO, ACK)),
        "");
  }

  @Test
  void tellsAServerThatItGivesUp() throws Exception {
    try (FakeServer server =
        new FakeServer(
            dir,
            session -> {
              session.greet(3);
              skipTo(session, GO);
              session.answer(GO, 0x80000006, "no such thing");
              assertThat(session.option().number()).isEqualTo(ABORT);
            })) {
      UsageException failure =
          catchThrowableOfType(
              UsageException.class, () -> RemoteDisk.open(server.socket(), ",export=x").close());
      assertThat(failure).hasMessageEndingWith("Requested export not available");
      assertThat(failure.hints()).containsExactly("server reported: no such thing");
      server.awaitEnd();
    }
  }
}
