package io.faultdisk.cli.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.cli.call.ToolCall;
import io.faultdisk.cli.call.ToolOutput;
import io.faultdisk.cli.call.Tools;
import io.faultdisk.nbd.NbdMagic;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may connect, when the server ends, and what it leaves behind. */
@Timeout(180)
final class ServiceTest {
  private static final int GREETING_BYTES = 18;

  @TempDir Path dir;
  private Path socket;
  private Path image;

  @BeforeEach
  void image() throws IOException {
    socket = dir.resolve("s");
    image = Files.write(dir.resolve("d.raw"), new byte[1 << 20]);
  }

  private RunningServer serve(String... options) {
    List<String> args = new ArrayList<>(List.of(options));
    args.addAll(List.of("-f", "raw", image.toString()));
    return RunningServer.ours(socket, args);
  }

  private ToolOutput io(RunningServer server, String... commands) {
    List<String> args = new ArrayList<>(List.of("-f", "raw"));
    for (String command : commands) {
      args.addAll(List.of("-c", command));
    }
    args.add(server.uri());
    return Tools.ours(new ToolCall("qemu-io", args), dir);
  }

  @Test
  void endsWhenTheLastClientHasLeft() throws Exception {
    RunningServer server = serve();
    assertThat(io(server, "write -P 7 0 4k").exitCode()).isZero();
    assertThat(server.exitCode()).isZero();
    assertThat(socket).doesNotExist();
    assertThat(Files.readAllBytes(image)).startsWith(7, 7, 7);
  }

  /** Nobody may cut off the image below the clients, say by making a new one of that name. */
  @Test
  void keepsOthersFromResizing() throws Exception {
    try (RunningServer _ = serve("-t")) {
      ToolOutput create =
          Tools.ours(
              new ToolCall("qemu-img", List.of("create", "-f", "raw", image.toString(), "2M")),
              dir);
      assertThat(create.exitCode()).isEqualTo(1);
      assertThat(create.stderr()).contains("Failed to get \"resize\" lock");
      assertThat(image).hasSize(1 << 20);
    }
  }

  @Test
  void goesOnWhenItIsPersistent() throws Exception {
    try (RunningServer server = serve("-t")) {
      assertThat(io(server, "write -P 7 0 4k").exitCode()).isZero();
      assertThat(io(server, "read -P 7 0 4k").exitCode()).isZero();
      assertThat(server.hasEnded()).isFalse();
    }
  }

  @Test
  void aClientThatChoosesNoExportDoesNotEndIt() throws Exception {
    RunningServer server = serve();
    try (SocketChannel client = connect()) {
      greeting(client);
    }
    assertThat(Tools.ours(new ToolCall("qemu-nbd", List.of("-L", "-k", socket.toString())), dir))
        .extracting(ToolOutput::exitCode)
        .isEqualTo(0);
    assertThat(io(server, "read 0 4k").exitCode()).isZero();
    assertThat(server.exitCode()).isZero();
  }

  @Test
  void oneClientAtATime() throws Exception {
    try (RunningServer server = serve("-t")) {
      checkThatTheSecondClientWaitsForTheFirst(server);
    }
  }

  @Test
  void oneClientAtATimeIfItsLimitsSaySo() throws Exception {
    List<String> args =
        List.of("-t", "-e", "0", "--limits", "connections=1", "-f", "raw", image.toString());
    try (RunningServer server = RunningServer.ours("nbd", socket, args)) {
      checkThatTheSecondClientWaitsForTheFirst(server);
    }
  }

