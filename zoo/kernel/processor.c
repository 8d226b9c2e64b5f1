/* Which variant of kernel.c the processor at hand can run; empty: none. */

const char *kernel_variant(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return "";
    /* All that hatch_build.py lets the compiler use; some processors have a part. */
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return "avx512";
    return "avx2";
#else
    return "plain";
#endif
}
