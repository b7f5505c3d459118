wd_fuzz_target(dedup wd::dedup)