  private void checkThatTheSecondClientWaitsForTheFirst(RunningServer server) throws Exception {
    SocketChannel waiting = SocketChannel.open(StandardProtocolFamily.UNIX);
    FutureTask<ByteBuffer> second =
        new FutureTask<>(
            () -> {
              try (waiting) {
                return greeting(waiting);
              }
            });
    try (SocketChannel first = connect()) {
      greeting(first);
      first.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 3}));
      waiting.connect(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(second);
      // Time enough for a greeting, if there were one: that takes a few milliseconds.
      assertThatThrownBy(() -> second.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      ping(first);
    }
    assertThat(second.get(60, TimeUnit.SECONDS).limit()).isEqualTo(GREETING_BYTES);
    assertThat(server.hasEnded()).isFalse();
  }

  @Test
  void severalClientsIfTheyMayShare() throws Exception {
    for (String number : List.of("2", "0")) {
      try (RunningServer server = serve("-t", "-e", number);
          SocketChannel first = connect();
          SocketChannel second = connect()) {
        greeting(first);
        greeting(second);
        assertThat(server.hasEnded()).isFalse();
      }
    }
  }

  @Test
  void writesGoToAnOverlayThatIsForgotten() throws Exception {
    RunningServer server = serve("-s");
    ToolOutput output = io(server, "write -P 7 0 4k", "flush", "read -P 7 0 4k", "read -P 0 4k 4k");
    assertThat(output.exitCode()).as(output.toString()).isZero();
    assertThat(server.exitCode()).isZero();
    assertThat(Files.readAllBytes(image)).isEqualTo(new byte[1 << 20]);
  }

  @Test
  void aReadOnlyExportRefusesWrites() throws Exception {
    RunningServer server = serve("-r");
    ToolOutput output = io(server, "write 0 4k");
    assertThat(output.exitCode()).isEqualTo(1);
    assertThat(server.exitCode()).isZero();
    assertThat(Files.readAllBytes(image)).isEqualTo(new byte[1 << 20]);
  }

  @Test
  void aRuleFailsTheRequestOfAClient() throws Exception {
    Path rules =
        Files.writeString(
            dir.resolve("rules"), "[inject-error]\nevent = \"read_aio\"\nerrno = \"28\"\n");
    RunningServer server =
        RunningServer.ours(socket, List.of("-f", "raw", "blkdebug:" + rules + ":" + image));
    ToolOutput output = io(server, "read 0 4k");
    assertThat(output.stdout()).isEqualTo("read failed: No space left on device\n");
    assertThat(server.exitCode()).isZero();
  }

  @Test
  void takesThePlaceOfASocketThatIsLeftOver() throws Exception {
    RunningServer first = serve("-t");
    Path leftOver = dir.resolve("left over");
    Files.move(socket, leftOver);
    first.close();
    Files.move(leftOver, socket);
    try (RunningServer second = serve("-t")) {
      assertThat(io(second, "read 0 4k").exitCode()).isZero();
    }
  }

  @Test
  void aFileInThePlaceOfTheSocketStays() throws Exception {
    Files.writeString(socket, "precious");
    ToolOutput output =
        Tools.ours(
            new ToolCall("nbd", List.of("-k", socket.toString(), "-f", "raw", image.toString())),
            dir);
    assertThat(output.exitCode()).isEqualTo(1);
    assertThat(output.stderr())
        .isEqualTo(
            "faultdisk nbd: '{dir}/s' is a file, not a socket: choose another path, or remove"
                + " it\n");
    assertThat(socket).hasContent("precious");
  }

  @Test
  void aPortThatDoesNotExistIsRefused() {
    ToolOutput output =
        Tools.ours(new ToolCall("nbd", List.of("-p", "99999", image.toString())), dir);
    assertThat(output.stderr()).isEqualTo("faultdisk nbd: port 99999 is not from 0 to 65535\n");
    assertThat(output.exitCode()).isEqualTo(1);
  }

  @Test
  void forkingNeedsTheLauncher() {
    ToolOutput output =
        Tools.ours(
            new ToolCall("nbd", List.of("--fork", "-k", socket.toString(), image.toString())), dir);
    assertThat(output.stderr())
        .isEqualTo(
            "faultdisk nbd: --fork works only in a program that was started by ./faultdisk or"
                + " compat/qemu-nbd\n");
    assertThat(output.exitCode()).isEqualTo(1);
  }

  @Test
  void aLimitThatCannotBeIsRefused() {
    for (String[] mistake :
        new String[][] {
          {"--limits=x=1", image.toString(), "--limits: unknown limit 'x'; there are connections,"},
          {"--limits=memory=1M", image.toString(), "--limits: memory must be at least 128M"},
          {"--limits=workers=1", "-L", "List mode is incompatible with --limits"}
        }) {
      ToolOutput output = Tools.ours(new ToolCall("nbd", List.of(mistake[0], mistake[1])), dir);
      assertThat(output.stderr()).startsWith("faultdisk nbd: " + mistake[2]).hasLineCount(1);
      assertThat(output.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void limitsAreInTheHelpOfOurOwnNameOnly() {
    assertThat(Tools.ours(new ToolCall("nbd", List.of("--help")), dir).stdout())
        .contains("\n      --limits NAME=VALUE,...")
        .contains("\n\n  -L, --list");
    assertThat(Tools.ours(new ToolCall("qemu-nbd", List.of("--help")), dir).stdout())
        .doesNotContain("limits")
        .contains("accepted and not used\n\n  -L, --list");
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  private static ByteBuffer greeting(SocketChannel client) throws IOException {
    return receive(client, GREETING_BYTES);
  }

  /** An option that nobody knows, and its refusal. */
  private static void ping(SocketChannel client) throws IOException {
    ByteBuffer option = ByteBuffer.allocate(16);
    client.write(option.putLong(NbdMagic.OPTION).putInt(4711).putInt(0).flip());
    ByteBuffer reply = receive(client, 20);
    receive(client, reply.getInt(16));
  }

  private static ByteBuffer receive(SocketChannel client, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      assertThat(client.read(buffer)).isNotNegative();
    }
    return buffer.flip();
  }
}
