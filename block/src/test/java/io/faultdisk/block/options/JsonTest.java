package io.faultdisk.block.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.testkit.RandomCases;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Values and printing. Messages are in OptionsGoldenTest, random texts in OptionsConformanceTest.
 */
class JsonTest {
  private static String string(String literal) throws UsageException {
    return ((JsonString) Json.parse(literal)).value();
  }

  private static String reprint(String text) throws UsageException {
    return Json.write(Json.parse(text));
  }

  @Test
  void bothQuotesAndAllEscapesAreRead() throws UsageException {
    assertThat(string("\"it's\"")).isEqualTo("it's");
    assertThat(string("'say \"x\"'")).isEqualTo("say \"x\"");
    assertThat(string("'\\'\\\"\\\\\\/\\b\\f\\n\\r\\t'")).isEqualTo("'\"\\/\b\f\n\r\t");
    assertThat(string("'\\u00e9\\u20AC\\ud83D\\uDE00'")).isEqualTo("é€😀");
    assertThat(string("'é€😀'")).isEqualTo("é€😀");
    assertThat(string("'\\u0000'")).isEqualTo("\0");
    assertThat(string("'\u007f'")).isEqualTo("\u007f");
  }

  @Test
  void modifiedUtf8IsReadAndNothingElse() throws UsageException {
    assertThat(Json.parse(quoted(0xC0, 0x80))).isEqualTo(new JsonString("\0"));
    assertThat(Json.parse(quoted(0xC2, 0x80))).isEqualTo(new JsonString("\u0080"));
    assertThat(Json.parse(quoted(0xF4, 0x8F, 0xBF, 0xBD)))
        .isEqualTo(new JsonString(Character.toString(0x10FFFD)));
    int[][] bad = {
      {0x80},
      {0xC3},
      {0xC3, 'x'},
      {0xC1, 0xBF},
      {0xE0, 0x9F, 0xBF},
      {0xED, 0xA0, 0x80},
      {0xEF, 0xBF, 0xBF},
      {0xF0, 0x8F, 0xBF, 0xBF},
      {0xF4, 0x90, 0x80, 0x80},
      {0xE2, 0x82},
      {0xF8, 0x88, 0x80, 0x80, 0x80},
      {0xFC, 0x84, 0x80, 0x80, 0x80, 0x80},
      {0xFD, 0xBF}
    };
    for (int[] bytes : bad) {
      assertThatThrownBy(() -> Json.parse(quoted(bytes)))
          .hasMessage("JSON parse error, invalid UTF-8 sequence in string");
    }
  }

  private static byte[] quoted(int... bytes) {
    byte[] text = new byte[bytes.length + 2];
    text[0] = '"';
    for (int i = 0; i < bytes.length; i++) {
      text[i + 1] = (byte) bytes[i];
    }
    text[text.length - 1] = '"';
    return text;
  }

  @Test
  void textEndsAtTheFirstNul() throws UsageException {
    assertThat(Json.parse("1\0x")).isEqualTo(new JsonNumber("1"));
  }

  @Test
  void numbersAreSignedElseUnsignedElseDouble() throws UsageException {
    Map<String, String> printed =
        Map.ofEntries(
            Map.entry("-0", "0"),
            Map.entry("-0.0", "-0"),
            Map.entry("1.0", "1"),
            Map.entry("1e3", "1000"),
            Map.entry("0.1", "0.10000000000000001"),
            Map.entry("1e16", "10000000000000000"),
            Map.entry("1e17", "1e+17"),
            Map.entry("1e-5", "1.0000000000000001e-05"),
            Map.entry("0.0001", "0.0001"),
            Map.entry("1.5e300", "1.5000000000000001e+300"),
            Map.entry("1e400", "inf"),
            Map.entry("-1e400", "-inf"),
            Map.entry("5e-324", "4.9406564584124654e-324"),
            Map.entry("-9223372036854775808", "-9223372036854775808"),
            Map.entry("-9223372036854775809", "-9.2233720368547758e+18"),
            Map.entry("9223372036854775808", "9223372036854775808"),
            Map.entry("18446744073709551615", "18446744073709551615"),
            Map.entry("18446744073709551616", "1.8446744073709552e+19"));
    for (Map.Entry<String, String> each : printed.entrySet()) {
      assertThat(reprint(each.getKey())).isEqualTo(each.getValue());
    }
  }

