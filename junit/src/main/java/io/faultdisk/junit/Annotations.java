package io.faultdisk.junit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Finds annotations of a test: on its method, its class, and the classes that this is nested in.
 */
final class Annotations {
  private Annotations() {}

  /** The nearest one. */
  static <A extends Annotation> Optional<A> nearest(ExtensionContext context, Class<A> type) {
    Optional<A> onMethod =
        context.getTestMethod().flatMap(m -> AnnotationSupport.findAnnotation(m, type));
    if (onMethod.isPresent()) {
      return onMethod;
    }
    List<Class<?>> classes = classes(context);
    for (int i = classes.size() - 1; i >= 0; i--) {
      Optional<A> onClass = AnnotationSupport.findAnnotation(classes.get(i), type);
      if (onClass.isPresent()) {
        return onClass;
      }
    }
    return Optional.empty();
  }

  /** The one on the method. */
  static <A extends Annotation> Optional<A> onMethod(ExtensionContext context, Class<A> type) {
    return context.getTestMethod().flatMap(m -> AnnotationSupport.findAnnotation(m, type));
  }

  /** The test's class and those that it is nested in, the outermost first. */
  static List<Class<?>> classes(ExtensionContext context) {
    List<Class<?>> classes = new ArrayList<>();
    Class<?> type = context.getRequiredTestClass();
    while (type != null) {
      classes.add(0, type);
      type = Modifier.isStatic(type.getModifiers()) ? null : type.getEnclosingClass();
    }
    return classes;
  }

  /** How a class is called by people: {@code LogTest.Recovery}. */
  static String simpleName(Class<?> type) {
    String name = type.getName();
    return name.substring(name.lastIndexOf('.') + 1).replace('$', '.');
  }
}
