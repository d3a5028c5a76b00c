/* A layer of a plain recurrent network, all steps forward and back; `rnn_layer.py` says what each function does.

   A member's recurrent weights and its state stay in the first cache from step to step. Products of general
   libraries fetch both at every step, and projections of all steps at once are written and fetched again. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define LANES 8
typedef float Lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
enum { TANH, RELU, LINEAR, NUM_ACTIVATIONS };
#define SATURATED 9.0109f /* 1 - tanh is below a quarter of the distance to the next float here */

/* Numbers of steps, examples, inputs and units; how much room rows of the last two take; the nonlinearity. */
typedef struct {
    int64_t steps, examples, inputs, units, input_width, width;
    int activation;
} Sizes;

/* One member's tensors; of those that `backward` writes, `of_inputs` may be NULL, and so may both gradients. */
typedef struct {
    const float *inputs, *weight, *bias, *recurrent, *grads, *grads_of_last;
    float *states, *of_inputs, *of_weight, *of_bias, *of_recurrent, *scratch;
} Member;

#define NAME(x) plain_##x
#include "rnn_layer_of.h"
#undef NAME

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define NAME(x) wide_##x
#include "rnn_layer_of.h"
#undef NAME
#pragma GCC pop_options
#define CHOOSE(x) (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? wide_##x : plain_##x)
#else
#define CHOOSE(x) plain_##x
#endif

/* A tensor of float32: each letter of `dims` stands for a size, the same everywhere; J is K or 1. */
typedef struct {
    const char *name, *dims;
    int is_written, is_optional;
} Expected;

#define LETTERS "KJTBdn"
enum { K, J, T, B, D, N, NUM_LETTERS };
#define MAX_TENSORS 10

static int fits(const Expected *expected, const Py_buffer *view, Py_ssize_t *sizes) {
    if (strcmp(view->format, "f") != 0) {
        PyErr_Format(PyExc_TypeError, "%s: format '%s', expected 'f'", expected->name, view->format);
        return 0;
    }
    if (view->ndim != (int)strlen(expected->dims)) {
        PyErr_Format(PyExc_ValueError, "%s: %d dimensions, expected (%s)", expected->name, view->ndim, expected->dims);
        return 0;
    }
    for (int i = 0; i < view->ndim; i++) {
        Py_ssize_t *size = sizes + (strchr(LETTERS, expected->dims[i]) - LETTERS);
        if (*size < 0)
            *size = view->shape[i];
        if (*size != view->shape[i]) {
            PyErr_Format(PyExc_ValueError, "%s: size %zd in dimension %d, expected %zd", expected->name,
                         view->shape[i], i, *size);
            return 0;
        }
    }
    return 1;
}

static void release(Py_buffer *views, int count) {
    while (count > 0)
        if (views[--count].obj != NULL)
            PyBuffer_Release(&views[count]);
}

/* The buffers of `args`, as `expected`, and the `sizes`; those that may be None have a NULL for `buf`. */
static int get_all(PyObject *const *args, const Expected *expected, int count, Py_buffer *views, Py_ssize_t *sizes) {
    for (int i = 0; i < NUM_LETTERS; i++)
        sizes[i] = -1;
    for (int i = 0; i < count; i++) {
        const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (expected[i].is_written ? PyBUF_WRITABLE : 0);
        views[i] = (Py_buffer){0};
        if (expected[i].is_optional && args[i] == Py_None)
            continue;
        if (PyObject_GetBuffer(args[i], views + i, flags) < 0 || !fits(expected + i, views + i, sizes)) {
            release(views, i + 1);
            return -1;
        }
    }
    if (sizes[J] == sizes[K] || sizes[J] == 1)
        return 0;
    PyErr_Format(PyExc_ValueError, "inputs: %zd members, expected 1 or %zd", sizes[J], sizes[K]);
    release(views, count);
    return -1;
}

static const float *row_of(const Py_buffer *view, Py_ssize_t k) {
    if (view->buf == NULL)
        return NULL;
    const Py_ssize_t rows = view->shape[0], size = rows ? view->len / view->itemsize / rows : 0;
    return (const float *)view->buf + (rows == 1 ? 0 : k) * size;
}

static int get_sizes(PyObject *activation, const Py_ssize_t *found, Sizes *sizes) {
    const long code = PyLong_AsLong(activation);
    if (code == -1 && PyErr_Occurred())
        return -1;
    if (code < 0 || code >= NUM_ACTIVATIONS) {
        PyErr_Format(PyExc_ValueError, "activation: %ld, expected 0 to %d", code, NUM_ACTIVATIONS - 1);
        return -1;
    }
    *sizes = (Sizes){found[T], found[B], found[D], found[N], 0, 0, (int)code};
    sizes->input_width = (sizes->inputs + LANES - 1) / LANES * LANES;
    sizes->width = (sizes->units + LANES - 1) / LANES * LANES;
    return 0;
}

