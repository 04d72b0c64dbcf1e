/** {@code top}: what the disks of a running server do, in a terminal. */
@NullMarked
package io.faultdisk.cli.top;

import org.jspecify.annotations.NullMarked;
