package io.faultdisk.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NbdUriTest {

  @ParameterizedTest
  @CsvSource({
    "nbd://example.com/disk, disk",
    "nbd+unix:///disk?socket=sock, disk",
    "nbd://example.com/, ''",
    "nbd://example.com, ''",
    "nbd://example.com//disk, /disk",
    "nbd://example.com/hello%20world, hello world",
    "nbd://example.com/a+b, a+b",
  })
  void theExportIsThePathWithoutItsFirstSlash(String text, String export) throws Exception {
    assertThat(NbdUri.parse(text).export()).isEqualTo(export);
  }

  @Test
  void hostsAndPorts() throws Exception {
    assertThat(NbdUri.parse("nbd://h").where()).isEqualTo(new NbdUri.Tcp("h", 10809));
    assertThat(NbdUri.parse("nbd://h:10810/").where()).isEqualTo(new NbdUri.Tcp("h", 10810));
    assertThat(NbdUri.parse("nbds://[::1]:7").where()).isEqualTo(new NbdUri.Tcp("::1", 7));
    assertThat(NbdUri.parse("nbd:///x").where()).isEqualTo(new NbdUri.Tcp("localhost", 10809));
  }

  @Test
  void socketsAndParameters() throws Exception {
    NbdUri uri = NbdUri.parse("nbds+unix:///?socket=/a%20b&tls-hostname=h&tls-type=x509");
    assertThat(uri.tls()).isTrue();
    assertThat(uri.where()).isEqualTo(new NbdUri.Unix("/a b"));
    assertThat(uri.parameters()).isEqualTo(Map.of("tls-hostname", "h", "tls-type", "x509"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nbd://h",
        "nbd://h/disk",
        "nbds://h:1/a%3fb%23c%25",
        "nbd://[::1]:10810/%c3%a9",
        "nbd+unix:///?socket=/run/x",
        "nbds+unix:////a%26b?socket=x%20y&tls-type=psk",
      })
  void whatIsPrintedIsWhatWasRead(String text) throws Exception {
    assertThat(NbdUri.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://h",
        "nbd:h:1",
        "nbd+unix:///x",
        "nbd://h?socket=x",
        "nbd://h:99999",
        "nbd://h:x/",
        "a b"
      })
  void whatIsWrongIsSaid(String text) {
    assertThatThrownBy(() -> NbdUri.parse(text)).isInstanceOf(UsageException.class);
  }

  @Test
  void onlyOurSchemesAreOurs() throws Exception {
    assertThat(NbdUri.isNbdUri("nbd+unix://x")).isTrue();
    assertThat(NbdUri.isNbdUri("nbd:unix:x")).isFalse();
    assertThat(NbdUri.isNbdUri("file://x")).isFalse();
  }

  @Test
  void hostsThatAreNoProperNamesAreHostsAllTheSame() throws UsageException {
    assertThat(NbdUri.parse("nbd://my_disk:99/").where()).isEqualTo(new NbdUri.Tcp("my_disk", 99));
    assertThat(NbdUri.parse("nbd://u:p@127.1").where())
        .isEqualTo(new NbdUri.Tcp("127.1", NbdLimits.DEFAULT_PORT));
    assertThat(NbdUri.parse("nbd://[::1]:7/").where()).isEqualTo(new NbdUri.Tcp("::1", 7));
  }

  @Test
  void noUriHasAnEmptyPortOrOtherCharactersOrTwoSockets() {
    for (String text :
        new String[] {
          "nbd://h:/x",
          "nbd://h/\u00e4",
          "nbd+unix:///?socket=a&socket=b",
          "nbd://h:70000",
          "nbd://h:x"
        }) {
      assertThatThrownBy(() -> NbdUri.parse(text)).isInstanceOf(UsageException.class);
    }
  }
}
