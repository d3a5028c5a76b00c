/* One pass over memory for what is measured at every training step; `passes.py` says what each function does,
   and does the same in NumPy where this was not compiled.

   A step's statistics are cheap arithmetic on numbers that have to be fetched, so they are taken together
   while a number is in a register. Sums are in double precision, which no square of a float leaves; in which
   order they are taken is the compiler's business (`-fassociative-math`), or it could not vectorise them. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define SMALLEST_TRUSTED 1e-290 /* sums of squares below this have lost digits to underflow */

/* On Linux the functions that matter exist once for each level of the processor, chosen when they are loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/* One tensor of all members: where their rows begin and how far apart they are, in bytes, and where it starts
   in a flat row. */
typedef struct {
    const char *grads;
    char *previous;
    Py_ssize_t grads_stride, previous_stride, start, size;
} Part;

#define REAL double
#define BITS uint64_t
#define SIGN 0x8000000000000000u
#define NAME(x) of_double_##x
#include "passes_of.h"
#undef REAL
#undef BITS
#undef SIGN
#undef NAME

#define REAL float
#define BITS uint32_t
#define SIGN 0x80000000u
#define NAME(x) of_float_##x
#include "passes_of.h"

#define NUM_MEASUREMENTS 4

/* The larger of two norms, of which NaN is the largest. */
static double larger(double one, double other) { return isnan(one) || other <= one ? one : other; }

/* A buffer of `count` numbers of one of the `formats`, or NULL with an exception. */
static int get_buffer(PyObject *object, Py_buffer *view, int writable, const char *formats, const char *name,
                      Py_ssize_t count) {
    const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, flags) < 0)
        return -1;
    if (strlen(view->format) != 1 || strchr(formats, view->format[0]) == NULL) {
        PyErr_Format(PyExc_TypeError, "%s: format '%s', expected one of '%s'", name, view->format, formats);
    } else if (count >= 0 && view->len / view->itemsize != count) {
        PyErr_Format(PyExc_ValueError, "%s: %zd numbers, expected %zd", name, view->len / view->itemsize, count);
    } else {
        return 0;
    }
    PyBuffer_Release(view);
    return -1;
}

/* A buffer of K rows of P numbers of one of the `formats`. */
static int get_rows_of(PyObject *object, Py_buffer *view, int writable, const char *formats, const char *name) {
    if (get_buffer(object, view, writable, formats, name, -1) < 0)
        return -1;
    if (view->ndim == 2)
        return 0;
    PyErr_Format(PyExc_ValueError, "%s: %d dimensions, expected 2", name, view->ndim);
    PyBuffer_Release(view);
    return -1;
}

static int get_rows(PyObject *object, Py_buffer *view, int writable, const char *name) {
    return get_rows_of(object, view, writable, "fd", name);
}

/* 'f' or 'd', as the buffer of `object` is, or 0 with an exception. */
static char first_format(PyObject *object) {
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_STRIDES | PyBUF_FORMAT) < 0)
        return 0;
    const char format = view.format[1] == 0 ? view.format[0] : 0;
    if (format != 'f' && format != 'd')
        PyErr_Format(PyExc_TypeError, "grads: format '%s', expected 'f' or 'd'", view.format);
    PyBuffer_Release(&view);
    return format == 'f' || format == 'd' ? format : 0;
}

/* A buffer of as many numbers of the same type as `like`. */
static int get_same(PyObject *object, Py_buffer *view, int writable, const char *name, const Py_buffer *like) {
    return get_buffer(object, view, writable, like->format, name, like->len / like->itemsize);
}

/* How far apart the `K` rows of `num_values` numbers each are, in bytes, or -1 with an exception. */
static Py_ssize_t row_stride(const Py_buffer *view, const char *name, Py_ssize_t K) {
    Py_ssize_t size = view->itemsize;
    int fine = view->ndim >= 1 && view->shape[0] == K;
    for (int i = view->ndim - 1; fine && i > 0; i--) {
        fine = view->strides[i] == size || view->shape[i] <= 1;
        size *= view->shape[i];
    }
    if (fine && (K == 1 || view->strides[0] >= size))
        return K == 1 ? size : view->strides[0];
    PyErr_Format(PyExc_ValueError, "%s: expected %zd contiguous rows", name, K);
    return -1;
}