/* Room for what one member needs besides its tensors, or NULL with an exception. */
static float *get_scratch(const Sizes *sizes) {
    const size_t rows = 2 * sizes->units + 2 * sizes->inputs + 3 * sizes->examples + 1;
    const size_t rows_of_inputs = sizes->units + sizes->examples;
    const size_t count = rows * sizes->width + rows_of_inputs * sizes->input_width;
    float *scratch = PyMem_RawMalloc((count ? count : 1) * sizeof(float));
    if (scratch == NULL)
        PyErr_NoMemory();
    return scratch;
}

static PyObject *forward(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    static const Expected expected[] = {
        {"inputs", "JTBd", 0, 0}, {"weight", "Knd", 0, 0}, {"bias", "Kn", 0, 0},
        {"recurrent", "Knn", 0, 0}, {"states", "KTBn", 1, 0},
    };
    Py_buffer views[MAX_TENSORS];
    Py_ssize_t found[NUM_LETTERS];
    Sizes sizes;
    if (num_args != 6) {
        PyErr_SetString(PyExc_TypeError, "forward(inputs, weight, bias, recurrent, states, activation)");
        return NULL;
    }
    if (get_all(args, expected, 5, views, found) < 0)
        return NULL;
    float *scratch = get_sizes(args[5], found, &sizes) < 0 ? NULL : get_scratch(&sizes);
    if (scratch != NULL) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t k = 0; k < found[K]; k++) {
            const Member member = {
                .inputs = row_of(views, k), .weight = row_of(views + 1, k), .bias = row_of(views + 2, k),
                .recurrent = row_of(views + 3, k), .states = (float *)row_of(views + 4, k), .scratch = scratch,
            };
            CHOOSE(forward)(&member, &sizes);
        }
        Py_END_ALLOW_THREADS
        PyMem_RawFree(scratch);
    }
    release(views, 5);
    if (scratch == NULL)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *backward(PyObject *self, PyObject *const *args, Py_ssize_t num_args) {
    static const Expected expected[MAX_TENSORS] = {
        {"grads", "KTBn", 0, 1}, {"grads_of_last", "KBn", 0, 1}, {"inputs", "JTBd", 0, 0},
        {"weight", "Knd", 0, 0}, {"recurrent", "Knn", 0, 0}, {"states", "KTBn", 0, 0},
        {"of_inputs", "KTBd", 1, 1}, {"of_weight", "Knd", 1, 0}, {"of_bias", "Kn", 1, 0},
        {"of_recurrent", "Knn", 1, 0},
    };
    Py_buffer views[MAX_TENSORS];
    Py_ssize_t found[NUM_LETTERS];
    Sizes sizes;
    if (num_args != MAX_TENSORS + 1) {
        PyErr_SetString(PyExc_TypeError, "backward(grads, grads_of_last, inputs, weight, recurrent, states, "
                                         "of_inputs, of_weight, of_bias, of_recurrent, activation)");
        return NULL;
    }
    if (get_all(args, expected, MAX_TENSORS, views, found) < 0)
        return NULL;
    float *scratch = get_sizes(args[MAX_TENSORS], found, &sizes) < 0 ? NULL : get_scratch(&sizes);
    if (scratch != NULL) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t k = 0; k < found[K]; k++) {
            const Member member = {
                .grads = row_of(views, k), .grads_of_last = row_of(views + 1, k), .inputs = row_of(views + 2, k),
                .weight = row_of(views + 3, k), .recurrent = row_of(views + 4, k),
                .states = (float *)row_of(views + 5, k), .of_inputs = (float *)row_of(views + 6, k),
                .of_weight = (float *)row_of(views + 7, k), .of_bias = (float *)row_of(views + 8, k),
                .of_recurrent = (float *)row_of(views + 9, k), .scratch = scratch,
            };
            CHOOSE(backward)(&member, &sizes);
        }
        Py_END_ALLOW_THREADS
        PyMem_RawFree(scratch);
    }
    release(views, MAX_TENSORS);
    if (scratch == NULL)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"forward", (PyCFunction)(void (*)(void))forward, METH_FASTCALL, "States of a plain recurrent layer."},
    {"backward", (PyCFunction)(void (*)(void))backward, METH_FASTCALL, "Gradients of a plain recurrent layer."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_rnn_layer", "A recurrent layer, compiled.", 0, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__rnn_layer(void) { return PyModuleDef_Init(&module); }
