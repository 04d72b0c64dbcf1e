package io.faultdisk.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Byte locks between open files of this process, and against other processes, the real qemu-io
 * among them.
 */
class PosixFileLockTest {
  /** Takes an OFD lock (type argument) on byte 100 and keeps it until stdin ends. */
  private static final String HOLD =
      """
      import fcntl, struct, sys
      f = open(sys.argv[1], 'r+b')
      F_OFD_SETLK = 37
      fcntl.fcntl(f, F_OFD_SETLK, struct.pack('hhiqqii', fcntl.%s, 0, 0, 100, 1, 0, 0))
      print('ready', flush=True)
      sys.stdin.read()
      """;

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void createFile() throws IOException {
    path = Files.write(folder.resolve("disk.img"), new byte[1 << 20]);
  }

  private PosixFile open() throws IOException {
    return PosixFile.open(path.toString(), OpenFlag.READ_WRITE);
  }

  @Test
  void twoOpenFilesOfOneProcessSeeEachOther() throws IOException {
    try (PosixFile a = open();
        PosixFile b = open()) {
      assertThat(b.couldLockExclusive(100)).isTrue();
      assertThat(a.tryLockShared(100)).isTrue();

      assertThat(a.couldLockExclusive(100)).as("own locks do not count").isTrue();
      assertThat(b.couldLockExclusive(100)).isFalse();
      assertThat(b.couldLockExclusive(101)).isTrue();
      assertThat(b.tryLockShared(100)).as("shared").isTrue();

      b.unlock(100);
      assertThat(a.couldLockExclusive(100)).isTrue();
      a.unlock(100);
      a.unlock(100);
      assertThat(b.couldLockExclusive(100)).isTrue();
    }
  }

  @Test
  void closingOneFileKeepsTheLocksOfTheOther() throws IOException {
    // Ordinary POSIX locks fail this: closing any descriptor of the file drops them all.
    try (PosixFile a = open();
        PosixFile c = open()) {
      a.tryLockShared(100);
      try (PosixFile b = open()) {
        b.tryLockShared(200);
      }
      assertThat(c.couldLockExclusive(100)).isFalse();
      assertThat(c.couldLockExclusive(200)).isTrue();
    }
  }

  @Test
  void sharedLocksWorkOnAReadOnlyFile() throws IOException {
    try (PosixFile a = PosixFile.open(path.toString());
        PosixFile b = PosixFile.open(path.toString())) {
      assertThat(a.tryLockShared(201)).isTrue();
      assertThat(b.couldLockExclusive(201)).isFalse();
    }
  }

  @Test
  void anotherProcessWithASharedLockLeavesOnlyShared() throws IOException {
    try (PosixFile file = open();
        Python other = Python.start(HOLD.formatted("F_RDLCK"), path)) {
      assertThat(file.couldLockExclusive(100)).isFalse();
      assertThat(file.tryLockShared(100)).isTrue();
      assertThat(file.couldLockExclusive(99)).isTrue();
    }
    try (PosixFile file = open()) {
      assertThat(file.couldLockExclusive(100)).as("gone with the process").isTrue();
    }
  }

  @Test
  void anotherProcessWithAnExclusiveLockLeavesNothing() throws IOException {
    try (PosixFile file = open();
        Python other = Python.start(HOLD.formatted("F_WRLCK"), path)) {
      assertThat(file.couldLockExclusive(100)).isFalse();
      assertThat(file.tryLockShared(100)).isFalse();
      assertThat(file.tryLockShared(101)).isTrue();
    }
  }

  @Test
  void qemuIoSeesOurLocks() throws Exception {
    // Byte 100 + n: permission n is in use; byte 200 + n: it is not shared. Permission 1 is
    // "write".
    makeQcow2();
    try (PosixFile file = open()) {
      assertThat(run("qemu-io", "-f", "raw", "-c", "quit")).isEmpty();
      assertThat(run("qemu-io", "-f", "qcow2", "-c", "quit")).isEmpty();
      file.tryLockShared(201);
      assertThat(run("qemu-io", "-f", "raw", "-c", "quit"))
          .contains("Failed to get \"write\" lock");
      file.unlock(201);
      file.tryLockShared(101);
      assertThat(run("qemu-io", "-f", "qcow2", "-c", "quit"))
          .contains("Failed to get shared \"write\" lock");
      assertThat(run("qemu-io", "-f", "raw", "-c", "quit")).isEmpty();
    }
  }

  @Test
  void weSeeTheLocksOfQemuIo() throws Exception {
    makeQcow2();
    Process qemuIo =
        new ProcessBuilder("/usr/bin/qemu-io", "-f", "qcow2", path.toString())
            .redirectErrorStream(true)
            .start();
    try (PosixFile file = open()) {
      // The prompt comes when the image is open.
      assertThat(qemuIo.getInputStream().read()).isEqualTo('q');
      assertThat(file.couldLockExclusive(101)).isFalse();
      assertThat(file.couldLockExclusive(201)).isFalse();
      assertThat(file.couldLockExclusive(202)).isTrue();
      qemuIo.getOutputStream().close();
      assertThat(qemuIo.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(file.couldLockExclusive(201)).isTrue();
    } finally {
      qemuIo.destroyForcibly();
    }
  }

  private void makeQcow2() throws Exception {
    for (String tool : new String[] {"qemu-io", "qemu-img"}) {
      if (!Files.isExecutable(Path.of("/usr/bin", tool))) {
        System.err.println("skipped: no /usr/bin/" + tool);
        abort("no /usr/bin/" + tool);
      }
    }
    Process process =
        new ProcessBuilder(
                "/usr/bin/qemu-img", "create", "-q", "-f", "qcow2", path.toString(), "1M")
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  /** What a tool says about the file. */
  private String run(String tool, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("/usr/bin/" + tool));
    command.addAll(List.of(arguments));
    command.add(path.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
