/* Passes over rows of REAL, whose bits fit BITS; included once for each type. NAME(x) names what is made. */

/* What one pass over (part of) a gradient finds. `peak` is the largest size of an entry as bits: the bits of
   positive numbers are in the order of the numbers, with infinity and then NaN above all of them. */
typedef struct {
    double squares, dot;
    BITS peak;
    int64_t num_nonzero;
} NAME(Found);

static inline BITS NAME(size_bits)(REAL value) {
    BITS bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & (BITS)~SIGN;
}

static inline double NAME(of_bits)(BITS bits) {
    REAL value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* Measure `grads` against `previous`, and leave a copy of them in `copy`. */
static inline void NAME(measure_any)(const REAL *grads, const REAL *previous, REAL *copy, int64_t n,
                                     NAME(Found) *found) {
    double squares = 0, dot = 0;
    BITS peak = 0, count = 0;
    for (int64_t i = 0; i < n; i++) {
        const REAL value = grads[i];
        const BITS size = NAME(size_bits)(value);
        squares += (double)value * (double)value;
        dot += (double)value * (double)previous[i];
        peak = size > peak ? size : peak;
        count += size != 0;
        copy[i] = value;
    }
    found->squares += squares;
    found->dot += dot;
    found->peak = peak > found->peak ? peak : found->peak;
    found->num_nonzero += (int64_t)count;
}

/* The same where the copy takes the place of `previous`, and where it goes elsewhere. */
CLONES static void NAME(measure_over)(const REAL *restrict grads, REAL *restrict previous, int64_t n,
                                      NAME(Found) *found) {
    NAME(measure_any)(grads, previous, previous, n, found);
}

CLONES static void NAME(measure_into)(const REAL *restrict grads, const REAL *restrict previous,
                                      REAL *restrict copy, int64_t n, NAME(Found) *found) {
    NAME(measure_any)(grads, previous, copy, n, found);
}

CLONES static double NAME(sum_squares)(const REAL *restrict values, int64_t n) {
    double squares = 0;
    for (int64_t i = 0; i < n; i++)
        squares += (double)values[i] * (double)values[i];
    return squares;
}

/* Add `change` times `factor` to `values`; the sum of squares of what comes out. */
CLONES static double NAME(add_part)(REAL *restrict values, const REAL *restrict change, REAL factor, int64_t n) {
    double squares = 0;
    for (int64_t i = 0; i < n; i++) {
        const REAL value = values[i] + factor * change[i];
        squares += (double)value * (double)value;
        values[i] = value;
    }
    return squares;
}

/* The L2 norm of `values`, from the sum of their squares where that neither overflowed nor vanished. */
static double NAME(norm)(const REAL *values, int64_t n, double squares) {
    if (squares >= SMALLEST_TRUSTED && squares <= DBL_MAX)
        return sqrt(squares);
    BITS bits = 0;
    for (int64_t i = 0; i < n; i++) {
        const BITS size = NAME(size_bits)(values[i]);
        bits = size > bits ? size : bits;
    }
    const double peak = NAME(of_bits)(bits);
    if (!(peak > 0 && peak <= DBL_MAX))
        return peak;
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += ((double)values[i] / peak) * ((double)values[i] / peak);
    return peak * sqrt(sum);
}

/* Row `k` of a gradient of `num_tensors` tensors: their norms, and the four measurements of the whole row. */
static void NAME(measure_row)(const Part *parts, int64_t num_tensors, int64_t k, REAL *copy, double *tensor_norms,
                              double *row) {
    NAME(Found) whole = {0, 0, 0, 0};
    for (int64_t tensor = 0; tensor < num_tensors; tensor++) {
        const Part *of = parts + tensor;
        const REAL *grads = (const REAL *)(of->grads + k * of->grads_stride);
        REAL *previous = (REAL *)(of->previous + k * of->previous_stride);
        NAME(Found) part = {0, 0, 0, 0};
        if (copy == NULL)
            NAME(measure_over)(grads, previous, of->size, &part);
        else
            NAME(measure_into)(grads, previous, copy + of->start, of->size, &part);
        tensor_norms[tensor] = NAME(norm)(grads, of->size, part.squares);
        whole.dot += part.dot;
        whole.peak = part.peak > whole.peak ? part.peak : whole.peak;
        whole.num_nonzero += part.num_nonzero;
    }
    row[0] = of_double_norm(tensor_norms, num_tensors, of_double_sum_squares(tensor_norms, num_tensors));
    row[1] = NAME(of_bits)(whole.peak);
    row[2] = (double)whole.num_nonzero;
    row[3] = whole.dot;
}

/* Add `change` times `factor` to a row of `params` when both norms are below `largest`, and renew the row's
   `weight_norm`; whether that was done. `change_norm` is written in any case, from `norm`, that of `change`,
   where that is known. */
static char NAME(update_row)(REAL *params, const REAL *change, REAL factor, const double *norm, int64_t n,
                             double largest, double *weight_norm, double *change_norm) {
    const double known = norm != NULL ? *norm : NAME(norm)(change, n, NAME(sum_squares)(change, n));
    *change_norm = known * fabs((double)factor);
    if (!(*weight_norm < largest && *change_norm < largest))
        return 0;
    *weight_norm = NAME(norm)(params, n, NAME(add_part)(params, change, factor, n));
    return 1;
}
