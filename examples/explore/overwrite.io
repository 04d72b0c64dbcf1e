# Data over data, in place: only the middle one changes metadata.
write -P 1 0 128k
flush
write -P 2 4k 8k
write -P 3 1M 64k
flush
write -P 4 0 512
write -P 5 100k 30k
flush
