"""The map of addresses: every object of every program, highest first, with the distance to the next."""

from lablib import drawings, record, testing

PLACES = {"look": None, "code": 0x401000, "heap": 0x402000, "stack": 0x7FFFFFFFE000,
          "end_of_user_space": 0x7FFFFFFFF000}
METRICS = {"object_address": {"unit": "address", "kind": "observed", "better": "none", "source": "",
                              "deterministic": True, "blocking": "counts", "meaning": ""}}


def drawn(folder):
    described = testing.experiment("address_space", PLACES, ["program"])
    folder = testing.write(folder, experiments=(described,), metrics=METRICS,
                           points=[{"program": "pie"}, {"program": "non_pie"}],
                           value=lambda at: PLACES[at.phase], ideal=lambda at: {})
    return dict(drawings.of_result(record.load(folder, warn=lambda text: None)))


def test_every_program_is_a_column_from_high_to_low(tmp_path):
    figure = drawn(tmp_path)["address_space-map"]
    rows = [text.get_text() for text in figure.axes[0].texts]
    assert rows[:8] == ["end of user space", "0x7ffffffff000", "4 KiB below:", "stack",
                        "0x7fffffffe000", "128 TiB below:", "heap", "0x402000"]
    assert rows.count("stack") == 2
    assert [text.get_text() for text in figure.texts if "program" in text.get_text()][-2:] == [
        "program = pie", "program = non_pie"]


def test_a_result_without_the_experiment_has_no_map(tmp_path):
    result = record.load(testing.write(tmp_path), warn=lambda text: None)
    assert dict(drawings.of_result(result)) == {}
