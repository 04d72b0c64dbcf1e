package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** fio writes at random and checks what it reads; with a fixed seed and a fixed amount. */
@Timeout(360)
class FioIT {
  private static String[] fio(ServedImage served, String... options) {
    Tools.assume("fio");
    List<String> all = new ArrayList<>(List.of("fio", "--name=job", "--ioengine=nbd"));
    all.addAll(List.of("--uri=" + served.uri(), "--randseed=4711", "--timeout=50"));
    all.addAll(
        List.of(
            "--verify=crc32c",
            "--verify_fatal=1",
            "--verify_state_save=0",
            "--output-format=normal"));
    all.addAll(Arrays.asList(options));
    return all.toArray(new String[0]);
  }

  @Test
  void randomReadsAndWritesVerify() throws Exception {
    try (ServedImage served = ServedImage.memory("32M")) {
      assertThat(
              Tools.run(
                  fio(
                      served,
                      "--rw=randrw",
                      "--bsrange=512-128k",
                      "--bs_unaligned=1",
                      "--size=32M",
                      "--iodepth=32",
                      "--fsync=100")))
          .contains("err= 0");
      Tools.run(fio(served, "--rw=randwrite", "--bs=4k", "--size=32M", "--iodepth=64"));
    }
  }

  /** Each job has a connection and a part of the disk of its own. */
  @Test
  void manyJobsVerifyBesideEachOther() throws Exception {
    try (ServedImage served = ServedImage.memory("32M")) {
      assertThat(
              Tools.run(
                  fio(
                      served,
                      "--rw=randrw",
                      "--bs=4k",
                      "--numjobs=8",
                      "--size=4M",
                      "--offset_increment=4M",
                      "--iodepth=16",
                      "--group_reporting")))
          .contains("err= 0");
    }
  }

  @Test
  void aQcow2ImageVerifies(@TempDir Path directory) throws Exception {
    Path image = directory.resolve("image.qcow2");
    Tools.run("qemu-img", "create", "-q", "-f", "qcow2", image.toString(), "32M");
    try (ServedImage served =
        ServedImage.open(
            "driver=qcow2,file.driver=file,file.filename=" + image,
            ServedImage.WRITEBACK,
            ServerLimits.DEFAULT,
            settings -> settings)) {
      Tools.run(fio(served, "--rw=randrw", "--bsrange=4k-64k", "--size=32M", "--iodepth=16"));
    }
    Tools.run("qemu-img", "check", image.toString());
  }

  /** The test can fail. */
  @Test
  void aReadErrorIsNoticed() throws Exception {
    String rules = ",inject-error.0.event=read_aio,inject-error.0.sector=4096";
    try (ServedImage served =
        ServedImage.memory("32M", rules, ServerLimits.DEFAULT, settings -> settings)) {
      assertThat(Tools.fails(fio(served, "--rw=randrw", "--bs=4k", "--size=32M", "--iodepth=16")))
          .contains("Input/output error");
    }
  }
}
