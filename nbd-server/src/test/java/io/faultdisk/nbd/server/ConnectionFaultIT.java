package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.rules.ConnectionFault.Mode;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What other people's clients do when connections go wrong: libnbd's nbdsh, nbdcopy and nbdinfo
 * (1.14), and qemu-io (7.2). Their words are what they printed here.
 */
@Timeout(240)
class ConnectionFaultIT {
  /** Three reads, one after the other; then whether libnbd takes the connection for dead. */
  private static final String READS =
      """
      h.connect_uri(uri)
      for i in range(3):
          try:
              print(len(h.pread(4096, 0)))
          except nbd.Error as e:
              print(e.string.split(': ', 1)[1])
      print('dead' if h.aio_is_dead() else 'alive')
      """;

  @TempDir Path directory;

  /** A disk whose n-th replies or clients, from the first section on, go wrong. */
  private static ServedImage disk(String... faults) throws Exception {
    StringBuilder rules = new StringBuilder();
    for (int i = 0; i < faults.length; i++) {
      for (String option : faults[i].split(" ")) {
        rules.append(",inject-connection-fault.").append(i).append('.').append(option);
      }
    }
    return ServedImage.memory("8M", rules.toString(), ServerLimits.DEFAULT, settings -> settings);
  }

  private static String reply(Mode mode, int occurrence) {
    String delay = mode == Mode.LATE_REPLY ? " delay-ns=100000000" : "";
    return "event=nbd_reply mode=" + mode + " occurrence=" + occurrence + delay;
  }

  private static String shell(ServedImage served, String script) throws Exception {
    return Tools.run("nbdsh", "-c", "uri = \"" + served.uri() + "\"", "-c", script);
  }

  // ---- libnbd ----

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD"})
  void libnbdFailsTheRequestAndAllAfterIt(Mode mode) throws Exception {
    try (ServedImage served = disk(reply(mode, 2))) {
      assertThat(shell(served, READS))
          .isEqualTo(
              """
              4096
              recv: server disconnected unexpectedly
              invalid state: DEAD: the handle must be connected with the server: Invalid argument
              dead
              """);
      // A new connection works.
      assertThat(shell(served, READS)).isEqualTo("4096\n4096\n4096\nalive\n");
    }
  }

  @Test
  void libnbdTakesAReplyToNoRequestForTheEndOfTheSession() throws Exception {
    try (ServedImage served = disk(reply(Mode.WRONG_COOKIE, 2))) {
      assertThat(shell(served, READS))
          .isEqualTo(
              """
              4096
              no matching cookie found for server reply, this is probably a bug in the server
              invalid state: DEAD: the handle must be connected with the server: Invalid argument
              dead
              """);
    }
  }

  @Test
  void libnbdGetsALateReplyAfterAllOthers() throws Exception {
    // Late enough for a client that takes its time between its requests.
    String late = "event=nbd_reply mode=late-reply occurrence=1 delay-ns=3000000000";
    try (ServedImage served = disk(late)) {
      assertThat(
              shell(
                  served,
                  """
                  h.connect_uri(uri)
                  order = []
                  def done(i):
                      def callback(error):
                          order.append((i, error.value))
                          return 1
                      return callback
                  for i in range(5):
                      h.aio_pread(nbd.Buffer(512), 512 * i, completion=done(i))
                  while len(order) < 5:
                      h.poll(-1)
                  print(sorted(order[:4]), order[4:])
                  """))
          .isEqualTo("[(1, 0), (2, 0), (3, 0), (4, 0)] [(0, 0)]\n");
    }
  }

  @Test
  void libnbdReportsThatItIsRefused() throws Exception {
    try (ServedImage served = disk("event=nbd_connect mode=refuse occurrence=1")) {
      assertThat(Tools.fails("nbdinfo", "--size", served.uri()))
          .endsWith("nbdinfo: nbd_connect_uri: handshake: server policy prevents NBD_OPT_GO\n");
      assertThat(Tools.run("nbdinfo", "--size", served.uri())).isEqualTo("8388608\n");
    }
  }

