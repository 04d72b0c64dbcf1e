package io.faultdisk.rules;

import io.faultdisk.base.UsageException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the dotted options of one kind of rule: {@code inject-error.event} for a single rule, or
 * {@code inject-error.0.event}, {@code inject-error.1.event} and so on. For one thread, used once.
 *
 * <p>Of several unknown options QEMU names the first in its key order. If two of them share a chain
 * there, it also depends on all the dictionaries they went through before they came here, which we
 * do not know: then we may name the other.
 *
 * <p>Source: QEMU 7.2 {@code util/qemu-config.c}, {@code config_parse_qdict_section()}.
 */
final class DottedRules {
  private final RuleSchema schema;
  private final RuleSources sources;

  DottedRules(RuleSchema schema, RuleSources sources) {
    this.schema = schema;
    this.sources = sources;
  }

  void read(Map<String, String> options) throws UsageException {
    Map<String, String> left = new LinkedHashMap<>();
    String prefix = schema.section() + ".";
    for (Map.Entry<String, String> option : options.entrySet()) {
      if (option.getKey().startsWith(prefix)) {
        left.put(ByteText.encode(option.getKey().substring(prefix.length())), option.getValue());
      }
    }
    if (left.isEmpty()) {
      return;
    }
    int all = left.size();
    RuleOptions flat =
        sources.begin(schema, new Section(Source.options(schema.section())), Optional.empty());
    take(flat, left);
    if (left.isEmpty()) {
      sources.end(flat);
      return;
    }
    if (left.size() < all) {
      throw sources.complaints().unknownOption(schema, first(left.keySet()));
    }
    numbered(left);
  }

  /** Reads the keys that the schema knows, and takes them out. */
  private void take(RuleOptions into, Map<String, String> from) throws UsageException {
    for (String key : List.copyOf(sources.keyOrder(from.keySet()))) {
      String value = from.get(key);
      if (value != null && into.has(key)) {
        Section.Entry entry = Section.Entry.option(value);
        into.section.entries.put(key, entry);
        into.read(key, entry, sources.complaints());
        from.remove(key);
      }
    }
  }

  private void numbered(Map<String, String> left) throws UsageException {
    // By what stands before the first dot; "7" itself and keys below "7." are counted apart.
    Map<String, Map<String, String>> below = new HashMap<>();
    for (String key : sources.keyOrder(left.keySet())) {
      int dot = key.indexOf('.');
      if (dot >= 0) {
        below
            .computeIfAbsent(key.substring(0, dot), number -> new LinkedHashMap<>())
            .put(key.substring(dot + 1), left.getOrDefault(key, ""));
      }
    }
    List<Optional<Map<String, String>>> rules = new ArrayList<>();
    while (true) {
      String number = Integer.toString(rules.size());
      Map<String, String> keys = below.get(number);
      if (left.containsKey(number) == (keys != null)) {
        // Neither, or both, which is as bad.
        break;
      }
      rules.add(Optional.ofNullable(keys));
      left.remove(number);
      if (keys != null) {
        for (String key : keys.keySet()) {
          left.remove(number + "." + key);
        }
      }
    }
    if (!left.isEmpty()) {
      throw sources.complaints().unusedOption(schema, first(left.keySet()));
    }
    for (int i = 0; i < rules.size(); i++) {
      if (rules.get(i).isEmpty()) {
        throw sources.complaints().notKeys(schema, i);
      }
      rule(schema.section() + "." + i, rules.get(i).get());
    }
  }

  private void rule(String name, Map<String, String> keys) throws UsageException {
    RuleOptions rule = sources.begin(schema, new Section(Source.options(name)), Optional.of(name));
    take(rule, keys);
    if (!keys.isEmpty()) {
      throw sources.complaints().unsupportedOption(rule, first(keys.keySet()));
    }
    sources.end(rule);
  }

  private String first(Collection<String> keys) {
    return sources.keyOrder(keys).iterator().next();
  }
}
