/** Random rule files and command lists, given to ours and to the installed qemu-io. */
@NullMarked
package io.faultdisk.cli.random;

import org.jspecify.annotations.NullMarked;