  /** It uses several connections; one that is lost loses the copy. */
  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD", "WRONG_COOKIE"})
  void nbdcopyFailsAndSaysSo(Mode mode) throws Exception {
    try (ServedImage served = disk(reply(mode, 7))) {
      fill(served);
      assertThat(Tools.fails("nbdcopy", served.uri(), target()))
          .contains("nbdcopy: read at offset ", " failed: ");
    }
  }

  @Test
  void nbdcopyWaitsForALateReply() throws Exception {
    try (ServedImage served = disk(reply(Mode.LATE_REPLY, 3))) {
      fill(served);
      assertThat(Tools.run("nbdcopy", served.uri(), target())).isEmpty();
      byte[] expected = new byte[8 << 20];
      Arrays.fill(expected, (byte) 7);
      assertThat(Files.readAllBytes(Path.of(target()))).isEqualTo(expected);
    }
  }

  private static void fill(ServedImage served) throws Exception {
    byte[] data = new byte[8 << 20];
    Arrays.fill(data, (byte) 7);
    served.image().write(0, ByteBuffer.wrap(data), 0);
  }

  private String target() {
    return directory.resolve("copy").toString();
  }

  // ---- QEMU ----

  private static String io(ServedImage served, String options, boolean works) throws Exception {
    List<String> command = new ArrayList<>(List.of("qemu-io", "--image-opts"));
    for (int i = 0; i < 3; i++) {
      command.addAll(List.of("-c", "read " + 4 * i + "k 4k"));
    }
    command.add("driver=raw,file.driver=nbd,file.path=" + served.socket() + options);
    String[] words = command.toArray(new String[0]);
    return (works ? Tools.run(words) : Tools.fails(words))
        .replaceAll("(?m)^.*sec .*\\n", "")
        .replaceAll("/4096 bytes at offset", " at");
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD", "WRONG_COOKIE"})
  void qemuFailsTheRequestAndTheNextAsItDoesNotWaitForAConnection(Mode mode) throws Exception {
    try (ServedImage served = disk(reply(mode, 2))) {
      assertThat(io(served, "", false))
          .isEqualTo(
              """
              read 4096 at 0
              read failed: Input/output error
              read failed: Input/output error
              """);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"DROP_AFTER_HEADER", "HALF_PAYLOAD", "LATE_REPLY"})
  void qemuRepeatsTheRequestIfItMayReconnect(Mode mode) throws Exception {
    try (ServedImage served = disk(reply(mode, 2))) {
      assertThat(io(served, ",file.reconnect-delay=30", true))
          .isEqualTo("read 4096 at 0\nread 4096 at 4096\nread 4096 at 8192\n");
    }
  }

  /** It does not come back to a server that breaks the protocol. */
  @Test
  void qemuGivesAServerUpThatRepliesToNoRequest() throws Exception {
    try (ServedImage served = disk(reply(Mode.WRONG_COOKIE, 2))) {
      assertThat(io(served, ",file.reconnect-delay=30", false))
          .isEqualTo(
              """
              read 4096 at 0
              read failed: Input/output error
              read failed: Input/output error
              """);
    }
  }

  @Test
  void qemuComesBackUntilItIsNotRefused() throws Exception {
    try (ServedImage served =
        disk(reply(Mode.DROP_AFTER_HEADER, 2), "event=nbd_connect mode=refuse occurrence=2")) {
      assertThat(io(served, ",file.reconnect-delay=30", true))
          .isEqualTo("read 4096 at 0\nread 4096 at 4096\nread 4096 at 8192\n");
    }
  }

  @Test
  void qemuReportsThatItIsRefused() throws Exception {
    try (ServedImage served = disk("event=nbd_connect mode=refuse")) {
      assertThat(io(served, "", false))
          .isEqualTo(
              """
              qemu-io: can't open: Denied by server for option 7 (go)
              server reported: refused by a rule
              """);
    }
  }
}
