/* One member of a plain recurrent layer, included once for each level of the processor. NAME(x) names what is made.

   Matrices have rows of `width` numbers, a multiple of LANES: as many as there are units, and then zeros or
   what is not read. */

/* c += a·b: R rows and V vectors of c, over `depth` rows of b; a's numbers lie `a_row` and `a_depth` apart. */
static inline __attribute__((always_inline)) void NAME(tile)(const float *a, int64_t a_row, int64_t a_depth,
                                                             const float *b, float *c, int64_t width,
                                                             int64_t depth, const int R, const int V) {
    Lanes sums[4][3];
    for (int r = 0; r < R; r++)
        for (int v = 0; v < V; v++)
            sums[r][v] = *(const Lanes *)(c + r * width + LANES * v);
    for (int64_t i = 0; i < depth; i++)
        for (int r = 0; r < R; r++)
            for (int v = 0; v < V; v++)
                sums[r][v] += a[r * a_row + i * a_depth] * *(const Lanes *)(b + i * width + LANES * v);
    for (int r = 0; r < R; r++)
        for (int v = 0; v < V; v++)
            *(Lanes *)(c + r * width + LANES * v) = sums[r][v];
}

/* c (rows, width) += a·b, where b is (depth, width). */
static void NAME(multiply_add)(const float *a, int64_t a_row, int64_t a_depth, const float *b, float *c, int64_t rows,
                               int64_t width, int64_t depth) {
    const int64_t whole = rows / 4 * 4;
    for (int64_t r = 0; r < rows; r += r < whole ? 4 : 1) {
        const float *from = a + r * a_row;
        float *to = c + r * width;
        int64_t i = 0;
        for (; i + 3 * LANES <= width; i += 3 * LANES) {
            if (r < whole)
                NAME(tile)(from, a_row, a_depth, b + i, to + i, width, depth, 4, 3);
            else
                NAME(tile)(from, a_row, a_depth, b + i, to + i, width, depth, 1, 3);
        }
        for (; i < width; i += LANES) {
            if (r < whole)
                NAME(tile)(from, a_row, a_depth, b + i, to + i, width, depth, 4, 1);
            else
                NAME(tile)(from, a_row, a_depth, b + i, to + i, width, depth, 1, 1);
        }
    }
}

/* tanh to the nearest float or its neighbour, exactly 1 from where that is the nearest: a slope that is not zero
   there lets what has saturated go on. A quotient of polynomials in double precision, fitted for its relative
   error (1.4e-9) up to 9.02. NaN stays. */
static inline float NAME(tanh)(float value) {
    const double x = value, u = x * x;
    const double over = 9.999999987e-01 + u * (1.367994634e-01 + u * (3.868366231e-03 + u * (2.800819011e-05 +
                        u * (3.058658838e-08 - u * 1.220444619e-11))));
    const double under = 1.0 + u * (4.701327841e-01 + u * (2.724598148e-02 + u * (3.938697389e-04 +
                         u * 1.287415159e-06)));
    const float found = (float)(x * over / under);
    return value >= SATURATED ? 1.0f : value <= -SATURATED ? -1.0f : found;
}

static void NAME(activate)(float *values, int64_t count, int activation) {
    if (activation == TANH)
        for (int64_t i = 0; i < count; i++)
            values[i] = NAME(tanh)(values[i]);
    else if (activation == RELU)
        for (int64_t i = 0; i < count; i++)
            values[i] = values[i] < 0.0f ? 0.0f : values[i];
}

/* Multiply `grads` by the slope where the nonlinearity gave `states`. */
static void NAME(slope)(float *grads, const float *states, int64_t count, int activation) {
    if (activation == TANH)
        for (int64_t i = 0; i < count; i++)
            grads[i] *= 1.0f - states[i] * states[i];
    else if (activation == RELU)
        for (int64_t i = 0; i < count; i++)
            grads[i] = states[i] <= 0.0f ? 0.0f : grads[i];
}

/* Rows of `width`, zeros after the first `count`, from rows of `count`, or all zeros from NULL; and back. */
static void NAME(widen)(const float *from, float *to, int64_t rows, int64_t count, int64_t width) {
    if (from == NULL)
        memset(to, 0, rows * width * sizeof(float));
    for (int64_t row = 0; from != NULL && row < rows; row++) {
        memcpy(to + row * width, from + row * count, count * sizeof(float));
        memset(to + row * width + count, 0, (width - count) * sizeof(float));
    }
}

