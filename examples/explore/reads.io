# Reads between writes: tables leave the cache and come back.
write -P 1 0 64k
read -P 1 0 64k
flush
write -P 2 600M 64k
read -P 0 1M 64k
read -P 2 600M 64k
flush
