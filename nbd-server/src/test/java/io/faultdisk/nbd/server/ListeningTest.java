package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where servers listen. Texts observed with qemu-nbd and qemu-storage-daemon 7.2. */
class ListeningTest {
  @TempDir Path directory;

  private static int port(Listening listening) {
    return ((InetSocketAddress) listening.addresses().getFirst()).getPort();
  }

  private static ListenAddress upTo(int port, int last) {
    return new ListenAddress.Inet(
        "127.0.0.1",
        Integer.toString(port),
        OptionalInt.of(last),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void theSystemChoosesAPortThatCanBeRead() throws Exception {
    ListenAddress any = new ListenAddress.Inet("127.0.0.1", "0");
    try (Listening listening = Listening.open(any, Dialect.QEMU)) {
      assertThat(port(listening)).isPositive();
    }
  }

  @Test
  void ofARangeTheFirstFreePortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress("127.0.0.1", 0));
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> Listening.open(upTo(port, port), Dialect.QEMU))
          .isInstanceOf(UsageException.class)
          .hasMessage("Failed to find an available port: Address already in use");
      try (Listening next = Listening.open(upTo(port, port + 20), Dialect.QEMU)) {
        assertThat(port(next)).isBetween(port + 1, port + 20);
      }
    }
  }

  @Test
  void onlyAddressesOfTheFamilyThatIsAskedForCount() {
    ListenAddress ipv6 =
        new ListenAddress.Inet(
            "127.0.0.1", "0", OptionalInt.empty(), Optional.empty(), Optional.of(true));
    assertThatThrownBy(() -> Listening.open(ipv6, Dialect.QEMU))
        .hasMessage(
            "address resolution failed for 127.0.0.1:0: Address family for hostname not supported");
  }

  @Test
  void whatCannotBeOpenedHere() {
    assertThatThrownBy(() -> Listening.open(new ListenAddress.Passed("fd"), Dialect.QEMU))
        .hasMessage("only QEMU supports file descriptor passing");
    assertThatThrownBy(() -> Listening.open(new ListenAddress.Vsock("1", "2"), Dialect.QEMU))
        .hasMessage("socket family AF_VSOCK unsupported");
  }

  @Test
  void aSocketGoesWithItsServerAndAFileIsNotTakenForOne() throws Exception {
    Path socket = directory.resolve("s");
    ListenAddress address = new ListenAddress.Unix(socket.toString());
    try (Listening _ = Listening.open(address, Dialect.FAULTDISK)) {
      assertThat(socket).exists();
    }
    assertThat(socket).doesNotExist();
    Files.writeString(socket, "precious");
    assertThatThrownBy(() -> Listening.open(address, Dialect.FAULTDISK))
        .hasMessageContaining("is a file, not a socket");
    assertThat(socket).hasContent("precious");
    try (Listening _ = Listening.open(address, Dialect.QEMU)) {
      assertThat(Files.isRegularFile(socket)).isFalse(); // as QEMU does
    }
  }
}
