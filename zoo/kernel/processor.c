/* Which variant of kernel.c the processor at hand can run; empty: none. */

const char *kernel_variant(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) return "avx512";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "avx2";
    return "";
#else
    return "plain";
#endif
}
