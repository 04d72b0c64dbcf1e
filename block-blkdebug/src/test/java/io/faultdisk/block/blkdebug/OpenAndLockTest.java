package io.faultdisk.block.blkdebug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.BlockBackend;
import io.faultdisk.block.BlockIoException;
import io.faultdisk.block.OpenFlags;
import io.faultdisk.block.Permission;
import io.faultdisk.block.Preallocation;
import io.faultdisk.block.options.Options;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real files: locks against other users, reopening, permissions, and what happens when opening
 * fails.
 */
class OpenAndLockTest {
  private static final Path QEMU_IO = Path.of("/usr/bin/qemu-io");

  @TempDir Path temp;
  private Path image = Path.of("");

  @BeforeEach
  void makeImage() throws Exception {
    image = temp.resolve("disk.raw");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(1 << 20);
    }
  }

  private String plain() {
    return "driver=raw,file.driver=file,file.filename=" + image;
  }

  private String exclusive() {
    return "driver=raw,file.driver=blkdebug,file.unshare-child-perms.0=write,file.image.driver=file,file.image.filename="
        + image;
  }

  @Test
  void secondWriterIsRefusedWhileTheFirstDoesNotShare() throws Exception {
    try (TracedDisk first = TracedDisk.open(exclusive(), OpenFlags.TOOL)) {
      assertThatThrownBy(() -> TracedDisk.open(plain(), OpenFlags.TOOL))
          .isInstanceOf(UsageException.class)
          .hasMessage("Failed to get \"write\" lock")
          .satisfies(
              e ->
                  assertThat(((UsageException) e).hints())
                      .containsExactly("Is another process using the image [" + image + "]?"));
      first.disk().write(0, ByteBuffer.allocate(512), 0);
      TracedDisk.open(plain(), OpenFlags.TOOL.withReadOnly(true)).close();
    }
    TracedDisk.open(plain(), OpenFlags.TOOL).close();
  }

  @Test
  void firstWriterIsNoticedByOneThatDoesNotShare() throws Exception {
    try (TracedDisk first = TracedDisk.open(plain(), OpenFlags.TOOL)) {
      assertThatThrownBy(() -> TracedDisk.open(exclusive(), OpenFlags.TOOL))
          .hasMessage("Failed to get shared \"write\" lock");
      first.disk().write(0, ByteBuffer.allocate(512), 0);
    }
  }

  @Test
  void qemuIsRefusedWhileWeDoNotShare() throws Exception {
    assumeQemu();
    try (TracedDisk ours = TracedDisk.open(exclusive(), OpenFlags.TOOL)) {
      assertThat(ours.disk().length()).isEqualTo(1 << 20);
      Process qemu =
          new ProcessBuilder(QEMU_IO.toString(), "-f", "raw", "-c", "read 0 512", image.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(qemu.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(qemu.waitFor()).isEqualTo(1);
      assertThat(output).contains("Failed to get \"write\" lock");
    }
  }

  @Test
  void weAreRefusedWhileQemuDoesNotShare() throws Exception {
    assumeQemu();
    Process qemu =
        new ProcessBuilder(QEMU_IO.toString(), "--image-opts", exclusive())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(qemu.getInputStream(), StandardCharsets.UTF_8))) {
      qemu.getOutputStream().write("length\n".getBytes(StandardCharsets.UTF_8));
      qemu.getOutputStream().flush();
      char[] prompt = new char[1];
      assertThat(output.read(prompt)).as("it has opened the image when it prompts").isEqualTo(1);
      assertThatThrownBy(() -> TracedDisk.open(plain(), OpenFlags.TOOL))
          .hasMessage("Failed to get \"write\" lock");
      TracedDisk.open(plain() + ",file.locking=off", OpenFlags.TOOL).close();
    } finally {
      qemu.destroy();
      qemu.waitFor();
    }
    TracedDisk.open(plain(), OpenFlags.TOOL).close();
  }

  @Test
  void reopenSwitchesBetweenReadOnlyAndWritable() throws Exception {
    try (TracedDisk traced = TracedDisk.open(plain(), OpenFlags.TOOL)) {
      BlockBackend disk = traced.disk();
      disk.reopen(disk.root().flags().withReadOnly(true), new Options());
      assertThat(disk.readOnly()).isTrue();
      assertThatThrownBy(() -> disk.requirePermissions(Permission.WRITE))
          .hasMessage("Block node is read-only");
      disk.reopen(disk.root().flags().withReadOnly(false), new Options());
      disk.requirePermissions(Permission.WRITE);
      disk.write(0, ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
    }
    assertThat(Files.readAllBytes(image)).startsWith(1, 2, 3);
  }

  @Test
  void failedReopenLeavesEverythingAsItWas() throws Exception {
    try (TracedDisk traced = TracedDisk.open(plain(), OpenFlags.TOOL)) {
      BlockBackend disk = traced.disk();
      assertThatThrownBy(
              () ->
                  disk.reopen(
                      disk.root().flags().withReadOnly(true),
                      Options.parse("bogus=1", warning -> {})))
          .hasMessage("Cannot change the option 'bogus'");
      assertThat(disk.readOnly()).isFalse();
      disk.requirePermissions(Permission.WRITE);
      disk.write(0, ByteBuffer.wrap(new byte[] {9}), 0);
    }
    assertThat(Files.readAllBytes(image)).startsWith(9);
  }

  @Test
  void nothingStaysOpenWhenOpeningFails() throws Exception {
    assertThatThrownBy(() -> TracedDisk.open(exclusive() + ",file.align=3", OpenFlags.TOOL))
        .hasMessage("Cannot meet constraints with align 3");
    assertThatThrownBy(() -> TracedDisk.open(exclusive() + ",bogus=1", OpenFlags.TOOL))
        .hasMessage("Block format 'raw' does not support the option 'bogus'");
    // Had a file stayed open with its lock, this would be refused.
    TracedDisk.open(exclusive(), OpenFlags.TOOL).close();
  }

  @Test
  void rulesOfTwoFiltersOverOneFileConflictByName() throws Exception {
    String shared =
        "driver=raw,file.driver=blkdebug,file.node-name=d1,file.image.driver=file,file.image.node-name=f,file.image.filename="
            + image
            + ",file.unshare-child-perms.0=write";
    try (TracedDisk traced = TracedDisk.open(shared, OpenFlags.TOOL)) {
      assertThatThrownBy(
              () ->
                  traced
                      .graph()
                      .open(
                          Optional.empty(),
                          Options.parse(
                              "driver=blkdebug,node-name=d2,image=f,take-child-perms.0=write",
                              w -> {}),
                          OpenFlags.TOOL))
          .hasMessage(
              "Permission conflict on node 'f': permissions 'write' are both required by node 'd2'"
                  + " (uses node 'f' as 'image' child) and unshared by node 'd1' (uses node 'f' as"
                  + " 'image' child).");
      traced.disk().write(0, ByteBuffer.allocate(1), 0);
    }
  }

  @Test
  void truncateSaysWhyNot() throws Exception {
    try (TracedDisk traced = TracedDisk.open(plain() + ",size=64k", OpenFlags.TOOL)) {
      assertThatThrownBy(() -> traced.disk().truncate(4096, false, Preallocation.OFF))
          .isInstanceOfSatisfying(
              BlockIoException.class,
              e -> assertThat(e.reason()).isEqualTo("Cannot resize fixed-size raw disks"));
    }
  }

  private static void assumeQemu() {
    Assumptions.assumeTrue(
        Files.isExecutable(QEMU_IO), "qemu-io is not installed (Debian: apt install qemu-utils)");
  }
}
