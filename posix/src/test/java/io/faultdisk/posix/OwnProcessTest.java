package io.faultdisk.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.Errno;
import java.io.FileOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnProcessTest {
  private static final int STDERR = 2;

  @TempDir Path dir;

  @Test
  void aDescriptorCanBeDuplicatedReplacedAndClosed() throws Exception {
    int number = OwnProcess.duplicate(STDERR);
    assertThat(target(number)).isEqualTo(target(STDERR));

    Path file = Files.createFile(dir.resolve("file"));
    try (FileOutputStream open = new FileOutputStream(file.toFile())) {
      assertThat(open.getFD().valid()).isTrue();
      OwnProcess.replace(number, numberOf(file));
    }
    assertThat(target(number)).isEqualTo(file.toRealPath());
    Files.writeString(Path.of("/proc/self/fd/" + number), "through the number");
    assertThat(file).hasContent("through the number");

    OwnProcess.close(number);
    assertThat(Files.exists(Path.of("/proc/self/fd/" + number))).isFalse();
  }

  @Test
  void aNumberThatIsNotOpenIsRefused() {
    for (int number : new int[] {-1, 1 << 20}) {
      assertThatThrownBy(() -> OwnProcess.duplicate(number))
          .isInstanceOfSatisfying(
              PosixException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
      assertThatThrownBy(() -> OwnProcess.close(number)).isInstanceOf(PosixException.class);
      assertThatThrownBy(() -> OwnProcess.replace(STDERR, number))
          .isInstanceOf(PosixException.class);
    }
  }

  private static Path target(int number) throws Exception {
    return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number));
  }

  private static int numberOf(Path file) throws Exception {
    try (var numbers = Files.list(Path.of("/proc/self/fd"))) {
      for (Path number : numbers.toList()) {
        if (Files.isSymbolicLink(number)
            && Files.readSymbolicLink(number).equals(file.toRealPath())) {
          return Integer.parseInt(number.getFileName().toString());
        }
      }
    }
    throw new AssertionError("not open: " + file);
  }
}
