"""Every kind of data that needs no files of the user's, in a small size."""

from trainers.data import (
    Adding,
    Chebyshev,
    CopyMemory,
    DataBase,
    DigitCanvas,
    Digits,
    LinearRegression,
    Mnist,
    ModularAddition,
    OrGate,
    RandomTargets,
    TeacherStudent,
    TemporalOrder,
)

FREE = [
    Digits(),
    Digits(scale="standard", limit=100),
    Mnist(),
    Mnist(limit=10_000),
    DigitCanvas(),
    Adding(n=64, num_eval=16),
    Adding(n=64, num_eval=16, length=7, variant="symmetric"),
    TemporalOrder(n=64, num_eval=16),
    TemporalOrder(n=64, num_eval=16, relevant=3),
    CopyMemory(n=64, num_eval=16),
    ModularAddition(p=7),
    ModularAddition(p=2, train_share=0.01),
    TeacherStudent(n=32, outputs=3),
    LinearRegression(),
    RandomTargets(),
    Chebyshev(),
    OrGate(),
]


def label(config: DataBase) -> str:
    changed = config.model_dump(exclude_defaults=True, exclude={"kind"})
    return str(config.model_dump()["kind"]) + "".join(f"-{name}={value}" for name, value in changed.items())
