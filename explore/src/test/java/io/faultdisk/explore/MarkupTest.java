package io.faultdisk.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.faultdisk.testkit.RandomCases;
import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class MarkupTest {
  @Test
  void escapesTextsAndAttributes() {
    assertThat(
            new Markup()
                .open("a", "title", "<\"&'\n\t>")
                .text("<script>\"&'\n\t</script>")
                .empty("br")
                .close()
                .toString())
        .isEqualTo(
            "<a title=\"&lt;&quot;&amp;&#39;&#10;&#9;&gt;\">"
                + "&lt;script&gt;&quot;&amp;&#39;\n\t&lt;/script&gt;<br/></a>");
  }

  @Test
  void spellsOutWhatNobodyCouldSee() {
    assertThat(new Markup().text("a\0b\u001b[0m\r\u0085\u202ec\ud800d\uffff").toString())
        .isEqualTo("a\\x00b\\x1b[0m\\x0d\\x85\\u202ec\ufffdd\ufffd");
  }

  @Test
  void whatIsOpenMustBeClosed() {
    Markup markup = new Markup().open("a").open("b").close();
    assertThatIllegalStateException().isThrownBy(markup::toString);
    assertThat(markup.close().toString()).isEqualTo("<a><b></b></a>");
  }

  @Test
  void anyTextComesBackFromAParserAsItIsShown() {
    RandomCases.run(
        "markup",
        500,
        random -> {
          StringBuilder made = new StringBuilder(ResultDirectoryTest.text(random));
          for (int i = random.nextInt(5); i > 0; i--) {
            made.append((char) random.nextInt(0x10000));
          }
          String text = made.toString();
          String xml = new Markup().open("a", "t", text).text(text).close().toString();
          Element parsed =
              DocumentBuilderFactory.newInstance()
                  .newDocumentBuilder()
                  .parse(new InputSource(new StringReader(xml)))
                  .getDocumentElement();
          assertThat(parsed.getTextContent()).isEqualTo(PlainText.visible(text));
          assertThat(parsed.getAttribute("t")).isEqualTo(PlainText.visible(text));
        });
  }

  @Test
  void offsetsAndSizesAreShort() {
    assertThat(PlainText.offset(0)).isEqualTo("0");
    assertThat(PlainText.offset(1000)).isEqualTo("1000");
    assertThat(PlainText.offset(65536)).isEqualTo("64K");
    assertThat(PlainText.offset(65536 + 512)).isEqualTo("64K+512");
    assertThat(PlainText.offset((1L << 30) + (192 << 10))).isEqualTo("1G+192K");
    assertThat(PlainText.offset(Long.MAX_VALUE)).isEqualTo("7E+1152921504606846975");
    assertThat(PlainText.bytes(512)).isEqualTo("512 B");
    assertThat(PlainText.bytes(65536)).isEqualTo("64 KiB");
  }
}
