@NullMarked
package io.faultdisk.rules;

import org.jspecify.annotations.NullMarked;
