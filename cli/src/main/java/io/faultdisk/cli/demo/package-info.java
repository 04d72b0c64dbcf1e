/**
 * {@code demo}: what faultdisk finds in programs that everybody has. Each demo runs the real thing
 * and prints what it found, whatever that is.
 */
@NullMarked
package io.faultdisk.cli.demo;

import org.jspecify.annotations.NullMarked;
