/**
 * Commands that only faultdisk has: {@code rules}, {@code completion} and the overview. They use a
 * command line library, which is loaded only for them.
 */
@NullMarked
package io.faultdisk.cli.own;

import org.jspecify.annotations.NullMarked;
