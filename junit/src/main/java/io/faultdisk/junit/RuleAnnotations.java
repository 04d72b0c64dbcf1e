package io.faultdisk.junit;

import io.faultdisk.base.UsageException;
import io.faultdisk.rules.Dialect;
import io.faultdisk.rules.Rule;
import io.faultdisk.rules.RuleFile;
import io.faultdisk.rules.RuleSources;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** The rules that a test's {@link FaultRules} say: those of the outermost class first. */
final class RuleAnnotations {
  private final ExtensionContext context;
  private final List<Rule> rules = new ArrayList<>();

  private RuleAnnotations(ExtensionContext context) {
    this.context = context;
  }

  /**
   * Reads them.
   *
   * @throws Mistake if one is wrong
   */
  static List<Rule> read(ExtensionContext context) {
    RuleAnnotations annotations = new RuleAnnotations(context);
    for (Class<?> type : Annotations.classes(context)) {
      annotations.read(type, type, Annotations.simpleName(type));
    }
    Method method = context.getRequiredTestMethod();
    Class<?> type = method.getDeclaringClass();
    annotations.read(method, type, Annotations.simpleName(type) + "." + method.getName());
    return annotations.rules;
  }

  private void read(AnnotatedElement element, Class<?> type, String name) {
    List<FaultRules> all = AnnotationSupport.findRepeatableAnnotations(element, FaultRules.class);
    for (int i = 0; i < all.size(); i++) {
      read(all.get(i), type, all.size() == 1 ? name : name + "[" + (i + 1) + "]");
    }
  }

  private void read(FaultRules annotation, Class<?> type, String name) {
    if (annotation.value().isEmpty() == annotation.resource().isEmpty()) {
      throw new Mistake(
          name + ": @FaultRules has either rules or resource = \"...\", and not both", context);
    }
    RuleFile file =
        annotation.resource().isEmpty()
            ? RuleFile.of(name, annotation.value())
            : resource(annotation.resource(), type);
    try {
      rules.addAll(RuleSources.read(file, Dialect.FILES));
    } catch (UsageException e) {
      StringBuilder text = new StringBuilder(e.getMessage());
      e.hints().forEach(hint -> text.append("\n").append(hint));
      throw new Mistake(text.toString(), context);
    }
  }

  private RuleFile resource(String name, Class<?> type) {
    try (InputStream in = type.getResourceAsStream(name)) {
      if (in == null) {
        throw new Mistake(
            "there is no resource '"
                + name
                + "' for "
                + Annotations.simpleName(type)
                + "\nIt is looked for in the package "
                + type.getPackageName()
                + "; a name that begins with a slash, from the root of the class path.",
            context);
      }
      return new RuleFile(name, in.readAllBytes());
    } catch (IOException e) {
      throw new Mistake("resource '" + name + "' cannot be read: " + e.getMessage(), context);
    }
  }
}