static int get_part(PyObject *object, Py_buffer *view, int writable, const char *name, char format, Py_ssize_t K,
                    Py_ssize_t *stride) {
    if (PyObject_GetBuffer(object, view, PyBUF_STRIDES | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0)) < 0)
        return -1;
    if (view->format[0] != format || view->format[1] != 0)
        PyErr_Format(PyExc_TypeError, "%s: format '%s', expected '%c'", name, view->format, format);
    else if ((*stride = row_stride(view, name, K)) >= 0)
        return 0;
    PyBuffer_Release(view);
    return -1;
}

/* Buffers of all tensors, and what is where; released with `release_parts`. */
typedef struct {
    Py_buffer *views;
    Part *parts;
    Py_ssize_t num_views, num_parts;
} Parts;

static void release_parts(Parts *parts) {
    while (parts->num_views > 0)
        PyBuffer_Release(&parts->views[--parts->num_views]);
    PyMem_Free(parts->views);
    PyMem_Free(parts->parts);
}

static int get_parts(PyObject *grads, PyObject *previous, Py_ssize_t K, char format, int copies_over, Parts *parts) {
    const Py_ssize_t S = PyList_GET_SIZE(grads);
    Py_ssize_t start = 0;
    *parts = (Parts){PyMem_Calloc(2 * S + 1, sizeof(Py_buffer)), PyMem_Calloc(S + 1, sizeof(Part)), 0, S};
    if (parts->views == NULL || parts->parts == NULL) {
        PyErr_NoMemory();
        goto failed;
    }
    for (Py_ssize_t s = 0; s < S; s++) {
        Part *part = parts->parts + s;
        Py_buffer *view = parts->views + parts->num_views;
        if (get_part(PyList_GET_ITEM(grads, s), view, 0, "grads", format, K, &part->grads_stride) < 0)
            goto failed;
        parts->num_views++;
        if (get_part(PyList_GET_ITEM(previous, s), view + 1, copies_over, "previous", format, K,
                     &part->previous_stride) < 0)
            goto failed;
        parts->num_views++;
        if (view[1].len != view->len) {
            PyErr_Format(PyExc_ValueError, "previous: %zd bytes, expected %zd", view[1].len, view->len);
            goto failed;
        }
        part->grads = view->buf;
        part->previous = view[1].buf;
        part->size = K ? view->len / view->itemsize / K : 0;
        part->start = start;
        start += part->size;
    }
    return 0;
failed:
    release_parts(parts);
    return -1;
}

static PyObject *measure(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    Py_buffer copy = {0}, tensor_norms, rows;
    PyObject *result = NULL;
    Parts parts;
    if (num_args != 5 || !PyList_Check(args[0]) || !PyList_Check(args[1]) ||
        PyList_GET_SIZE(args[0]) != PyList_GET_SIZE(args[1])) {
        PyErr_SetString(PyExc_TypeError, "measure(grads, previous, copy, tensor_norms, rows), "
                                         "the first two lists as long as each other");
        return NULL;
    }
    const int copies_over = args[2] == Py_None;
    const Py_ssize_t S = PyList_GET_SIZE(args[0]);
    if (get_rows_of(args[4], &rows, 1, "d", "rows") < 0)
        return NULL;
    const Py_ssize_t K = rows.shape[0];
    if (rows.shape[1] != NUM_MEASUREMENTS) {
        PyErr_Format(PyExc_ValueError, "rows: %zd columns, expected %d", rows.shape[1], NUM_MEASUREMENTS);
        goto no_norms;
    }
    if (get_buffer(args[3], &tensor_norms, 1, "d", "tensor_norms", K * S) < 0)
        goto no_norms;
    const char format = S > 0 ? first_format(PyList_GET_ITEM(args[0], 0)) : 'd';
    if (format == 0 || get_parts(args[0], args[1], K, format, copies_over, &parts) < 0)
        goto no_parts;
    const Py_ssize_t P = S > 0 ? parts.parts[S - 1].start + parts.parts[S - 1].size : 0;
    const char formats[] = {format, 0};
    if (!copies_over && get_buffer(args[2], &copy, 1, formats, "copy", K * P) < 0)
        goto no_copy;
    double largest = 0;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < K; k++) {
        double *norms = (double *)tensor_norms.buf + k * S, *row = (double *)rows.buf + k * NUM_MEASUREMENTS;
        if (format == 'f')
            of_float_measure_row(parts.parts, S, k, copies_over ? NULL : (float *)copy.buf + k * P, norms, row);
        else
            of_double_measure_row(parts.parts, S, k, copies_over ? NULL : (double *)copy.buf + k * P, norms, row);
        largest = larger(largest, row[0]);
    }
    Py_END_ALLOW_THREADS
    result = PyFloat_FromDouble(largest);
    if (!copies_over)
        PyBuffer_Release(&copy);
no_copy:
    release_parts(&parts);
