package io.faultdisk.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.daemon.DiskRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code daemon} has beyond QEMU's options. */
final class OwnOptionsTest {
  private static final String RULES = "[inject-error]\nevent = \"none\"\n";

  @Test
  void aPortAloneIsOneOfLoopback() throws Exception {
    HttpOption option = HttpOption.parse("8080", Map.of());
    assertThat(option.address().getAddress().isLoopbackAddress()).isTrue();
    assertThat(option.address().getPort()).isEqualTo(8080);
    assertThat(option.token()).isEmpty();
    assertThat(HttpOption.parse(":9", Map.of()).address().getPort()).isEqualTo(9);
    assertThat(HttpOption.parse("[::1]:0", Map.of()).address().getHostString()).contains(":1");
  }

  @Test
  void keysFollowTheAddress() throws Exception {
    HttpOption option =
        HttpOption.parse(
            "0.0.0.0:1,token=abc,allow-host=box,allow-host=box:2,tls-creds=tls0",
            Map.of(HttpOption.TOKEN_VARIABLE, "other"));
    assertThat(option.token()).contains("abc");
    assertThat(option.allowedHosts()).isEqualTo(List.of("box", "box:2"));
    assertThat(option.tlsCreds()).contains("tls0");
    assertThat(HttpOption.parse("1", Map.of(HttpOption.TOKEN_VARIABLE, "other")).token())
        .contains("other");
  }

  @Test
  void mistakesOfHttpAreNamed() {
    for (String wrong : List.of("", "eighty", "70000", "-1", "localhost", "localhost:")) {
      assertThatThrownBy(() -> HttpOption.parse(wrong, Map.of()))
          .isInstanceOf(UsageException.class)
          .hasMessage("'" + wrong + "' is no port and no HOST:PORT");
    }
    assertThatThrownBy(() -> HttpOption.parse("1,tokn=x", Map.of()))
        .hasMessage("'tokn' is not known");
  }

  @Test
  void aDiskNeedsOnlyAnImage() throws Exception {
    assertThat(DiskOption.parse("memory:64M")).isEqualTo(DiskRequest.of("disk", "memory:64M"));
    assertThat(DiskOption.parse("a=./x=y.img")).isEqualTo(DiskRequest.of("a", "./x=y.img"));
    assertThat(DiskOption.parse("/tmp/x=y.img")).isEqualTo(DiskRequest.of("disk", "/tmp/x=y.img"));
  }

  @Test
  void aDiskHasAFormatAndRules(@TempDir Path directory) throws Exception {
    Path rules = Files.writeString(directory.resolve("r.conf"), RULES);
    assertThat(DiskOption.parse("a=b,format=qcow2,rules=" + rules + ",read-only=on"))
        .isEqualTo(new DiskRequest("a", "b", Optional.of("qcow2"), Optional.of(RULES), true, true));
    assertThat(DiskOption.parse("json:{\"driver\":\"raw\",\"x\":{\"a\":1}},format=raw"))
        .isEqualTo(
            new DiskRequest(
                "disk",
                "json:{\"driver\":\"raw\",\"x\":{\"a\":1}}",
                Optional.of("raw"),
                Optional.empty(),
                false,
                true));
  }

  @Test
  void mistakesOfDiskAreNamed(@TempDir Path directory) throws Exception {
    assertThatThrownBy(() -> DiskOption.parse("")).hasMessage("'' names no image");
    assertThatThrownBy(() -> DiskOption.parse("a=")).hasMessage("'a=' names no image");
    assertThatThrownBy(() -> DiskOption.parse("a,b")).hasMessage("'b' is not known");
    assertThatThrownBy(() -> DiskOption.parse("a,rules=none.conf"))
        .hasMessage("cannot read the rules in 'none.conf': there is no such file");
    Path rules = Files.writeString(directory.resolve("r.conf"), RULES + "once = \"maybe\"\n");
    assertThatThrownBy(() -> DiskOption.parse("a,rules=" + rules))
        .hasMessage(rules + ":3: Parameter 'once' expects 'on' or 'off'");
    assertThatThrownBy(() -> DiskOption.parse("a,read-only=yes"))
        .hasMessage("read-only is on or off, not 'yes'");
  }
}
