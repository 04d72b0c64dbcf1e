/** Drivers without a module of their own, compared with the real tools. */
@NullMarked
package io.faultdisk.cli.driver;

import org.jspecify.annotations.NullMarked;