static void NAME(narrow)(const float *from, float *to, int64_t rows, int64_t count, int64_t width) {
    for (int64_t row = 0; row < rows; row++)
        memcpy(to + row * count, from + row * width, count * sizeof(float));
}

/* (count, width) from (rows, count), where width is room for `rows`; and back. */
static void NAME(turn)(const float *from, float *to, int64_t rows, int64_t count, int64_t width) {
    memset(to, 0, count * width * sizeof(float));
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < count; i++)
            to[i * width + row] = from[row * count + i];
}

static void NAME(turn_back)(const float *from, float *to, int64_t rows, int64_t count, int64_t width) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t i = 0; i < count; i++)
            to[row * count + i] = from[i * width + row];
}

static void NAME(forward)(const Member *of, const Sizes *sizes) {
    const int64_t n = sizes->units, d = sizes->inputs, B = sizes->examples, width = sizes->width;
    float *weights = of->scratch, *input_weights = weights + n * width, *bias = input_weights + d * width;
    float *now = bias + width, *before = now + B * width;
    NAME(turn)(of->recurrent, weights, n, n, width);
    NAME(turn)(of->weight, input_weights, n, d, width);
    NAME(widen)(of->bias, bias, 1, n, width);
    for (int64_t t = 0; t < sizes->steps; t++) {
        for (int64_t row = 0; row < B; row++)
            memcpy(now + row * width, bias, width * sizeof(float));
        NAME(multiply_add)(of->inputs + t * B * d, d, 1, input_weights, now, B, width, d);
        if (t > 0)
            NAME(multiply_add)(before, width, 1, weights, now, B, width, n);
        NAME(activate)(now, B * width, sizes->activation);
        NAME(narrow)(now, of->states + t * B * n, B, n, width);
        float *last = before;
        before = now;
        now = last;
    }
}

static void NAME(backward)(const Member *of, const Sizes *sizes) {
    const int64_t n = sizes->units, d = sizes->inputs, B = sizes->examples, size = B * n;
    const int64_t width = sizes->width, input_width = sizes->input_width, last = sizes->steps - 1;
    float *weights = of->scratch, *sums = weights + n * width, *input_sums = sums + n * width;
    float *bias_sums = input_sums + d * width, *of_state = bias_sums + width, *of_before = of_state + B * width;
    float *state = of_before + B * width, *input_weights = state + B * width;
    float *of_input = input_weights + n * input_width;
    NAME(widen)(of->recurrent, weights, n, n, width);
    NAME(widen)(of->weight, input_weights, n, d, input_width);
    memset(sums, 0, (n + d + 1) * width * sizeof(float));
    NAME(widen)(of->grads_of_last, of_state, B, n, width);
    NAME(widen)(last < 0 ? NULL : of->states + last * size, state, B, n, width);
    if (of->grads != NULL && last >= 0)
        for (int64_t row = 0; row < B; row++)
            for (int64_t i = 0; i < n; i++)
                of_state[row * width + i] += of->grads[last * size + row * n + i];
    for (int64_t t = last; t >= 0; t--) {
        NAME(slope)(of_state, state, B * width, sizes->activation);
        for (int64_t row = 0; row < B; row++)
            for (int64_t i = 0; i < width; i++)
                bias_sums[i] += of_state[row * width + i];
        NAME(multiply_add)(of->inputs + t * B * d, 1, d, of_state, input_sums, d, width, B);
        if (of->of_inputs != NULL) {
            NAME(widen)(NULL, of_input, B, d, input_width);
            NAME(multiply_add)(of_state, width, 1, input_weights, of_input, B, input_width, n);
            NAME(narrow)(of_input, of->of_inputs + t * B * d, B, d, input_width);
        }
        if (t == 0)
            break;
        NAME(widen)(of->states + (t - 1) * size, state, B, n, width);
        NAME(multiply_add)(of_state, 1, width, state, sums, n, width, B);
        NAME(widen)(of->grads == NULL ? NULL : of->grads + (t - 1) * size, of_before, B, n, width);
        NAME(multiply_add)(of_state, width, 1, weights, of_before, B, width, n);
        float *next = of_before;
        of_before = of_state;
        of_state = next;
    }
    NAME(narrow)(sums, of->of_recurrent, n, n, width);
    NAME(narrow)(bias_sums, of->of_bias, 1, n, width);
    NAME(turn_back)(input_sums, of->of_weight, n, d, width);
}
