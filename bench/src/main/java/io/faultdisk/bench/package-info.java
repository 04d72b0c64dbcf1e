@NullMarked
package io.faultdisk.bench;

import org.jspecify.annotations.NullMarked;
