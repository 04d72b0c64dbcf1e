package io.faultdisk.junit;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The author of a test has made a mistake. Points at the test, not at us. */
final class Mistake extends ExtensionConfigurationException {
  private static final long serialVersionUID = 1L;

  /**
   * What is wrong, and what to do.
   *
   * @param context of the test
   */
  Mistake(String message, ExtensionContext context) {
    super(message);
    String type = context.getTestClass().map(Class::getName).orElse("");
    String method = context.getTestMethod().map(Method::getName).orElse("");
    setStackTrace(new StackTraceElement[] {new StackTraceElement(type, method, null, -1)});
  }
}
