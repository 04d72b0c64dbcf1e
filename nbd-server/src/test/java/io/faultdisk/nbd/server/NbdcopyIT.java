package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.rules.Observation;
import io.faultdisk.rules.QemuEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Copies with nbdcopy, in every way it has. */
@Timeout(240)
class NbdcopyIT {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private Path source;
  private Path copy;

  /** Data with a hole in its middle. */
  @BeforeEach
  void makeSource() throws IOException {
    byte[] data = new byte[8 * MIB];
    new Random(5).nextBytes(data);
    byte[] zeroes = new byte[2 * MIB];
    System.arraycopy(zeroes, 0, data, 3 * MIB, zeroes.length);
    source = Files.write(directory.resolve("source"), data);
    copy = directory.resolve("copy");
  }

  private void assertSame() throws IOException {
    assertThat(Files.mismatch(source, copy)).isEqualTo(-1);
    Files.delete(copy);
  }

  /** Counts writes and requests to write zeroes; the URI. */
  private static String events(ServedImage served, AtomicLong writes, AtomicLong zeroes) {
    var unused =
        served
            .engine()
            .observe(
                observation -> {
                  if (observation instanceof Observation.EventAnnounced announced) {
                    if (announced.event().equals(QemuEvents.WRITE_AIO)) {
                      writes.incrementAndGet();
                    } else if (announced.event().equals(QemuEvents.PWRITEV_ZERO)) {
                      zeroes.incrementAndGet();
                    }
                  }
                });
    return served.uri();
  }

  @Test
  void copiesInAndOutOverManyConnections() throws Exception {
    try (ServedImage served = ServedImage.memory("8M")) {
      Tools.run("nbdcopy", "--flush", "--connections=4", source.toString(), served.uri());
      for (String connections : new String[] {"1", "4", "16"}) {
        String many = "--connections=" + connections;
        Tools.run("nbdcopy", many, "--requests=64", served.uri(), copy.toString());
        assertSame();
      }
    }
  }

  @Test
  void copiesSynchronouslyAndInSmallAndLargeRequests() throws Exception {
    try (ServedImage served = ServedImage.memory("8M")) {
      Tools.run("nbdcopy", "--synchronous", source.toString(), served.uri());
      for (String bytes : new String[] {"4096", "262144", "33554432"}) {
        Tools.run("nbdcopy", "--request-size=" + bytes, served.uri(), copy.toString());
        assertSame();
      }
      Tools.run("nbdcopy", "--no-extents", served.uri(), copy.toString());
      assertSame();
    }
  }

  @Test
  void copiesFromOneExportToAnother() throws Exception {
    try (ServedImage one = ServedImage.memory("8M");
        ServedImage other = ServedImage.memory("8M")) {
      Tools.run("nbdcopy", source.toString(), one.uri());
      Tools.run("nbdcopy", "--connections=2", one.uri(), other.uri());
      Tools.run("nbdcopy", other.uri(), copy.toString());
      assertSame();
    }
  }

  @Test
  void zeroesAreNotWrittenWhereThereAreSome() throws Exception {
    AtomicLong writes = new AtomicLong();
    AtomicLong zeroes = new AtomicLong();
    try (ServedImage served = ServedImage.memory("8M")) {
      String uri = events(served, writes, zeroes);
      String[] how = {"--destination-is-zero", "--request-size=262144", "--sparse=4096"};
      Tools.run("nbdcopy", how[0], how[1], how[2], source.toString(), uri);
      assertThat(writes.get()).isEqualTo(24);
      assertThat(zeroes.get()).isZero();
      Tools.run("nbdcopy", uri, copy.toString());
      assertSame();
    }
  }

  @Test
  void zeroesAreZeroedAndWithAllocatedTheSpaceIsKept() throws Exception {
    AtomicLong writes = new AtomicLong();
    AtomicLong zeroes = new AtomicLong();
    try (ServedImage served = ServedImage.memory("8M")) {
      String uri = events(served, writes, zeroes);
      Tools.run("nbdcopy", "--request-size=262144", source.toString(), uri);
      assertThat(zeroes.get()).isPositive();
      assertThat(writes.get()).isEqualTo(24);
      assertThat(Tools.run("nbdinfo", "--map", "--totals", uri)).contains("hole,zero");
      Tools.run("nbdcopy", "--allocated", source.toString(), uri);
      Tools.run("nbdcopy", uri, copy.toString());
      assertSame();
    }
  }

  @Test
  void anErrorStopsTheCopy() throws Exception {
    String rules = ",inject-error.0.event=write_aio,inject-error.0.sector=100";
    try (ServedImage served =
        ServedImage.memory("8M", rules, ServerLimits.DEFAULT, settings -> settings)) {
      assertThat(Tools.fails("nbdcopy", source.toString(), served.uri()))
          .contains("Input/output error");
    }
  }
}
