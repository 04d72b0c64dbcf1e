@NullMarked
package io.faultdisk.cli;

import org.jspecify.annotations.NullMarked;
