/**
 * {@code demo h2}: a database for Java as it is, in a JVM of its own whose default file system is
 * ours ({@link io.faultdisk.cli.demo.h2.H2Program}); and a store with a mistake.
 */
@NullMarked
package io.faultdisk.cli.demo.h2;

import org.jspecify.annotations.NullMarked;
