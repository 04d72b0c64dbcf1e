package io.faultdisk.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonStream;
import io.faultdisk.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a stream finds, as lines: values as JSON, mistakes by their text. */
class JsonStreamTest {
  private static final class Found implements JsonStream.Sink {
    final List<String> lines = new ArrayList<>();

    @Override
    public void value(JsonValue value) {
      lines.add(Json.write(value));
    }

    @Override
    public void mistake(UsageException mistake) {
      lines.add("! " + mistake.getMessage());
    }
  }

  private static List<String> found(byte[] bytes, int piece) {
    Found found = new Found();
    JsonStream stream = new JsonStream(found);
    for (int at = 0; at < bytes.length; at += piece) {
      stream.feed(bytes, at, Math.min(bytes.length, at + piece));
    }
    return found.lines;
  }

  private static List<String> found(String text) {
    return found(text.getBytes(StandardCharsets.UTF_8), Integer.MAX_VALUE / 2);
  }

  @Test
  void valuesNeedNothingBetweenThem() {
    assertThat(found("{}[]\"a\"'b'{\"a\":1}null 1 2.5 "))
        .containsExactly("{}", "[]", "\"a\"", "\"b\"", "{\"a\": 1}", "null", "1", "2.5");
  }

  @Test
  void aWordOrNumberIsCompleteWithTheByteAfterIt() {
    assertThat(found("12")).isEmpty();
    assertThat(found("12\n")).containsExactly("12");
    assertThat(found("tru")).isEmpty();
    assertThat(found("true,")).containsExactly("true", "! JSON parse error, expecting value");
  }

  @Test
  void afterAStrayByteItGoesOnAtABracketOrAControlCharacter() {
    assertThat(found("#abc 1 \"x\" {}")).containsExactly("! JSON parse error, stray '#'", "{}");
    assertThat(found("#abc\n1\n")).containsExactly("! JSON parse error, stray '#'", "1");
    assertThat(found("{\"a\": @ 1}[]"))
        .containsExactly(
            "! JSON parse error, stray '@'", "! JSON parse error, expecting value", "[]");
  }

  @Test
  void piecesOfAnySizeGiveTheSame() {
    byte[] text =
        "{\"execute\": \"a\", 'b': [1, 2.5e3, {\"c\": null}]} 01 \"\\u00e4\" [}{\"a\" \u0001{} -1e5\n"
            .getBytes(StandardCharsets.UTF_8);
    List<String> whole = found(text, text.length);
    assertThat(whole).hasSizeGreaterThan(5);
    for (int piece = 1; piece < text.length; piece++) {
      assertThat(found(text, piece)).isEqualTo(whole);
    }
  }

  @Test
  void nestingIsLimited() {
    assertThat(found("[".repeat(1024) + "]".repeat(1024))).hasSize(1);
    assertThat(found("[".repeat(1025))).containsExactly("! JSON nesting depth limit exceeded");
  }

  @Test
  void aTokenThatNeverEndsIsGivenUpAtTheLimit() {
    Found found = new Found();
    JsonStream stream = new JsonStream(found);
    byte[] part = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    stream.feed("\"".getBytes(StandardCharsets.UTF_8), 0, 1);
    for (int i = 0; i < 64; i++) {
      stream.feed(part, 0, part.length);
    }
    assertThat(found.lines).startsWith("! JSON token size limit exceeded");
  }

  @Test
  void blanksWithoutEndTakeNoMemory() {
    Found found = new Found();
    JsonStream stream = new JsonStream(found);
    byte[] part = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    stream.feed("[1".getBytes(StandardCharsets.UTF_8), 0, 2);
    for (int i = 0; i < 200; i++) {
      stream.feed(part, 0, part.length);
    }
    stream.feed("]".getBytes(StandardCharsets.UTF_8), 0, 1);
    assertThat(found.lines).containsExactly("[1]");
  }

  @Test
  void tokensAreCounted() {
    Found found = new Found();
    JsonStream stream = new JsonStream(found);
    byte[] part = "1,".repeat(1 << 19).getBytes(StandardCharsets.UTF_8);
    stream.feed("[".getBytes(StandardCharsets.UTF_8), 0, 1);
    stream.feed(part, 0, part.length);
    assertThat(found.lines).isEmpty();
    stream.feed(part, 0, part.length);
    assertThat(found.lines).contains("! JSON token count limit exceeded");
  }
}
