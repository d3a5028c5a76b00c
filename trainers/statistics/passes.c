/* One pass over memory for what is measured at every training step; `passes.py` says what each function does,
   and does the same in NumPy where this was not compiled.

   A step's statistics are cheap arithmetic on numbers that have to be fetched, so they are taken together
   while a number is in a register. Sums are in double precision, in `LANES` independent parts, so that a
   compiler may vectorise them without being allowed to reorder anything. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define LANES 16
#define SMALLEST_TRUSTED 1e-290 /* sums of squares below this have lost digits to underflow */

/* On Linux the functions that matter exist once for each level of the processor, chosen when they are loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

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

/* A buffer of K rows of P numbers. */
static int get_rows(PyObject *object, Py_buffer *view, int writable, const char *name) {
    if (get_buffer(object, view, writable, "fd", name, -1) < 0)
        return -1;
    if (view->ndim == 2)
        return 0;
    PyErr_Format(PyExc_ValueError, "%s: %d dimensions, expected 2", name, view->ndim);
    PyBuffer_Release(view);
    return -1;
}

/* A buffer of as many numbers of the same type as `like`. */
static int get_same(PyObject *object, Py_buffer *view, int writable, const char *name, const Py_buffer *like) {
    return get_buffer(object, view, writable, like->format, name, like->len / like->itemsize);
}

static int check_bounds(const Py_buffer *bounds, Py_ssize_t num_columns) {
    const int64_t *values = bounds->buf;
    const Py_ssize_t count = bounds->len / bounds->itemsize;
    int fine = count >= 1 && bounds->itemsize == 8 && values[0] == 0 && values[count - 1] == num_columns;
    for (Py_ssize_t i = 1; fine && i < count; i++)
        fine = values[i - 1] <= values[i];
    if (!fine)
        PyErr_Format(PyExc_ValueError, "bounds: expected int64 from 0 up to %zd", num_columns);
    return fine ? 0 : -1;
}

static PyObject *measure(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    Py_buffer grads, previous, bounds, tensor_norms, rows;
    PyObject *result = NULL;
    if (num_args != 5) {
        PyErr_SetString(PyExc_TypeError, "measure(grads, previous, bounds, tensor_norms, rows)");
        return NULL;
    }
    if (get_rows(args[0], &grads, 0, "grads") < 0)
        return NULL;
    const Py_ssize_t K = grads.shape[0], P = grads.shape[1];
    if (get_same(args[1], &previous, 1, "previous", &grads) < 0)
        goto no_previous;
    if (get_buffer(args[2], &bounds, 0, "lq", "bounds", -1) < 0)
        goto no_bounds;
    const Py_ssize_t S = bounds.len / bounds.itemsize - 1;
    if (check_bounds(&bounds, P) < 0 || get_buffer(args[3], &tensor_norms, 1, "d", "tensor_norms", K * S) < 0)
        goto no_norms;
    if (get_buffer(args[4], &rows, 1, "d", "rows", K * NUM_MEASUREMENTS) < 0)
        goto no_rows;
    double largest = 0;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < K; k++) {
        double *norms = (double *)tensor_norms.buf + k * S, *row = (double *)rows.buf + k * NUM_MEASUREMENTS;
        if (grads.itemsize == sizeof(float))
            of_float_measure_row((float *)grads.buf + k * P, (float *)previous.buf + k * P, bounds.buf, S, norms, row);
        else
            of_double_measure_row((double *)grads.buf + k * P, (double *)previous.buf + k * P, bounds.buf, S, norms, row);
        largest = larger(largest, row[0]);
    }
    Py_END_ALLOW_THREADS
    result = PyFloat_FromDouble(largest);
    PyBuffer_Release(&rows);
no_rows:
    PyBuffer_Release(&tensor_norms);
no_norms:
    PyBuffer_Release(&bounds);
no_bounds:
    PyBuffer_Release(&previous);
no_previous:
    PyBuffer_Release(&grads);
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

static PyObject *update(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    Py_buffer params, delta, change_norms, weight_norms, made;
    PyObject *result = NULL;
    if (num_args != 6) {
        PyErr_SetString(PyExc_TypeError, "update(params, delta, largest, weight_norms, change_norms, made)");
        return NULL;
    }
    const double largest = PyFloat_AsDouble(args[2]);
    if ((largest == -1.0 && PyErr_Occurred()) || get_rows(args[0], &params, 1, "params") < 0)
        return NULL;
    const Py_ssize_t K = params.shape[0], P = params.shape[1];
    if (get_same(args[1], &delta, 0, "delta", &params) < 0)
        goto no_delta;
    if (get_buffer(args[3], &weight_norms, 1, "d", "weight_norms", K) < 0)
        goto no_weights;
    if (get_buffer(args[4], &change_norms, 1, "d", "change_norms", K) < 0)
        goto no_changes;
    if (get_buffer(args[5], &made, 1, "?", "made", K) < 0)
        goto no_made;
    double *weights = weight_norms.buf, *changes = change_norms.buf;
    char *is_made = made.buf;
    int is_all = 1;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t k = 0; k < K; k++) {
        if (params.itemsize == sizeof(float))
            is_made[k] = of_float_update_row((float *)params.buf + k * P, (float *)delta.buf + k * P, P, largest,
                                             weights + k, changes + k);
        else
            is_made[k] = of_double_update_row((double *)params.buf + k * P, (double *)delta.buf + k * P, P, largest,
                                              weights + k, changes + k);
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
    PyBuffer_Release(&delta);
no_delta:
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
