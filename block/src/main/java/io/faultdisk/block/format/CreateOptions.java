package io.faultdisk.block.format;

import io.faultdisk.base.QemuKeyOrder;
import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.OptionString;
import io.faultdisk.block.options.OptionText;
import io.faultdisk.block.options.Warning;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The values of {@code create -o} (or {@code amend -o}, {@code measure -o}): what the user gave,
 * checked against a list of known options, and the defaults of the rest.
 *
 * <p>An option given twice counts as given the last time. For one thread.
 *
 * <p>Source: the behaviour of QEMU 7.2, util/qemu-option.c.
 */
public final class CreateOptions {
  /** Help texts of the options begin in this column, counted from 0. */
  private static final int HELP_COLUMN = 24;

  private final List<CreateOption> known;
  private final Map<String, Given> given = new LinkedHashMap<>();

  /**
   * A value that was given.
   *
   * @param text as the user wrote it
   * @param number its meaning, for options that are not text
   */
  private record Given(String text, long number) {}

  /** No values yet. */
  public CreateOptions(List<CreateOption> known) {
    this.known = List.copyOf(known);
  }

  /** The options of two drivers; where both have one of the same name the first counts. */
  public static CreateOptions merged(List<CreateOption> format, List<CreateOption> protocol) {
    List<CreateOption> all = new ArrayList<>(format);
    for (CreateOption option : protocol) {
      if (format.stream().noneMatch(other -> other.name().equals(option.name()))) {
        all.add(option);
      }
    }
    return new CreateOptions(all);
  }

  /** All options that can be given, in the order of declaration. */
  public List<CreateOption> known() {
    return known;
  }

  /**
   * Takes the values of an option string ({@code a=b,c=d}); the first bad one is reported.
   *
   * @param warnings takes what is to be said of a value that is taken all the same
   * @throws UsageException {@code Invalid parameter 'x'}, or that a value cannot be read
   */
  public void parse(String text, Consumer<Warning> warnings) throws UsageException {
    for (OptionString.Pair pair : OptionString.pairs(text)) {
      if (!pair.name().equals("id")) {
        set(pair.name(), pair.value(), warnings);
      }
    }
  }

  /** The same without a word on what is taken. */
  public void parse(String text) throws UsageException {
    parse(text, warning -> {});
  }

  /** Sets one value from its text. */
  public void set(String name, String text) throws UsageException {
    set(name, text, warning -> {});
  }

  private void set(String name, String text, Consumer<Warning> warnings) throws UsageException {
    CreateOption option =
        option(name).orElseThrow(() -> new UsageException("Invalid parameter '" + name + "'"));
    long number =
        switch (option.type()) {
          case STRING -> 0;
          case BOOL -> OptionText.bool(name, text) ? 1 : 0;
          case NUMBER -> OptionText.number(name, text);
          case SIZE -> OptionText.size(name, text, warnings);
        };
    given.put(name, new Given(text, number));
  }

  /**
   * Says again what {@link #parse} has said: QEMU's drivers read the values once more, the protocol
   * driver its own first, both in the order of {@link QemuKeyOrder}.
   *
   * @param protocol the options of the protocol driver
   */
  public void warnAgain(List<CreateOption> protocol, Consumer<Warning> warnings)
      throws UsageException {
    CreateOptions below = only(protocol);
    for (CreateOptions part : List.of(below, without(protocol))) {
      for (String name : QemuKeyOrder.of(part.given.keySet(), StandardCharsets.UTF_8)) {
        Given value = part.given.get(name);
        if (value != null && option(name).orElseThrow().type() == CreateOption.Type.SIZE) {
          OptionText.size(name, value.text(), warnings);
        }
      }
    }
  }

  /** Sets a number or size; the option must exist. */
  public void set(String name, long number) {
    if (option(name).isEmpty()) {
      throw new IllegalArgumentException("no option " + name);
    }
    given.put(name, new Given(Long.toString(number), number));
  }

  /** Sets a text; the option must exist. */
  public void setText(String name, String text) {
    if (option(name).isEmpty()) {
      throw new IllegalArgumentException("no option " + name);
    }
    given.put(name, new Given(text, 0));
  }

  /** Forgets a value that was given. */
  public void unset(String name) {
    given.remove(name);
  }

  /** Whether there is such an option at all. */
  public boolean knows(String name) {
    return option(name).isPresent();
  }

  /** Whether the user gave it. */
  public boolean isGiven(String name) {
    return given.containsKey(name);
  }

  /** The text of an option as given, or its default. */
  public Optional<String> text(String name) {
    Given value = given.get(name);
    return value != null
        ? Optional.of(value.text())
        : option(name).flatMap(CreateOption::byDefault);
  }

  /** A bool, or its default, or {@code otherwise}. */
  public boolean bool(String name, boolean otherwise) {
    Given value = given.get(name);
    if (value != null) {
      return value.number() != 0;
    }
    return option(name).flatMap(CreateOption::byDefault).map("on"::equals).orElse(otherwise);
  }

  /** A number or size (unsigned), or its default, or {@code otherwise}. */
  public long number(String name, long otherwise) {
    Given value = given.get(name);
    if (value != null) {
      return value.number();
    }
    return option(name).flatMap(CreateOption::byDefault).map(Long::valueOf).orElse(otherwise);
  }

  /** Those values that were given and that {@code others} have too, as options of these. */
  public CreateOptions only(List<CreateOption> others) {
    CreateOptions some = new CreateOptions(others);
    given.forEach(
        (name, value) -> {
          if (some.knows(name)) {
            some.given.put(name, value);
          }
        });
    return some;
  }

  /** Those values that were given and that {@code others} do not have. */
  public CreateOptions without(List<CreateOption> others) {
    CreateOptions some = new CreateOptions(known);
    given.forEach(
        (name, value) -> {
          if (others.stream().noneMatch(option -> option.name().equals(name))) {
            some.given.put(name, value);
          }
        });
    return some;
  }

  /**
   * All options that have a value, given or by default, as {@code k=v k=v}: numbers and sizes that
   * were given as plain decimals, commas in texts doubled.
   */
  public String describe() {
    List<String> shown = new ArrayList<>();
    for (CreateOption option : known) {
      Optional<String> value = text(option.name());
      if (value.isPresent()) {
        shown.add(option.name() + "=" + shown(option, value.get()));
      }
    }
    return String.join(" ", shown);
  }

  private String shown(CreateOption option, String text) {
    Given value = given.get(option.name());
    return switch (option.type()) {
      case STRING -> text.replace(",", ",,");
      case BOOL -> text;
      case NUMBER, SIZE -> value != null ? Long.toString(value.number()) : text;
    };
  }

  /** One line for each option, sorted, as {@code -o help} shows them. */
  public List<String> help() {
    List<String> lines = new ArrayList<>();
    for (CreateOption option : known) {
      String type =
          switch (option.type()) {
            case STRING -> "str";
            case BOOL -> "bool (on/off)";
            case NUMBER -> "num";
            case SIZE -> "size";
          };
      String head = "  " + option.name() + "=<" + type + ">";
      String gap = " ".repeat(Math.max(0, HELP_COLUMN - head.length()));
      lines.add(head + gap + " - " + option.help());
    }
    lines.sort(null);
    return lines;
  }

  private Optional<CreateOption> option(String name) {
    return known.stream().filter(option -> option.name().equals(name)).findFirst();
  }
}
