/* The network's arithmetic: products of matrices, two GRU passes, activations.

   Everything is float32 and row-major. Every element of a product is a sum in the order
   of its inputs, whatever the number of rows, so that an object's result never depends
   on the objects beside it.

   The file is compiled once for each kind of processor; VARIANT is the suffix of the
   names. Vectors are those of GCC and Clang:
   https://gcc.gnu.org/onlinedocs/gcc/Vector-Extensions.html */

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define WIDTH 16
#define TILE 4 /* vectors of a tile; with 6 rows: 24 sums of 32 registers */
#elif defined(__AVX2__)
#define WIDTH 8
#define TILE 2 /* 12 sums of 16 registers */
#else
#define WIDTH 4
#define TILE 4
#endif
#define ROWS 6
#define PANEL (WIDTH * TILE)

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(name) JOIN(name, VARIANT)
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 8")

typedef int64_t size;
typedef float vector __attribute__((vector_size(4 * WIDTH)));
typedef int32_t integers __attribute__((vector_size(4 * WIDTH)));
typedef vector unaligned __attribute__((aligned(4), may_alias));

enum { LINEAR, TANH, RELU };

/* Vectors, of which only the first n values are in memory. */

INLINE vector all(float value) { return value - (vector){}; }

#if defined(__AVX512F__)
#define MASK(n) ((1u << (n)) - 1)
#define LOAD(from, n) (vector)_mm512_maskz_loadu_ps(MASK(n), from)
#define STORE(to, n, values) _mm512_mask_storeu_ps(to, MASK(n), (__m512)values)
#elif defined(__AVX2__)
#define MASK(n) (__m256i)((integers){0, 1, 2, 3, 4, 5, 6, 7} < (int32_t)(n))
#define LOAD(from, n) (vector)_mm256_maskload_ps(from, MASK(n))
#define STORE(to, n, values) _mm256_maskstore_ps(to, MASK(n), (__m256)values)
#else
#define LOAD(from, n) some(from, n)
#define STORE(to, n, values) keep(to, n, values)

INLINE vector some(const float *from, size n) {
    vector values = {};
    memcpy(&values, from, 4 * n);
    return values;
}

INLINE void keep(float *to, size n, vector values) { memcpy(to, &values, 4 * n); }
#endif

INLINE vector load(const float *from, size n) {
    if (n < WIDTH) return LOAD(from, n);
    return *(const unaligned *)from;
}

INLINE void store(float *to, vector values, size n) {
    if (n < WIDTH)
        STORE(to, n, values);
    else
        *(unaligned *)to = values;
}

INLINE vector choose(integers where, vector yes, vector no) {
    return (vector)((where & (integers)yes) | (~where & (integers)no));
}

INLINE vector inverse(vector values) {
#if defined(__AVX512F__)
    /* 14 bits and a step of Newton, a fourth of the time of a division. */
    vector guess = (vector)_mm512_rcp14_ps((__m512)values);
    return guess * (2.0f - values * guess);
#else
    return 1.0f / values;
#endif
}

/* exp(x), to 3 parts in 10^7 for |x| < 5, and 8 up to LIMIT; beyond, that of the limit. A product
   of two of them is still finite. The polynomial is the Taylor series of 2^f, whose
   first term left out is below 2e-8 for |f| <= 1/2. */
#define LIMIT 40.0f

INLINE vector exponential(vector x) {
    const float round = 12582912.0f; /* 1.5 * 2^23: its last bit is worth 1 */
    x = choose(x > LIMIT, all(LIMIT), x);
    x = choose(x < -LIMIT, all(-LIMIT), x);
    vector y = x * 1.44269504f;
    vector shifted = y + round;
    vector f = y - (shifted - round);
    vector p = all(1.5403530e-4f);
    p = p * f + 1.3333558e-3f;
    p = p * f + 9.6181291e-3f;
    p = p * f + 5.5504109e-2f;
    p = p * f + 2.4022651e-1f;
    p = p * f + 6.9314718e-1f;
    p = p * f + 1.0f;
    p = (vector)((integers)p + ((integers)shifted << 23));
    return p + (x - x); /* which keeps NaN */
}