no_parts:
    PyBuffer_Release(&tensor_norms);
no_norms:
    PyBuffer_Release(&rows);
    return result;
}

static PyObject *norms(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    Py_buffer values, found;
    if (num_args != 2) {
        PyErr_SetString(PyExc_TypeError, "norms(rows, out)");
        return NULL;
    }
    if (get_rows(args[0], &values, 0, "rows") < 0)
        return NULL;
    const Py_ssize_t K = values.shape[0], P = values.shape[1];
    if (get_buffer(args[1], &found, 1, "d", "out", K) < 0) {
        PyBuffer_Release(&values);
        return NULL;
    }
    double *out = found.buf;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < K; k++) {
        if (values.itemsize == sizeof(float)) {
            const float *row = (float *)values.buf + k * P;
            out[k] = of_float_norm(row, P, of_float_sum_squares(row, P));
        } else {
            const double *row = (double *)values.buf + k * P;
            out[k] = of_double_norm(row, P, of_double_sum_squares(row, P));
        }
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&found);
    PyBuffer_Release(&values);
    Py_RETURN_NONE;
}

/* A buffer that may be left out, which leaves `view->buf` NULL. */
static int get_optional(PyObject *object, Py_buffer *view, const char *formats, const char *name, Py_ssize_t count) {
    *view = (Py_buffer){0};
    return object == Py_None ? 0 : get_buffer(object, view, 0, formats, name, count);
}

static PyObject *update(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    Py_buffer params, values, factors, value_norms, weight_norms, change_norms, made;
    PyObject *result = NULL;
    if (num_args != 8) {
        PyErr_SetString(PyExc_TypeError, "update(params, values, factors, value_norms, largest, weight_norms, "
                                         "change_norms, made)");
        return NULL;
    }
    const double largest = PyFloat_AsDouble(args[4]);
    if ((largest == -1.0 && PyErr_Occurred()) || get_rows(args[0], &params, 1, "params") < 0)
        return NULL;
    const Py_ssize_t K = params.shape[0], P = params.shape[1];
    if (get_same(args[1], &values, 0, "values", &params) < 0)
        goto no_values;
    if (get_optional(args[2], &factors, params.format, "factors", K) < 0)
        goto no_factors;
    if (get_optional(args[3], &value_norms, "d", "value_norms", K) < 0)
        goto no_norms;
    if (get_buffer(args[5], &weight_norms, 1, "d", "weight_norms", K) < 0)
        goto no_weights;
    if (get_buffer(args[6], &change_norms, 1, "d", "change_norms", K) < 0)
        goto no_changes;
    if (get_buffer(args[7], &made, 1, "?", "made", K) < 0)
        goto no_made;
    const double *known = value_norms.buf;
    double *weights = weight_norms.buf, *changes = change_norms.buf;
    char *is_made = made.buf;
    int is_all = 1;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < K; k++) {
        const double *norm = known == NULL ? NULL : known + k;
        if (params.itemsize == sizeof(float)) {
            const float factor = factors.buf == NULL ? 1.0f : ((float *)factors.buf)[k];
            is_made[k] = of_float_update_row((float *)params.buf + k * P, (float *)values.buf + k * P, factor, norm,
                                             P, largest, weights + k, changes + k);
        } else {
            const double factor = factors.buf == NULL ? 1.0 : ((double *)factors.buf)[k];
            is_made[k] = of_double_update_row((double *)params.buf + k * P, (double *)values.buf + k * P, factor,
                                              norm, P, largest, weights + k, changes + k);
        }
        is_all = is_all && is_made[k];
    }
    Py_END_ALLOW_THREADS
    result = PyBool_FromLong(is_all);
    PyBuffer_Release(&made);
no_made:
    PyBuffer_Release(&change_norms);
no_changes:
    PyBuffer_Release(&weight_norms);
no_weights:
    PyBuffer_Release(&value_norms);
no_norms:
    PyBuffer_Release(&factors);
no_factors:
    PyBuffer_Release(&values);
no_values:
    PyBuffer_Release(&params);
    return result;
}

static PyMethodDef methods[] = {
    {"measure", (PyCFunction)(void (*)(void))measure, METH_FASTCALL, "Measure gradients and keep a copy of them."},
    {"norms", (PyCFunction)(void (*)(void))norms, METH_FASTCALL, "L2 norms of rows."},
    {"update", (PyCFunction)(void (*)(void))update, METH_FASTCALL, "Measure updates and make those that are safe."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_passes", "Passes over memory, compiled.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__passes(void) { return PyModuleDef_Init(&module); }
