package io.faultdisk.block.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultdisk.base.UsageException;
import io.faultdisk.base.json.Json;
import io.faultdisk.base.json.JsonArray;
import io.faultdisk.base.json.JsonBool;
import io.faultdisk.base.json.JsonNull;
import io.faultdisk.base.json.JsonNumber;
import io.faultdisk.base.json.JsonObject;
import io.faultdisk.base.json.JsonString;
import io.faultdisk.base.json.JsonValue;
import io.faultdisk.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static Options json(String text) throws UsageException {
    return Options.flatten((JsonObject) Json.parse(text));
  }

  private static Options keyval(String text) throws UsageException {
    return Options.parse(text, warning -> {});
  }

  // ---- flattening ----

  @Test
  void nestedValuesGetDottedKeys() throws UsageException {
    assertThat(json("{'a':{'b':[1,{'c':'x'}],'d':true},'e.f':null}").toJson().members())
        .isEqualTo(
            Map.of(
                "a.b.0", new JsonNumber("1"),
                "a.b.1.c", new JsonString("x"),
                "a.d", new JsonBool(true),
                "e.f", new JsonNull()));
  }

  @Test
  void emptyContainersStay() throws UsageException {
    assertThat(json("{'a':{},'b':[],'c':{'d':{}},'e':[[]]}").keys())
        .containsExactlyInAnyOrder("a", "b", "c.d", "e.0");
  }

  @Test
  void aNestedValueWinsOverADottedKeyBesideIt() throws UsageException {
    for (String text : List.of("{'a':{'b':1},'a.b':2}", "{'a.b':2,'a':{'b':1}}")) {
      assertThat(json(text).get("a.b")).contains(new JsonNumber("1"));
    }
  }

  @Test
  void anyObjectFlattensToLeavesOnly() {
    RandomCases.run(
        "flatten",
        5000,
        random -> {
          if (Json.parse(RandomJson.value(random, 5)) instanceof JsonObject object) {
            Options flat = Options.flatten(object);
            for (String key : flat.keys()) {
              JsonValue value = flat.get(key).orElseThrow();
              boolean container = value instanceof JsonObject || value instanceof JsonArray;
              assertThat(container && !value.isEmptyContainer()).isFalse();
            }
          }
        });
  }

  @Test
  void deepObjectsFlatten() throws UsageException {
    Options flat = json("{'a':".repeat(1024) + "1" + "}".repeat(1024));
    assertThat(flat.keys()).containsExactly("a" + ".a".repeat(1023));
  }

  // ---- the bag ----

  @Test
  void childrenGetTheirOptionsWithoutTheirName() throws UsageException {
    Options options = keyval("driver=raw,file.driver=file,file.a.b=1,file=x,filename=y");
    Options file = options.takeChild("file");
    assertThat(file.keys()).containsExactlyInAnyOrder("driver", "a.b");
    assertThat(options.take("file")).contains("x");
    assertThat(options.take("file")).isEmpty();
    assertThat(options.keys()).containsExactlyInAnyOrder("driver", "filename");
  }

  @Test
  void onlyStringsAreStrings() throws UsageException {
    Options options = json("{'a':'x','b':1,'c':true,'d':null}");
    assertThat(options.string("a")).contains("x");
    assertThat(options.string("b")).isEmpty();
    assertThat(options.take("c")).isEmpty();
    assertThat(options.has("c")).isFalse();
    assertThat(options.string("none")).isEmpty();
  }

  @Test
  void prefixedOptionsBecomeText() throws UsageException {
    Options options =
        json("{'r':[{'a':1,'b':true,'c':false,'d':'x','e':null,'f':{},'g':1e3}],'s':1}");
    assertThat(new TreeMap<>(options.takePrefixed("r.")))
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "r.0.a", "1", "r.0.b", "on", "r.0.c", "off", "r.0.d", "x", "r.0.g", "1000")));
    assertThat(options.keys()).containsExactly("s");
  }

  @Test
  void explicitOptionsWinOverThoseOfTheFileName() throws UsageException {
    Options given = keyval("driver=raw,size=1k");
    Optional<String> rest =
        FileNames.openJson(Optional.of("json:{'driver':'qcow2','file.filename':'x'}"), given);
    assertThat(rest).isEmpty();
    assertThat(given.string("driver")).contains("raw");
    assertThat(given.string("file.filename")).contains("x");
    assertThat(FileNames.openJson(Optional.of("json"), given)).contains("json");
  }

  @Test
  void copiesAreIndependentAndWarnTheSameWay() throws UsageException {
    List<Warning> warnings = new ArrayList<>();
    Options options = new Options(warnings::add);
    options.put("file.size", "0x1k");
    Options copy = options.copy();
    options.remove("file.size");
    long size = copy.takeChild("file").absorb(OptionSpec.size("size")).size("size", 0);
    assertThat(size).isEqualTo(1024);
    assertThat(warnings)
        .extracting(Warning::message)
        .containsExactly("Using a multiplier suffix on hex numbers is deprecated: 0x1k");
  }

  @Test
  void hexadecimalWithSuffixIsWarnedAboutBeforeItIsRefused() {
    List<Warning> warnings = new ArrayList<>();
    for (String text : List.of("0x1kx", "0xfffffffffffffffk")) {
      assertThatThrownBy(() -> OptionText.size("offset", text, warnings::add))
          .isInstanceOf(UsageException.class);
    }
    assertThat(warnings)
        .extracting(Warning::message)
        .containsExactly(
            "Using a multiplier suffix on hex numbers is deprecated: 0x1kx",
            "Using a multiplier suffix on hex numbers is deprecated: 0xfffffffffffffffk");
  }

  // ---- typed values ----

  @Test
  void typedValuesAreChecked() throws UsageException {
    Options options = json("{'b':true,'n':-1,'s':'1.5k','t':7,'u':null,'v':{},'w':'yes'}");
    OptionValues values =
        options.absorb(
            OptionSpec.bool("b"),
            OptionSpec.number("n"),
            OptionSpec.size("s"),
            OptionSpec.string("t"),
            OptionSpec.number("u"),
            OptionSpec.bool("v"),
            OptionSpec.size("x"));
    assertThat(values.bool("b", false)).isTrue();
    assertThat(values.number("n", 0)).isEqualTo(-1);
    assertThat(values.size("s", 0)).isEqualTo(1536);
    assertThat(values.string("t")).contains("7");
    assertThat(values.number("u", 42)).isEqualTo(42);
    assertThat(values.bool("v", true)).isTrue();
    assertThat(values.size("x", 9)).isEqualTo(9);
    assertThat(values.has("x")).isFalse();
    assertThat(options.keys()).containsExactly("w");
    assertThatIllegalArgumentException().isThrownBy(() -> values.string("w"));
    assertThatIllegalArgumentException().isThrownBy(() -> values.size("n", 0));
  }

  @Test
  void numbersAreReadAsInC() throws UsageException {
    Map<String, Long> good =
        Map.of(
            "0",
            0L,
            "010",
            8L,
            "0x1F",
            31L,
            " \t-1",
            -1L,
            "+7",
            7L,
            "00",
            0L,
            "18446744073709551615",
            -1L,
            "-18446744073709551615",
            1L,
            "0xffffffffffffffff",
            -1L,
            "01777777777777777777777",
            -1L);
    for (Map.Entry<String, Long> each : good.entrySet()) {
      assertThat(OptionText.number("n", each.getKey()))
          .as(each.getKey())
          .isEqualTo(each.getValue());
    }
    for (String bad : List.of("", " ", "-", "x", "0x", "08", "1k", "1 ", "1.0", "--1", "٣")) {
      assertThatThrownBy(() -> OptionText.number("n", bad))
          .as(bad)
          .hasMessage("Parameter 'n' expects a number");
    }
    for (String large :
        List.of("18446744073709551616", "0x1ffffffffffffffff", "9".repeat(100_000))) {
      assertThatThrownBy(() -> OptionText.number("n", large))
          .hasMessage("Value '" + large + "' is too large for parameter 'n'");
    }
  }

  // ---- lists of strings ----

  @Test
  void listsOfStringsAreTakenInOrder() throws UsageException {
    Options options = keyval("p.1=b,p.0=a,q=x");
    assertThat(options.takeStrings("p")).containsExactly("a", "b");
    assertThat(options.takeStrings("p")).isEmpty();
    assertThat(options.keys()).containsExactly("q");
  }

  /**
   * From {@code qemu-io 7.2 --image-opts driver=blkdebug,image.filename=t.raw,take-child-perms...}.
   */
  @Test
  void brokenListsAreRefusedInQemusWords() {
    Map<String, String> messages =
        Map.ofEntries(
            Map.entry("p.foo=a", "Invalid parameter type for '<anonymous>', expected: array"),
            Map.entry(
                "p.1=a", "List indices are not contiguous, saw 1 elements but 1 largest index"),
            Map.entry("p.0.a=a", "Invalid parameter type for '[0]', expected: string"),
            Map.entry("p.0=a,p.foo=x", "Cannot mix list and non-list keys"),
            Map.entry("p.0=a,p.0.x=1", "Cannot mix scalar and non-scalar keys"),
            Map.entry("p.00=a", "Missing list index 0"),
            Map.entry("p.+0=a", "Missing list index 0"),
            Map.entry("p. 0=a", "Missing list index 0"),
            Map.entry("p..0=a", "Invalid parameter type for '<anonymous>', expected: array"),
            Map.entry(
                "p.-1=a", "List indices are not contiguous, saw 1 elements but -1 largest index"),
            Map.entry(
                "p.0=a,p.-1=x",
                "List indices are not contiguous, saw 2 elements but 0 largest index"),
            Map.entry(
                "p.0=a,p.2=x",
                "List indices are not contiguous, saw 2 elements but 2 largest index"),
            Map.entry(
                "p.0=a,p.00=x",
                "List indices are not contiguous, saw 2 elements but 0 largest index"),
            Map.entry("p.=a", "Invalid parameter type for '<anonymous>', expected: array"),
            Map.entry("p.0.=a", "Invalid parameter type for '[0]', expected: string"),
            Map.entry("p.0..1=a", "Invalid parameter type for '<anonymous>', expected: array"),
            Map.entry(
                "p.99999999999999999999=a",
                "Invalid parameter type for '<anonymous>', expected: array"));
    messages.forEach(
        (text, message) ->
            assertThatThrownBy(() -> keyval(text).takeStrings("p")).as(text).hasMessage(message));
    for (String element : List.of("null", "1", "true", "[]", "{}", "['a']")) {
      assertThatThrownBy(() -> json("{'p':[" + element + "]}").takeStrings("p"))
          .hasMessage("Invalid parameter type for '[0]', expected: string");
    }
  }

  /** Only UsageException may come out of an option string, however long or odd. */
  @Test
  void anyOptionStringIsReadOrRefused() {
    List<String> pieces =
        List.of(
            ",", "=", ".", "a", "0", "1", "no", "id", "help", "-1", "..", " ", "é", "p.", "x=1,");
    RandomCases.run(
        "hostile option strings",
        20_000,
        random -> {
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(20); i > 0; i--) {
            text.append(pieces.get(random.nextInt(pieces.size())));
          }
          try {
            Options options = keyval(text.toString());
            options.copy().takeStrings("p");
            options.absorb(OptionSpec.size("a"), OptionSpec.number("x"));
            options.requireEmpty("raw", DriverKind.FORMAT);
          } catch (UsageException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        });
    assertThatThrownBy(() -> keyval("p" + ".0".repeat(50_000) + "=x").takeStrings("p"))
        .isInstanceOf(UsageException.class);
  }

  // ---- file names ----

  @Test
  void protocolsEndAtTheFirstColonBeforeASlash() {
    assertThat(FileNames.hasProtocol("a:b")).isTrue();
    assertThat(FileNames.hasProtocol(":")).isTrue();
    assertThat(FileNames.hasProtocol("./a:b")).isFalse();
    assertThat(FileNames.hasProtocol("/a:b")).isFalse();
    assertThat(FileNames.hasProtocol("ab")).isFalse();
    assertThat(FileNames.protocol("nbd://h:1")).isEqualTo("nbd");
    assertThat(FileNames.protocol(":x")).isEmpty();
    assertThat(FileNames.protocol("x".repeat(200) + ":y")).hasSize(127);
    assertThatIllegalArgumentException().isThrownBy(() -> FileNames.protocol("x"));
    assertThat(FileNames.stripPrefix("file:a", "file:")).isEqualTo("a");
    assertThat(FileNames.stripPrefix("file:a:b", "file:")).isEqualTo("./a:b");
    assertThat(FileNames.stripPrefix("file:/a:b", "file:")).isEqualTo("/a:b");
    assertThat(FileNames.stripPrefix("a:b", "file:")).isEqualTo("a:b");
  }
}
