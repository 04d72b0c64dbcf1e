# Every write is durable by itself (FUA), without a flush.
write -f -P 1 0 64k
write -f -P 2 1M 4k
write -f -P 3 1M 512
write -z -f 0 64k