/* Products of matrices. The right one is packed: panels of PANEL columns, the rows of a
   panel one after the other, filled up with zeros. */

size NAME(packed_size)(size k, size n) {
    return (n + PANEL - 1) / PANEL * PANEL * k;
}

/* Pack (k, n), or its transpose: element (i, j) stands at from[i * down + j * right]. */
void NAME(pack)(size k, size n, const float *from, size down, size right, float *to) {
    for (size start = 0; start < n; start += PANEL)
        for (size i = 0; i < k; i++)
            for (size j = start; j < start + PANEL; j++)
                *to++ = j < n ? from[i * down + j * right] : 0.0f;
}

INLINE void tile(int rows, int vectors, size k, const float *a, size lda,
                 const float *b, const float *bias, float *c, size ldc, size n) {
    vector sums[ROWS][TILE];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            sums[r][v] = load((bias ? bias : c + r * ldc) + v * WIDTH, n - v * WIDTH);
    for (size i = 0; i < k; i++, b += PANEL) {
        vector right[TILE];
        UNROLL for (int v = 0; v < vectors; v++)
            right[v] = *(const unaligned *)(b + v * WIDTH);
        UNROLL for (int r = 0; r < rows; r++) {
            vector left = all(a[r * lda + i]);
            UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += left * right[v];
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            store(c + r * ldc + v * WIDTH, sums[r][v], n - v * WIDTH);
}

INLINE void tiles(int vectors, size m, size k, const float *a, size lda,
                  const float *b, const float *bias, float *c, size ldc, size n) {
    size r = 0;
    for (; r + ROWS <= m; r += ROWS)
        tile(ROWS, vectors, k, a + r * lda, lda, b, bias, c + r * ldc, ldc, n);
    a += r * lda;
    c += r * ldc;
    switch (m - r) {
    case 5: tile(5, vectors, k, a, lda, b, bias, c, ldc, n); break;
    case 4: tile(4, vectors, k, a, lda, b, bias, c, ldc, n); break;
    case 3: tile(3, vectors, k, a, lda, b, bias, c, ldc, n); break;
    case 2: tile(2, vectors, k, a, lda, b, bias, c, ldc, n); break;
    case 1: tile(1, vectors, k, a, lda, b, bias, c, ldc, n); break;
    }
}

/* c (m, n) = a (m, k) times the packed b (k, n), plus bias (n); without a bias, it is
   added to c. */
void NAME(multiply)(size m, size k, size n, const float *a, size lda, const float *b,
                    const float *bias, float *c, size ldc) {
    for (size j = 0; j < n; j += PANEL, b += k * PANEL) {
        const float *of_panel = bias ? bias + j : 0;
        switch ((n - j + WIDTH - 1) / WIDTH) {
        case 1: tiles(1, m, k, a, lda, b, of_panel, c + j, ldc, n - j); break;
#if TILE == 4
        case 2: tiles(2, m, k, a, lda, b, of_panel, c + j, ldc, n - j); break;
        case 3: tiles(3, m, k, a, lda, b, of_panel, c + j, ldc, n - j); break;
#endif
        default: tiles(TILE, m, k, a, lda, b, of_panel, c + j, ldc, n - j);
        }
    }
}

INLINE void outer_tile(int rows, int vectors, size m, const float *a, size lda,
                       const float *b, size ldb, float *c, size ldc, size n) {
    vector sums[ROWS][TILE];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            sums[r][v] = load(c + r * ldc + v * WIDTH, n - v * WIDTH);
    for (size i = 0; i < m; i++, a += lda, b += ldb) {
        vector right[TILE];
        UNROLL for (int v = 0; v < vectors; v++)
            right[v] = load(b + v * WIDTH, n - v * WIDTH);
        UNROLL for (int r = 0; r < rows; r++) {
            vector left = all(a[r]);
            UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += left * right[v];
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int v = 0; v < vectors; v++)
            store(c + r * ldc + v * WIDTH, sums[r][v], n - v * WIDTH);
}

INLINE void outer_tiles(int vectors, size m, size k, const float *a, size lda,
                        const float *b, size ldb, float *c, size ldc, size n) {
    size r = 0;
    for (; r + ROWS <= k; r += ROWS)
        outer_tile(ROWS, vectors, m, a + r, lda, b, ldb, c + r * ldc, ldc, n);
    a += r;
    c += r * ldc;
    switch (k - r) {
    case 5: outer_tile(5, vectors, m, a, lda, b, ldb, c, ldc, n); break;
    case 4: outer_tile(4, vectors, m, a, lda, b, ldb, c, ldc, n); break;
    case 3: outer_tile(3, vectors, m, a, lda, b, ldb, c, ldc, n); break;
    case 2: outer_tile(2, vectors, m, a, lda, b, ldb, c, ldc, n); break;
    case 1: outer_tile(1, vectors, m, a, lda, b, ldb, c, ldc, n); break;
    }
}

/* Rows whose part of both matrices stays in the cache of a core. */
#define CHUNK 192

/* c (k, n) += the transpose of a (m, k) times b (m, n): the gradient of weights. */
void NAME(add_outer)(size m, size k, size n, const float *a, size lda, const float *b,
                     size ldb, float *c, size ldc) {
    for (size start = 0; start < m; start += CHUNK) {
        size count = m - start < CHUNK ? m - start : CHUNK;
        for (size j = 0; j < n; j += PANEL) {
            const float *left = a + start * lda, *right = b + start * ldb + j;
            float *to = c + j;
            switch ((n - j + WIDTH - 1) / WIDTH) {
            case 1: outer_tiles(1, count, k, left, lda, right, ldb, to, ldc, n - j); break;
#if TILE == 4
            case 2: outer_tiles(2, count, k, left, lda, right, ldb, to, ldc, n - j); break;
            case 3: outer_tiles(3, count, k, left, lda, right, ldb, to, ldc, n - j); break;
#endif
            default: outer_tiles(TILE, count, k, left, lda, right, ldb, to, ldc, n - j);
            }
        }
    }
}

/* c (n) += the sum of the rows of b (m, n): the gradient of a bias. */
void NAME(add_rows)(size m, size n, const float *b, size ldb, float *c) {
    for (size i = 0; i < m; i++, b += ldb)
        for (size j = 0; j < n; j += WIDTH)
            store(c + j, load(c + j, n - j) + load(b + j, n - j), n - j);
}

/* A GRU as that of Keras with reset_after=True, for objects in order of falling length.

   Rows are those of the first step of all objects, of the second step of those that have
   one, and so on; active[t] objects have step t. Gates are in the order z, r, h. */

INLINE void gates(size units, const float *x, const float *h, const float *before,
                  float *after, float *saved) {
    for (size j = 0; j < units; j += WIDTH) {
        size n = units - j;
        vector ez = exponential(-(load(x + j, n) + load(h + j, n)));
        vector er = exponential(-(load(x + units + j, n) + load(h + units + j, n)));
        vector q = load(h + 2 * units + j, n);
        vector r = inverse(1.0f + er);
        vector e = exponential(-2.0f * (load(x + 2 * units + j, n) + r * q));
        vector both = inverse((1.0f + ez) * (1.0f + e));
        vector z = both * (1.0f + e);
        vector candidate = both * (1.0f + ez) * (1.0f - e);
        vector old = before ? load(before + j, n) : all(0.0f);
        store(after + j, candidate + z * (old - candidate), n);
        if (saved) {
            store(saved + j, z, n);
            store(saved + units + j, r, n);
            store(saved + 2 * units + j, candidate, n);
            store(saved + 3 * units + j, q, n);
        }
    }
}

/* states (rows, units), from x (rows, features). The states before are first (active[0],
   units), or zero. saved (rows, 4 * units) is for the way back; work holds (active[0] +
   room) * 3 * units values, where room is at least active[0]: so many rows of x are
   multiplied at a time, since a product of a few rows waits for the kernel. */
void NAME(gru_forward)(size steps, const int32_t *active, size features, size units,
                       const float *x, const float *kernel, const float *recurrent,
                       const float *bias, const float *first, float *states,
                       float *saved, size room, float *work) {
    size wide = 3 * units, ready = 0;
    float *of_h = work, *of_x = work;
    const float *before = first;
    for (size t = 0; t < steps; t++) {
        size m = active[t];
        if (!ready) {
            for (size next = t; next < steps && ready + active[next] <= room; next++)
                ready += active[next];
            of_x = work + active[0] * wide;
            NAME(multiply)(ready, features, wide, x, features, kernel, bias, of_x, wide);
            x += ready * features;
        }
        if (before)
            NAME(multiply)(m, units, wide, before, units, recurrent, bias + wide, of_h, wide);
        else
            for (size i = 0; i < m; i++) memcpy(of_h + i * wide, bias + wide, 4 * wide);
        for (size i = 0; i < m; i++)
            gates(units, of_x + i * wide, of_h + i * wide,
                  before ? before + i * units : 0, states + i * units,
                  saved ? saved + 4 * i * units : 0);
        ready -= m;
        of_x += m * wide;
        before = states;
        states += m * units;
        if (saved) saved += 4 * m * units;
    }
}

INLINE void gates_back(size units, const float *saved, const float *before, float *d,
                       float *back) {
    for (size j = 0; j < units; j += WIDTH) {
        size n = units - j;
        vector z = load(saved + j, n), r = load(saved + units + j, n);
        vector candidate = load(saved + 2 * units + j, n);
        vector q = load(saved + 3 * units + j, n);
        vector old = before ? load(before + j, n) : all(0.0f);
        vector of_state = load(d + j, n);
        vector of_sum = of_state * (1.0f - z) * (1.0f - candidate * candidate);
        store(back + j, of_sum * r, n);
        store(back + units + j, of_state * (old - candidate) * z * (1.0f - z), n);
        store(back + 2 * units + j, of_sum * q * r * (1.0f - r), n);
        store(back + 3 * units + j, of_sum, n);
        store(d + j, of_state * z, n);
    }
}

/* The gradients of what the gates add up, back (rows, 4 * units): of h without the part of
   x, z, r, and h with the part of x; from those of all states, of_states (rows, units). d
   (active[0], units) is zero, and is overwritten. The packed turned (3 * units, units) is
   the transposed recurrent kernel, its rows in the order h, z, r. All states began at
   zero. */
void NAME(gru_backward)(size steps, const int32_t *active, size units, const float *turned,
                        const float *states, const float *saved, const float *of_states,
                        float *d, float *back) {
    size rows = 0;
    for (size t = 0; t < steps; t++) rows += active[t];
    for (size t = steps - 1; t >= 0; t--) {
        size m = active[t];
        rows -= m;
        const float *before = t ? states + (rows - active[t - 1]) * units : 0;
        for (size i = 0; i < m * units; i++) d[i] += of_states[rows * units + i];
        float *here = back + 4 * rows * units;
        for (size i = 0; i < m; i++)
            gates_back(units, saved + 4 * (rows + i) * units,
                       before ? before + i * units : 0, d + i * units,
                       here + 4 * i * units);
        if (t)
            NAME(multiply)(m, 3 * units, units, here, 4 * units, turned, 0, d, units);
    }
}

/* values (n) through an activation, in place. */
void NAME(activate)(int kind, size n, float *values) {
    for (size j = 0; j < n; j += WIDTH) {
        vector x = load(values + j, n - j);
        if (kind == TANH) {
            vector e = exponential(-2.0f * x);
            x = (1.0f - e) * inverse(1.0f + e);
        } else if (kind == RELU) {
            x = choose(x < 0.0f, all(0.0f), x);
        }
        store(values + j, x, n - j);
    }
}

/* Rows of values (m, n) through softmax, in place. */
void NAME(softmax)(size m, size n, float *values) {
    for (size i = 0; i < m; i++, values += n) {
        float most = values[0], sum = 0.0f;
        for (size j = 1; j < n; j++)
            if (!(values[j] <= most)) most = values[j];
        for (size j = 0; j < n; j += WIDTH)
            store(values + j, exponential(load(values + j, n - j) - most), n - j);
        for (size j = 0; j < n; j++) sum += values[j];
        for (size j = 0; j < n; j++) values[j] /= sum;
    }
}
