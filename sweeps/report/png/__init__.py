"""Pictures of an analysis as PNG, for places that show files and run no page."""

from sweeps.analysis import Analysis


def render_pngs(analysis: Analysis) -> dict[str, bytes]:
    """PNG files by name; one that has nothing to show is left out."""
    # Here, so that only who draws waits for matplotlib: a second of every process that starts otherwise.
    from sweeps.report.png.canvas import to_png
    from sweeps.report.png.curves import p_stable_figure, sensitivity_figure
    from sweeps.report.png.dense_map import dense_map_figure
    from sweeps.report.png.outcome_map import outcome_map_figure, pooled_maps_figure

    figures = {
        "outcome_map.png": outcome_map_figure(analysis),
        "pooled_maps.png": pooled_maps_figure(analysis),
        "dense_map.png": dense_map_figure(analysis),
        "p_stable.png": p_stable_figure(analysis),
        "lr_sensitivity.png": sensitivity_figure(analysis),
    }
    return {name: to_png(figure) for name, figure in figures.items() if figure is not None}


__all__ = ["render_pngs"]
