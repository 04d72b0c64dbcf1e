package io.faultdisk.cli.demo.guest;

import io.faultdisk.base.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Makes the file system that a guest finds in its memory. */
final class Initramfs {
  /** The disk, and what it may be mounted with. */
  private static final List<String> MODULES = List.of("virtio_pci", "virtio_blk", "ext4");

  /** ext4 asks for it by another name. */
  private static final String CHECKSUMS = "crc32c_generic";

  /**
   * The first and only program: runs what comes over the serial line. A line is a number and a
   * command; the answer is what the command prints, and a line with the number and its exit status.
   */
  private static final String INIT =
      """
      #!/bin/busybox sh
      /bin/busybox --install -s /bin
      mount -t proc none /proc
      mount -t sysfs none /sys
      mount -t devtmpfs none /dev
      stty -echo
      INSERT
      echo '@ready'
      while read -r number command; do
        eval "$command" </dev/null 2>&1
        echo "@$number $?"
      done
      """;

  private Initramfs() {}

  /** Writes it to a file. */
  static void write(GuestParts parts, Path file) throws IOException, UsageException {
    KernelModules modules = new KernelModules(parts.kernel());
    List<String> wanted = new ArrayList<>();
    if (modules.has(CHECKSUMS)) {
      wanted.add(CHECKSUMS);
    }
    wanted.addAll(MODULES);
    List<Path> ordered = modules.inOrder(wanted);
    StringBuilder insert = new StringBuilder();
    try (CpioArchive archive = new CpioArchive(file)) {
      for (String directory : List.of("bin", "dev", "lib", "mnt", "proc", "sys", "tmp")) {
        archive.directory(directory);
      }
      archive.file("bin/busybox", Files.readAllBytes(parts.busybox()));
      for (Path module : ordered) {
        String name = "lib/" + module.getFileName();
        archive.file(name, Files.readAllBytes(module));
        insert.append("insmod /").append(name).append('\n');
      }
      String init = INIT.replace("INSERT\n", insert);
      archive.file("init", init.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
