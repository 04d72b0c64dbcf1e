/** Our own commands, run in this process. */
@NullMarked
package io.faultdisk.cli.own;

import org.jspecify.annotations.NullMarked;
