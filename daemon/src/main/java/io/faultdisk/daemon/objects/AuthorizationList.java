package io.faultdisk.daemon.objects;

import io.faultdisk.base.UsageException;
import io.faultdisk.block.options.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Whom a server admits ({@code authz-simple}, {@code authz-list}): the first rule that fits a name
 * decides, or else the policy. Immutable.
 *
 * @param allows what happens to names that no rule fits
 */
record AuthorizationList(List<Rule> rules, boolean allows) implements Predicate<String> {

  /** What happens to names that fit. */
  record Rule(Predicate<String> fits, boolean allows) {}

  AuthorizationList {
    rules = List.copyOf(rules);
  }

  @Override
  public boolean test(String name) {
    for (Rule rule : rules) {
      if (rule.fits().test(name)) {
        return rule.allows();
      }
    }
    return allows;
  }

  /** {@code identity=NAME}. */
  static AuthorizationList simple(Options options) throws UsageException {
    String identity =
        options
            .take("identity")
            .orElseThrow(() -> new UsageException("Parameter 'identity' is missing"));
    return new AuthorizationList(List.of(new Rule(identity::equals, true)), false);
  }

  /**
   * {@code policy=allow|deny,rules.0.match=...,rules.0.policy=...,rules.0.format=exact|glob,...}.
   */
  static AuthorizationList of(Options options) throws UsageException {
    boolean policy = allows(options.take("policy").orElse("deny"), "policy");
    Options all = options.takeChild("rules");
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; !all.isEmpty(); i++) {
      Options rule = all.takeChild(Integer.toString(i));
      String name = "rules." + i + ".";
      Optional<String> match = rule.take("match");
      Optional<String> what = rule.take("policy");
      Optional<String> format = rule.take("format");
      String match1 = match.orElseThrow(() -> missing(name + "match"));
      boolean allow = allows(what.orElseThrow(() -> missing(name + "policy")), name + "policy");
      if (!rule.isEmpty()) {
        throw new UsageException("Parameter '" + name + rule.keys().get(0) + "' is unexpected");
      }
      rules.add(new Rule(fits(match1, format.orElse("exact"), name + "format"), allow));
    }
    return new AuthorizationList(rules, policy);
  }

  private static UsageException missing(String name) {
    return new UsageException("Parameter '" + name + "' is missing");
  }

  private static boolean allows(String policy, String name) throws UsageException {
    return switch (policy) {
      case "allow" -> true;
      case "deny" -> false;
      default -> throw unknown(name, policy);
    };
  }

  private static UsageException unknown(String name, String value) {
    return new UsageException("Parameter '" + name + "' does not accept value '" + value + "'");
  }

  private static Predicate<String> fits(String match, String format, String name)
      throws UsageException {
    return switch (format) {
      case "exact" -> match::equals;
      case "glob" -> glob(match).asMatchPredicate();
      default -> throw unknown(name, format);
    };
  }

  /** A star is any text, a question mark any character. */
  private static Pattern glob(String match) {
    StringBuilder pattern = new StringBuilder();
    for (int i = 0; i < match.length(); i++) {
      char c = match.charAt(i);
      pattern.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(pattern.toString(), Pattern.DOTALL);
  }
}