  @Test
  void printedDoublesReadBackAsThemselves() {
    RandomCases.run(
        "%.17g",
        5000,
        random -> {
          double value = Double.longBitsToDouble(random.nextLong());
          if (Double.isFinite(value)) {
            assertThat(Double.parseDouble(Json.write(Json.parse(Double.toString(value)))))
                .isEqualTo(value);
          }
        });
  }

  @Test
  void onlyPrintableAsciiIsPrintedAsItIs() throws UsageException {
    assertThat(Json.write(new JsonString("a\"\\/\b\f\n\r\t'\1\u007fé€😀\0")))
        .isEqualTo(
            "\"a\\\"\\\\/\\b\\f\\n\\r\\t'\\u0001\\u007F\\u00E9\\u20AC\\uD83D\\uDE00\\u0000\"");
    assertThat(Json.write(new JsonString("\uD800\uFFFE"))).isEqualTo("\"\\uFFFD\\uFFFD\"");
    assertThat(reprint(" [ 1 ,{ } , [ ] ,null,true,{'a':false}] "))
        .isEqualTo("[1, {}, [], null, true, {\"a\": false}]");
  }

  @Test
  void nestingIsLimited() throws UsageException {
    String deepest = "[".repeat(1024) + "]".repeat(1024);
    assertThat(reprint(deepest)).isEqualTo(deepest);
    assertThatThrownBy(() -> Json.parse("[" + deepest + "]"))
        .hasMessage("JSON nesting depth limit exceeded");
    String objects = "{'a':".repeat(1024) + "1" + "}".repeat(1024);
    assertThat(reprint(objects)).hasSize(7 * 1024 + 1);
    assertThatThrownBy(() -> Json.parse("{'a':".repeat(100_000)))
        .hasMessage("JSON nesting depth limit exceeded");
  }

  @Test
  void longMessagesAreCutAsQemuCutsThem() {
    String word = "x".repeat(3000);
    assertThatThrownBy(() -> Json.parse(word))
        .hasMessage("JSON parse error, invalid keyword '" + "x".repeat(1023 - 17));
  }

  @Test
  void whatWasPrintedReadsBackTheSame() {
    RandomCases.run(
        "print and read",
        3000,
        random -> {
          JsonValue value = Json.parse(RandomJson.value(random, 4));
          String printed = Json.write(value);
          // inf is no JSON, and -0 (a double) reads as the integer 0: so it is in QEMU.
          if (!printed.contains("inf") && !printed.contains("-0")) {
            assertThat(Json.parse(printed)).isEqualTo(value);
          }
        });
  }

  /** Only UsageException may come out, whatever goes in; and it must end. */
  @Test
  void anyBytesAreReadOrRefused() {
    RandomCases.run(
        "hostile JSON",
        20_000,
        random -> {
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(30); i > 0; i--) {
            text.append(
                random.nextInt(3) == 0
                    ? RandomJson.value(random, 2)
                    : RandomJson.SNIPPETS.get(random.nextInt(RandomJson.SNIPPETS.size())));
          }
          byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
          if (bytes.length > 0 && random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
          }
          try {
            Json.write(Json.parse(bytes));
          } catch (UsageException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        });
  }

  @Test
  void everyCutOfAValueIsRefused() throws UsageException {
    String whole = "{'a':[1,-2.5e3,{'b':null}],\"c\\u00e9\":'\\ud83d\\ude00'}";
    assertThat(Json.parse(whole)).isInstanceOf(JsonObject.class);
    for (int length = 0; length < whole.length(); length++) {
      String cut = whole.substring(0, length);
      assertThatThrownBy(() -> Json.parse(cut)).isInstanceOf(UsageException.class);
    }
  }

