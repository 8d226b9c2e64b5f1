/* Calls every function of kernel.c with arrays of exactly the size that it may touch, so
   that a sanitizer sees the first byte too many. Compiled by test_kernel_memory.py. */

#include "kernel.c"

#include <stdio.h>
#include <stdlib.h>

static float *numbers(size n) {
    float *values = malloc(4 * n);
    for (size i = 0; i < n; i++) values[i] = (float)((i * 7919) % 201 - 100) / 100;
    return values;
}

static void products(size m, size k, size n) {
    float *a = numbers(m * k), *b = numbers(k * n), *bias = numbers(n);
    float *c = numbers(m * n), *d = numbers(m * n), *into = numbers(k * n);
    float *packed = numbers(NAME(packed_size)(k, n));
    NAME(pack)(k, n, b, n, 1, packed);
    NAME(pack)(k, n, b, 1, k, packed);
    NAME(multiply)(m, k, n, a, k, packed, bias, c, n);
    NAME(multiply)(m, k, n, a, k, packed, 0, c, n);
    NAME(add_outer)(m, k, n, a, k, d, n, into, n);
    NAME(add_rows)(m, n, d, n, bias);
    NAME(activate)(TANH, m * n, c);
    NAME(activate)(RELU, m * n, c);
    if (n) NAME(softmax)(m, n, c);
    free(a), free(b), free(bias), free(c), free(d), free(into), free(packed);
}

static void gru(size objects, size features, size units, int given) {
    int32_t active[3] = {(int32_t)objects, (int32_t)(objects + 1) / 2, 1};
    size rows = active[0] + active[1] + active[2], wide = 3 * units;
    float *x = numbers(rows * features), *bias = numbers(2 * wide);
    float *kernel = numbers(NAME(packed_size)(features, wide));
    float *recurrent = numbers(NAME(packed_size)(units, wide));
    float *turned = numbers(NAME(packed_size)(wide, units));
    float *first = numbers(objects * units), *states = numbers(rows * units);
    float *saved = numbers(4 * rows * units), *work = numbers((2 * objects + given) * wide);
    float *of_states = numbers(rows * units), *d = numbers(objects * units);
    float *back = numbers(4 * rows * units);
    NAME(gru_forward)(3, active, features, units, x, kernel, recurrent, bias,
                      given ? first : 0, states, given ? 0 : saved, objects + given, work);
    NAME(gru_backward)(3, active, units, turned, states, saved, of_states, d,
                       back);
    free(x), free(bias), free(kernel), free(recurrent), free(turned), free(first);
    free(states), free(saved), free(work), free(of_states), free(d), free(back);
}

int main(void) {
    static const size sizes[] = {1, 2, 5, 6, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130};
    const int count = sizeof sizes / sizeof *sizes;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            products(sizes[i], 3, sizes[j]);
            products(sizes[i], sizes[j], 5);
            gru(sizes[i], 5, sizes[j], (i + j) % 2);
        }
    products(0, 3, 5);
    products(400, 7, 33);
    puts("done");
    return 0;
}
