package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a power cut leaves of the writes since the last flush. Immutable.
 *
 * <p>As text: {@code none}, {@code all}, {@code random}, or a list such as {@code 1-3,5,4[0-1]}:
 * writes numbered from 1 in the order in which they arrived, in the order in which they reach the
 * medium; of write 4 only sectors 0 and 1: those of the disk that it touches, 512 bytes each, from
 * the first. {@code toString} writes what {@link #parse} reads.
 *
 * <p>Release 17 has no pattern {@code switch}: switch on {@link #kind()}.
 */
public sealed interface Survivors {

  /** One per implementation. */
  enum Kind {
    /** {@link None}. */
    NONE,
    /** {@link All}. */
    ALL,
    /** {@link Random}. */
    RANDOM,
    /** {@link Listed}. */
    LISTED
  }

  /** Which of the implementations this is. */
  Kind kind();

  /** Nothing is left. */
  static Survivors none() {
    return None.INSTANCE;
  }

  /** Everything is left. */
  static Survivors all() {
    return All.INSTANCE;
  }

  /** Whoever cuts the power chooses, by a seed. */
  static Survivors random() {
    return Random.INSTANCE;
  }

  /** These writes are left. */
  static Survivors of(List<Part> parts) {
    return new Listed(parts);
  }

  /**
   * Reads text.
   *
   * @throws UsageException if it says nothing of the kind
   */
  static Survivors parse(String text) throws UsageException {
    return switch (text) {
      case "none" -> none();
      case "all" -> all();
      case "random" -> random();
      default -> {
        List<Part> parts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
          parts.add(Part.parse(part, text));
        }
        yield of(parts);
      }
    };
  }

  /** See {@link Survivors#none()}. */
  final class None implements Survivors {
    private static final None INSTANCE = new None();

    private None() {}

    @Override
    public Kind kind() {
      return Kind.NONE;
    }

    @Override
    public String toString() {
      return "none";
    }
  }

  /** See {@link Survivors#all()}. */
  final class All implements Survivors {
    private static final All INSTANCE = new All();

    private All() {}

    @Override
    public Kind kind() {
      return Kind.ALL;
    }

    @Override
    public String toString() {
      return "all";
    }
  }

  /** See {@link Survivors#random()}. */
  final class Random implements Survivors {
    private static final Random INSTANCE = new Random();

    private Random() {}

    @Override
    public Kind kind() {
      return Kind.RANDOM;
    }

    @Override
    public String toString() {
      return "random";
    }
  }

  /**
   * Certain writes.
   *
   * @param parts in the order in which they reach the medium, at least one
   */
  record Listed(List<Part> parts) implements Survivors {
    /** Checks and copies the list. */
    public Listed {
      if (parts.isEmpty()) {
        throw new IllegalArgumentException("a list of no writes; none() is left");
      }
      parts = List.copyOf(parts);
    }

    @Override
    public Kind kind() {
      return Kind.LISTED;
    }

    @Override
    public String toString() {
      return parts.stream().map(Part::toString).collect(Collectors.joining(","));
    }
  }

  /**
   * One or more writes, one after the other, or the same sectors of each.
   *
   * @param first the number of the first write, from 1
   * @param last the number of the last, not below the first
   * @param sectors which of its sectors; empty is all
   */
  record Part(int first, int last, Optional<Sectors> sectors) {
    private static final Pattern SYNTAX =
        Pattern.compile(
            "\\s*([0-9]{1,9})(?:-([0-9]{1,9}))?(?:\\[([0-9]{1,9})(?:-([0-9]{1,9}))?])?\\s*");

    /** Checks the numbers. */
    public Part {
      if (first < 1 || last < first) {
        throw new IllegalArgumentException("writes " + first + " to " + last);
      }
    }

    /** One write as a whole. */
    public static Part write(int number) {
      return new Part(number, number, Optional.empty());
    }

    /** Some sectors of one write. */
    public static Part torn(int number, int from, int to) {
      return new Part(number, number, Optional.of(new Sectors(from, to)));
    }

    private static Part parse(String part, String whole) throws UsageException {
      Matcher matcher = SYNTAX.matcher(part);
      if (!matcher.matches()) {
        throw unreadable(whole);
      }
      int first = Integer.parseInt(matcher.group(1));
      int last = number(matcher, 2, first);
      Optional<Sectors> sectors = Optional.empty();
      if (matcher.group(3) != null) {
        int from = Integer.parseInt(matcher.group(3));
        int to = number(matcher, 4, from);
        if (to < from) {
          throw unreadable(whole);
        }
        sectors = Optional.of(new Sectors(from, to));
      }
      if (first < 1 || last < first) {
        throw unreadable(whole);
      }
      return new Part(first, last, sectors);
    }

    private static int number(Matcher matcher, int group, int otherwise) {
      String digits = matcher.group(group);
      return digits == null ? otherwise : Integer.parseInt(digits);
    }

    private static UsageException unreadable(String text) {
      return new UsageException(
          "'" + text + "' does not say what survives",
          "none, all, random, or writes since the last flush, from 1, in the order in which they"
              + " reach the medium: \"1-3,5,4[0-1]\"; in brackets sectors of a write, from 0.");
    }

    @Override
    public String toString() {
      String writes = first == last ? String.valueOf(first) : first + "-" + last;
      return sectors.isEmpty() ? writes : writes + sectors.get();
    }
  }

  /**
   * Sectors of the disk that a write touches, of 512 bytes each, counted from the first of them. Of
   * a write that begins or ends inside a sector the outer ones are those bytes that it has there.
   *
   * @param from the first, from 0
   * @param to the last, not below the first
   */
  record Sectors(int from, int to) {
    /** Checks the numbers. */
    public Sectors {
      if (from < 0 || to < from) {
        throw new IllegalArgumentException("sectors " + from + " to " + to);
      }
    }

    /** Where they begin in a write at some byte of the disk: no byte before is among them. */
    public long start(long offset) {
      return from == 0
          ? offset
          : (offset / InjectError.SECTOR_BYTES + from) * InjectError.SECTOR_BYTES;
    }

    /** Where they end, if the write reaches as far. */
    public long end(long offset) {
      return (offset / InjectError.SECTOR_BYTES + to + 1) * InjectError.SECTOR_BYTES;
    }

    @Override
    public String toString() {
      return from == to ? "[" + from + "]" : "[" + from + "-" + to + "]";
    }
  }
}
