/** The {@code nbd} command: its command line, and servers that it starts. */
@NullMarked
package io.faultdisk.cli.nbd;

import org.jspecify.annotations.NullMarked;
