package io.faultdisk.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Rules of a test, from the call of its method to its end; {@code @BeforeEach} and
 * {@code @AfterEach} methods find a healthy disk.
 *
 * <pre>{@code
 * @Test
 * @FaultRules("""
 *     [inject-error]
 *     event = "fsync"
 *     path = "*.wal"
 *     occurrence = "3"
 *     errno = "EIO"
 *     """)
 * void aFailingFsyncIsReported(@FaultDir Path directory) { ... }
 * }</pre>
 *
 * <p>On a class it is for all its tests, those of nested classes too. Each rule must have done
 * something when the test has passed, unless {@link MayStayUnfired} says otherwise.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(FaultRules.Several.class)
@ExtendWith(FaultsExtension.class)
public @interface FaultRules {
  /** The rules as they stand in a file. */
  String value() default "";

  /**
   * A file with rules on the class path instead, looked up as {@link Class#getResource} does from
   * the class that is annotated.
   */
  String resource() default "";

  /** For the compiler. */
  @Documented
  @Inherited
  @Target({ElementType.TYPE, ElementType.METHOD})
  @Retention(RetentionPolicy.RUNTIME)
  @ExtendWith(FaultsExtension.class)
  @interface Several {
    /** What was repeated. */
    FaultRules[] value();
  }
}
