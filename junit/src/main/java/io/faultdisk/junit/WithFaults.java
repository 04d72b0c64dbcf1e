package io.faultdisk.junit;

import io.faultdisk.nio.Durability;
import io.faultdisk.nio.MappedMemory;
import io.faultdisk.nio.explore.DirectoryFactory;
import io.faultdisk.nio.explore.TempDirectories;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives tests faults, and a file system that has them; see {@link FaultsExtension}. On a class or
 * on a method, which counts more; on any annotation of your own.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(FaultsExtension.class)
public @interface WithFaults {
  /** What is durable without being asked for, if the power is to be cut; one at most. */
  Durability[] powerLoss() default {};

  /** What to do with files mapped into memory. */
  MappedMemory mappedMemory() default MappedMemory.PASS;

  /** How many bytes files may have grown by: "Disk quota exceeded". */
  long quota() default Long.MAX_VALUE;

  /** How many bytes may be written in all: "No space left on device". */
  long outOfSpaceAfter() default Long.MAX_VALUE;

  /** Where the files really are: a class with a constructor without parameters. */
  Class<? extends DirectoryFactory> directories() default TempDirectories.class;
}
