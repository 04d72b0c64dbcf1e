package io.faultdisk.cli.nbd;

import io.faultdisk.base.Errno;
import io.faultdisk.base.UsageException;
import io.faultdisk.posix.OwnProcess;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

/**
 * A socket that systemd (or whoever speaks as it does) has opened for us: {@code LISTEN_FDS} and
 * {@code LISTEN_PID}.
 *
 * <p>The JVM can only take over descriptor 0. So the launcher, which keeps the process id when it
 * becomes the JVM, moves the socket there and says in a system property how many there were.
 */
final class Activation {
  private static final String COUNT_PROPERTY = "faultdisk.listen-fds";
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private Activation() {}

  /**
   * The socket, if there is one.
   *
   * @throws UsageException with the text for the user
   */
  static Optional<ServerSocketChannel> socket(NbdArguments arguments) throws UsageException {
    int count = Integer.getInteger(COUNT_PROPERTY, 0);
    if (count == 0) {
      return Optional.empty();
    }
    if (count < 0) {
      throw new UsageException(
          "Socket activation failed: invalid file descriptor fd = 3: " + Errno.EBADF.text());
    }
    check(arguments);
    if (count > 1) {
      throw new UsageException("qemu-nbd does not support socket activation with LISTEN_FDS > 1");
    }
    try {
      if (inherited() instanceof ServerSocketChannel socket) {
        return Optional.of(socket);
      }
    } catch (IOException e) {
      throw new UsageException("Failed to use socket activation: " + e.getMessage());
    }
    throw new UsageException(
        "Failed to use socket activation: descriptor 3 is not a socket that listens");
  }

  /** What the socket makes superfluous is a mistake. */
  private static void check(NbdArguments arguments) throws UsageException {
    String what = "";
    if (arguments.connect.isPresent()) {
      what = "NBD device can't be set";
    } else if (arguments.socket.isPresent()) {
      what = "Unix socket can't be set";
    } else if (arguments.bind.isPresent()) {
      what = "The interface can't be set";
    } else if (arguments.port.isPresent()) {
      what = "TCP port number can't be set";
    } else if (arguments.list) {
      throw new UsageException("List mode is incompatible with socket activation");
    }
    if (!what.isEmpty()) {
      throw new UsageException(what + " when using socket activation");
    }
  }

  /** Taking it over redirects all standard streams to {@code /dev/null}; we want to speak on. */
  private static Channel inherited() throws IOException {
    int out = OwnProcess.duplicate(STDOUT);
    int err = OwnProcess.duplicate(STDERR);
    try {
      return System.inheritedChannel();
    } finally {
      OwnProcess.replace(STDOUT, out);
      OwnProcess.replace(STDERR, err);
      OwnProcess.close(out);
      OwnProcess.close(err);
    }
  }
}
