package io.faultdisk.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.block.bitmap.DirtyBitmap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nbdinfo shows of our exports. */
@Timeout(240)
class NbdinfoIT {
  private final DirtyBitmap bitmap = new DirtyBitmap("b", 1 << 20, 65536);
  private ServedImage served;

  @BeforeEach
  void serve() throws Exception {
    bitmap.set(131072, 65536);
    served =
        ServedImage.memory(
            "1M",
            "",
            ServerLimits.DEFAULT,
            settings -> settings.withAllocationDepth(true).withBitmaps(List.of(bitmap)));
    served.add(
        Export.Settings.named("second")
            .withDescription("hello")
            .withReadOnly(true)
            .withMultiConn(false));
    try (RawClient client = RawClient.simple(served.socket())) {
      client.write(1, 65536, ByteBuffer.allocate(65536).putLong(4711).array());
      assertThat(client.error(1)).isZero();
    }
  }

  @AfterEach
  void stop() throws IOException {
    served.close();
  }

  private String second() {
    return served.uri().replace(":///", ":///second");
  }

  @Test
  void anExportIsDescribed() throws Exception {
    assertThat(Tools.run("nbdinfo", served.uri()))
        .contains("protocol: newstyle-fixed without TLS, using structured packets")
        .contains("export-size: 1048576 (1M)")
        .contains("base:allocation", "qemu:allocation-depth", "qemu:dirty-bitmap:b")
        .contains("is_read_only: false", "can_multi_conn: true", "can_fast_zero: true")
        .contains("block_size_preferred: 4096", "block_size_maximum: 33554432");
    assertThat(Tools.run("nbdinfo", "--size", served.uri())).isEqualTo("1048576\n");
  }

  @Test
  void anExportIsDescribedInJson() throws Exception {
    assertThat(Tools.run("nbdinfo", "--json", second()).replaceAll("\\s+", ""))
        .contains("\"protocol\":\"newstyle-fixed\"", "\"TLS\":false", "\"structured\":true")
        .contains("\"export-name\":\"second\"", "\"description\":\"hello\"")
        .contains("\"contexts\":[\"base:allocation\"]")
        .contains("\"is_read_only\":true", "\"can_multi_conn\":false", "\"can_trim\":false")
        .contains("\"can_cache\":true", "\"can_df\":true", "\"can_flush\":true", "\"can_fua\":true")
        .contains("\"block_size_minimum\":1,", "\"export-size\":1048576");
  }

  @Test
  void allExportsAreListed() throws Exception {
    assertThat(Tools.run("nbdinfo", "--list", served.uri()))
        .contains("export=\"\"", "export=\"second\"", "description: hello", "is_read_only: true");
    assertThat(Tools.run("nbdinfo", "--list", "--json", served.uri()))
        .contains("\"export-name\": \"\"", "\"export-name\": \"second\"");
  }

  @Test
  void extentsAreMapped() throws Exception {
    assertThat(map("base:allocation"))
        .containsExactly("0 65536 3 hole,zero", "65536 65536 0 data", "131072 917504 3 hole,zero");
    assertThat(map("qemu:allocation-depth")).containsExactly("0 1048576 1 local");
    assertThat(map("qemu:dirty-bitmap:b"))
        .containsExactly("0 131072 0 clean", "131072 65536 1 dirty", "196608 851968 0 clean");
    assertThat(Tools.run("nbdinfo", "--map", "--json", served.uri()).replaceAll("\\s+", ""))
        .contains("{\"offset\":65536,\"length\":65536,\"type\":0,\"description\":\"data\"}");
  }

  @Test
  void extentsAreTotalled() throws Exception {
    assertThat(words(Tools.run("nbdinfo", "--map", "--totals", served.uri())))
        .containsExactly("65536 6.2% 0 data", "983040 93.8% 3 hole,zero");
    String dirty = "--map=qemu:dirty-bitmap:b";
    assertThat(words(Tools.run("nbdinfo", dirty, "--totals", served.uri())))
        .containsExactly("983040 93.8% 0 clean", "65536 6.2% 1 dirty");
  }

  private List<String> map(String context) throws Exception {
    return words(Tools.run("nbdinfo", "--map=" + context, served.uri()));
  }

  private static List<String> words(String output) {
    return output.lines().map(line -> line.strip().replaceAll("\\s+", " ")).toList();
  }

  @Test
  void aContextThatIsNotThereIsAnError() throws Exception {
    assertThat(Tools.fails("nbdinfo", "--map=qemu:dirty-bitmap:x", served.uri()))
        .contains("does not support metadata context");
    assertThat(Tools.fails("nbdinfo", served.uri().replace(":///", ":///x")))
        .contains("No such file or directory for export: x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cache",
        "connect",
        "df",
        "fast-zero",
        "flush",
        "fua",
        "multi-conn",
        "read",
        "structured",
        "trim",
        "write",
        "zero"
      })
  void theDefaultExportCan(String what) throws Exception {
    Tools.run("nbdinfo", "--can", what, served.uri());
  }

  @Test
  void theReadOnlyExportCannotBeChanged() throws Exception {
    Tools.run("nbdinfo", "--is", "read-only", second());
    for (String what : List.of("write", "trim", "zero", "fast-zero", "multi-conn")) {
      assertThat(Tools.result("nbdinfo", "--can", what, second()).exit()).as(what).isEqualTo(2);
    }
    for (String what : List.of("read-only", "rotational", "tls")) {
      assertThat(Tools.result("nbdinfo", "--is", what, served.uri()).exit()).as(what).isEqualTo(2);
    }
  }
}