  // ---- against qemu-img ----

  @TempDir Path folder;

  @Test
  void namesThatQemuImgPrintsArePrintedAlikeByUs() throws IOException, UsageException {
    QemuIo.in(folder);
    List<String> options =
        List.of(
            "driver=raw,size=512",
            "driver=raw,size=1k,offset=512",
            "driver=raw,file.locking=off",
            "driver=raw,file.driver=blkdebug,file.image.filename=t.raw,file.align=4k",
            "driver=raw,file.driver=blkdebug,file.image.filename=t.raw,file.set-state.0.event=none"
                + ",file.inject-error.0.event=none,file.inject-error.0.errno=5"
                + ",file.inject-error.0.once=on,file.inject-error.0.iotype=discard"
                + ",file.max-transfer=1M,file.opt-discard=4k,file.max-discard=8k");
    int named = 0;
    for (String option : options) {
      String all = option.contains("image.") ? option : option + ",file.filename=t.raw";
      String info = QemuIo.qemuImg(folder, "info", "--image-opts", all);
      String image = info.lines().findFirst().orElse("");
      if (image.startsWith("image: json:")) {
        named++;
        String printed = image.substring("image: json:".length());
        assertThat(Json.write(reversed(Json.parse(printed)))).isEqualTo(printed);
      }
    }
    assertThat(named).isPositive();
  }

  /**
   * Members in the order they must have been put: of keys with the same hash the latest is first.
   */
  private static JsonValue reversed(JsonValue value) {
    if (value instanceof JsonObject(Map<String, JsonValue> members)) {
      Map<String, JsonValue> turned = new LinkedHashMap<>();
      List<String> keys = new ArrayList<>(members.keySet());
      keys.reversed().forEach(key -> turned.put(key, reversed(members.get(key))));
      return new JsonObject(turned);
    }
    return value;
  }

  @Test
  void objectsThatQemuImgPrintsHaveOurKeyOrder() throws IOException, UsageException {
    QemuIo.in(folder);
    QemuIo.qemuImg(folder, "create", "-q", "-f", "qcow2", "t.qcow2", "1M");
    QemuIo.qemuImg(folder, "snapshot", "-c", "s", "t.qcow2");
    for (String file : List.of("t.raw", "t.qcow2")) {
      JsonValue info = Json.parse(QemuIo.qemuImg(folder, "info", "--output=json", file));
      assertThat(objectsIn(info)).isNotEmpty();
      for (JsonObject object : objectsIn(info)) {
        List<String> keys = List.copyOf(object.members().keySet());
        // Reversed, because equal hashes were printed latest first.
        assertThat(QemuKeyOrder.of(keys.reversed(), StandardCharsets.UTF_8)).isEqualTo(keys);
      }
    }
  }

  private static List<JsonObject> objectsIn(JsonValue value) {
    List<JsonObject> found = new ArrayList<>();
    if (value instanceof JsonObject object) {
      found.add(object);
      object.members().values().forEach(member -> found.addAll(objectsIn(member)));
    } else if (value instanceof JsonArray array) {
      array.elements().forEach(element -> found.addAll(objectsIn(element)));
    }
    return found;
  }

  /** Observed with qemu-img 7.2 info --output=json. */
  @Test
  void prettyTextHasAMemberInEachLine() throws UsageException {
    JsonValue value = Json.parse("{'a': [1, {'b': 'c'}, [], {}]}");
    assertThat(Json.writePretty(value))
        .isEqualTo(
            """
            {
                "a": [
                    1,
                    {
                        "b": "c"
                    },
                    [
                    ],
                    {
                    }
                ]
            }\
            """);
    assertThat(Json.writePretty(Json.parse("7"))).isEqualTo("7");
  }
}
