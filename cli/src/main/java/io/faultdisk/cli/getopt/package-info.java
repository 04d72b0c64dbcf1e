/** Command line options the way the C library's {@code getopt_long} reads them. */
@NullMarked
package io.faultdisk.cli.getopt;

import org.jspecify.annotations.NullMarked;
