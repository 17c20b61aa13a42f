import pytest


@pytest.fixture(autouse=True)
def one_thread():
    """Small matrices only lose by threads, by orders of magnitude when other processes share the cores."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
