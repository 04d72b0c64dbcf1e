package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.bitmap.DirtyBitmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's tools as clients. */
@Timeout(240)
class QemuClientIT {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private Path source;

  @BeforeEach
  void makeSource() throws IOException {
    byte[] data = new byte[8 * MIB];
    new Random(7).nextBytes(data);
    System.arraycopy(new byte[2 * MIB], 0, data, 3 * MIB, 2 * MIB);
    source = Files.write(directory.resolve("source"), data);
  }

  private static String io(ServedImage served, String... commands) throws Exception {
    return Tools.run(ioCommand(served, commands))
        .replaceAll("(?m)^.*sec .*\\n", "")
        .replaceAll("(?m)^\\d.*bytes.*ops.*\\n", "");
  }

  private static String[] ioCommand(ServedImage served, String... commands) {
    List<String> all = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
    for (String command : commands) {
      all.add("-c");
      all.add(command);
    }
    all.add(served.uri());
    return all.toArray(new String[0]);
  }

  @Test
  void infoShowsTheExport() throws Exception {
    try (ServedImage served = ServedImage.memory("8M")) {
      assertThat(Tools.run("qemu-img", "info", "-f", "raw", served.uri()))
          .contains("virtual size: 8 MiB (8388608 bytes)", "file format: raw");
    }
  }

  @Test
  void mapShowsHolesAndDirtyBitmaps() throws Exception {
    DirtyBitmap bitmap = new DirtyBitmap("b", 8 * MIB, 65536);
    bitmap.set(2 * MIB, 65536);
    try (ServedImage served =
        ServedImage.memory(
            "8M", "", ServerLimits.DEFAULT, settings -> settings.withBitmaps(List.of(bitmap)))) {
      io(served, "write -P 7 1M 64k");
      assertThat(Tools.run("qemu-img", "map", "-f", "raw", "--output=json", served.uri()))
          .isEqualTo(
              """
              [{ "start": 0, "length": 1048576, "depth": 0, "present": true, "zero": true, "data": false, "offset": 0},
              { "start": 1048576, "length": 65536, "depth": 0, "present": true, "zero": false, "data": true, "offset": 1048576},
              { "start": 1114112, "length": 7274496, "depth": 0, "present": true, "zero": true, "data": false, "offset": 1114112}]
              """);
      String dirty =
          "driver=nbd,server.type=unix,server.path=%s,x-dirty-bitmap=qemu:dirty-bitmap:b"
              .formatted(served.socket());
      assertThat(Tools.run("qemu-img", "map", "--image-opts", "--output=json", dirty))
          .contains("\"start\": 2097152, \"length\": 65536, \"depth\": 0, \"present\": false");
    }
  }

  @Test
  void convertAndCompareAgree() throws Exception {
    Path qcow2 = directory.resolve("copy.qcow2");
    try (ServedImage served = ServedImage.memory("8M")) {
      String uri = served.uri();
      Tools.run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", source.toString(), uri);
      Tools.run("qemu-img", "compare", "-f", "raw", "-F", "raw", source.toString(), uri);
      Tools.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", uri, qcow2.toString());
      Tools.run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", uri, qcow2.toString());
      io(served, "write -P 1 4M 512");
      assertThat(
              Tools.fails("qemu-img", "compare", "-f", "raw", "-F", "qcow2", uri, qcow2.toString()))
          .contains("Content mismatch at offset 4194304!");
    }
  }

  @Test
  void aQcow2ImageIsServedAsItsContentAndCanBeServedAsAFile() throws Exception {
    Path qcow2 = directory.resolve("image.qcow2");
    Tools.run("qemu-img", "convert", "-O", "qcow2", source.toString(), qcow2.toString());
    try (ServedImage served =
        ServedImage.open(
            "driver=qcow2,file.driver=file,file.filename=" + qcow2,
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings -> settings)) {
      Tools.run("qemu-img", "compare", "-f", "raw", "-F", "raw", source.toString(), served.uri());
      io(served, "write -P 9 3M 1M", "discard 0 1M", "flush");
    }
    Tools.run("qemu-img", "check", qcow2.toString());
    try (ServedImage served =
        ServedImage.open(
            "driver=raw,file.driver=file,file.filename=" + qcow2,
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings -> settings)) {
      Tools.run("qemu-img", "check", "-f", "qcow2", served.uri());
      assertThat(Tools.run("qemu-io", "-f", "qcow2", "-c", "read -P 9 3M 1M", served.uri()))
          .doesNotContain("failed");
    }
  }

  @Test
  void benchRunsDeep() throws Exception {
    try (ServedImage served = ServedImage.memory("8M")) {
      for (String[] how : new String[][] {{}, {"-w"}, {"-w", "--flush-interval=64"}}) {
        List<String> command = new ArrayList<>(List.of("qemu-img", "bench", "-f", "raw"));
        command.addAll(List.of("-c", "2000", "-d", "64", "-s", "4096"));
        command.addAll(List.of(how));
        command.add(served.uri());
        assertThat(Tools.run(command.toArray(new String[0]))).contains("Run completed in");
      }
    }
  }

  @Test
  void ioReadsWritesZeroesAndDiscards() throws Exception {
    try (ServedImage served = ServedImage.memory("8M")) {
      assertThat(
              io(
                  served,
                  "write -P 1 0 1M",
                  "write -P 2 -f 1M 64k",
                  "write -z 64k 64k",
                  "write -z -u 128k 64k",
                  "write -z -n 192k 64k",
                  "discard 256k 64k",
                  "flush",
                  "read -P 1 0 64k",
                  "read -P 0 64k 256k",
                  "read -P 1 320k 704k",
                  "read -P 2 1M 64k",
                  "writev -P 3 2M 4k 8k 512",
                  "readv -P 3 2M 512 8k 4k",
                  "aio_write -P 4 3M 64k",
                  "aio_write -z 3136k 64k",
                  "aio_flush",
                  "aio_read -P 4 3M 64k",
                  "aio_read -P 0 3136k 64k",
                  "aio_flush",
                  "length"))
          .doesNotContain("Pattern verification failed")
          .contains("8 MiB");
    }
  }

  @Test
  void ioReportsErrorsOfTheImage() throws Exception {
    String rules =
        ",inject-error.0.event=write_aio,inject-error.0.sector=2048,inject-error.0.errno=28"
            + ",inject-error.1.event=read_aio,inject-error.1.sector=2056"
            + ",inject-error.2.event=flush_to_os,inject-error.2.iotype=flush";
    try (ServedImage served =
        ServedImage.memory("8M", rules, ServerLimits.DEFAULT, settings -> settings)) {
      assertThat(Tools.fails(ioCommand(served, "write 1M 4k", "write 2M 4k")))
          .contains(
              "write failed: No space left on device", "wrote 4096/4096 bytes at offset 2097152");
      assertThat(Tools.fails(ioCommand(served, "read 1M 8k", "aio_read 1028k 4k", "aio_flush")))
          .contains("read failed: Input/output error", "readv failed: Input/output error");
      assertThat(Tools.fails(ioCommand(served, "read -P 0 8M 512", "read 2M 512")))
          .contains("read 512/512 bytes at offset 2097152");
    }
  }
}
