"""Every kind of data that comes with gradsweep's own packages, in a small size."""

from trainers.data import (
    Adding,
    CharLm,
    Chebyshev,
    CopyMemory,
    DataBase,
    DigitCanvas,
    Digits,
    JapaneseVowels,
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
    JapaneseVowels(),
    CharLm(context=32, num_eval=16, limit=500),
]


def label(config: DataBase) -> str:
    changed = config.model_dump(exclude_defaults=True, exclude={"kind"})
    return str(config.model_dump()["kind"]) + "".join(f"-{name}={value}" for name, value in changed.items())
