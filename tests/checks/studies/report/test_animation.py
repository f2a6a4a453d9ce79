"""An animated picture of neurons is a small GIF, and leaves no draft behind."""

from steinlab.checks.studies.report.animation import write_animation


def test_a_run_becomes_a_small_animation(tmp_path):
    w = [[[1.0, 0.5], [-0.5, 1.0]], [[1.0, 0.1], [-1.0, 0.0]]]
    write_animation({"steps": [0, 10], "sign": [1.0, -1.0], "w": w}, tmp_path / "neurons.gif")
    assert (tmp_path / "neurons.gif").read_bytes().startswith(b"GIF8")
    assert [entry.name for entry in tmp_path.iterdir()] == ["neurons.gif"]
