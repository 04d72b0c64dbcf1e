package io.faultdisk.qmp.schema;

import io.faultdisk.qmp.schema.SchemaType.Alternate;
import io.faultdisk.qmp.schema.SchemaType.Choice;
import io.faultdisk.qmp.schema.SchemaType.Member;
import io.faultdisk.qmp.schema.SchemaType.Struct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the language that {@link Schema} describes. For one thread, used once. */
final class SchemaReader {
  private final Schema schema;
  private String heading = "";
  private final List<Member> members = new ArrayList<>();
  private final Map<String, String> cases = new LinkedHashMap<>();

  SchemaReader(Schema schema) {
    this.schema = schema;
  }

  void read(String text) {
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String words = line.strip();
      try {
        if (words.isEmpty() || words.startsWith("#")) {
          continue;
        }
        if (line.startsWith(" ")) {
          detail(words);
        } else {
          finish();
          heading = words;
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
      }
    }
    finish();
  }

  private void detail(String line) {
    if (line.startsWith("+ ")) {
      Struct included = schema.struct(line.substring(2));
      members.addAll(included.members());
      cases.putAll(included.cases());
    } else if (line.startsWith("case ")) {
      int colon = line.indexOf(": ");
      cases.put(line.substring("case ".length(), colon), line.substring(colon + 2));
    } else {
      List<String> words = List.of(line.split(" +"));
      String name = words.get(0);
      if (words.size() < 2 || !name.endsWith(":")) {
        throw new IllegalArgumentException("no member: " + line);
      }
      name = name.substring(0, name.length() - 1);
      boolean optional = name.endsWith("?");
      members.add(
          new Member(
              optional ? name.substring(0, name.length() - 1) : name,
              words.get(1),
              optional,
              features(words)));
    }
  }

  private static List<String> features(List<String> words) {
    return words.stream()
        .filter(word -> word.startsWith("!"))
        .map(word -> word.substring(1))
        .toList();
  }

  /** Defines what the heading and the lines below it say. */
  private void finish() {
    if (heading.isEmpty()) {
      return;
    }
    List<String> words = new ArrayList<>(Arrays.asList(heading.split(" +")));
    String kind = words.remove(0);
    if (kind.equals("extend")) {
      words.remove(0);
      extend(words.remove(0), words);
      reset();
      return;
    }
    String name = words.remove(0);
    switch (kind) {
      case "enum" -> schema.define(new Choice(colonOff(name), values(words)));
      case "alternate" -> schema.define(new Alternate(colonOff(name), words));
      case "struct" -> schema.define(new Struct(name, members, Optional.empty(), Map.of()));
      case "union" ->
          schema.define(
              new Struct(name, members, Optional.of(words.get(1)), new LinkedHashMap<>(cases)));
      case "command" -> schema.command(command(name, words));
      case "event" -> schema.event(command(name, words));
      default -> throw new IllegalArgumentException("unknown word " + kind);
    }
    reset();
  }

  private void reset() {
    heading = "";
    members.clear();
    cases.clear();
  }

  private void extend(String name, List<String> words) {
    boolean choice = name.endsWith(":");
    switch (schema.type(choice ? colonOff(name) : name)) {
      case Choice old -> {
        List<Member> values = new ArrayList<>(old.values());
        values.addAll(values(words));
        schema.redefine(new Choice(old.name(), values));
      }
      case Struct old -> {
        Map<String, Member> all = new LinkedHashMap<>();
        old.members().forEach(member -> all.put(member.name(), member));
        members.forEach(member -> all.put(member.name(), member));
        Map<String, String> allCases = new LinkedHashMap<>(old.cases());
        allCases.putAll(cases);
        schema.redefine(new Struct(old.name(), List.copyOf(all.values()), old.tag(), allCases));
      }
      case SchemaType.Builtin _, Alternate _, SchemaType.Array _ ->
          throw new IllegalArgumentException(name + " cannot be extended");
    }
  }

  private static String colonOff(String name) {
    if (!name.endsWith(":")) {
      throw new IllegalArgumentException("a colon is missing after " + name);
    }
    return name.substring(0, name.length() - 1);
  }

  private static List<Member> values(List<String> words) {
    List<Member> values = new ArrayList<>();
    for (String word : words) {
      if (word.startsWith("!")) {
        Member last = values.removeLast();
        values.add(new Member(last.name(), "", false, List.of(word.substring(1))));
      } else {
        values.add(new Member(word, "", false, List.of()));
      }
    }
    return values;
  }

  private CommandSchema command(String name, List<String> words) {
    List<String> features = new ArrayList<>(features(words));
    boolean oob = features.remove("oob");
    int arrow = words.indexOf("->");
    String result = arrow < 0 ? Schema.EMPTY : words.get(arrow + 1);
    String first = words.isEmpty() ? "" : words.get(0);
    String arguments;
    if (!first.isEmpty() && !first.equals("->") && !first.startsWith("!")) {
      arguments = first;
    } else if (members.isEmpty()) {
      arguments = Schema.EMPTY;
    } else {
      arguments = name + "-arguments";
      schema.define(new Struct(arguments, members, Optional.empty(), Map.of()));
    }
    return new CommandSchema(name, arguments, result, oob, features);
  }
}
