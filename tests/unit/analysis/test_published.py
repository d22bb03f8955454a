"""Published judges: their names, their tree, and the judge of a log that is like one of them is found to be so."""

from pathlib import Path

import numpy as np
import pytest

import prefactor as pf
from prefactor.analysis.published_groups import BASE_AND_ALIGNED, compare_published
from prefactor.analysis.reference import load_published_profiles, published_similarity
from prefactor.cli.likeness import print_near_judges
from prefactor.data.collector import Collector
from prefactor.data.dataset import Dataset
from prefactor.data.records import Row, Verdict
from prefactor.factors import factors_of, load_measurers

PUBLISHED = load_published_profiles()
TWIN = "gpt-4-1106-preview"

FACTOR_FILE = '''"""The 29 published properties, read off a response that spells them as digits."""


def _digit(response, place):
    return int(response.rpartition(" ")[2][place])

'''


@pytest.fixture(scope="module")
def factor_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("factors") / "spelled.py"
    functions = [
        f'\ndef {name}(response, prompt):\n    """{words.capitalize()}."""\n    return _digit(response, {place})\n'
        for place, (name, words) in enumerate(zip(PUBLISHED.factors, PUBLISHED.properties, strict=True))
    ]
    path.write_text(FACTOR_FILE + "\n".join(functions), encoding="utf-8")
    return path


def twin_log(rows: int = 1500, *, seed: int = 0) -> Dataset:
    """Two judges of the weights of a published one, averaged over scenarios; each prompt has two comparisons."""
    weights = 2 * PUBLISHED.of(TWIN)[: len(PUBLISHED.scenarios)].mean(axis=0)
    random = np.random.default_rng(seed)
    collector = Collector()
    for number in range(rows):
        scores = random.integers(0, 4, (2, weights.size))
        chance = 1 / (1 + np.exp(-np.sign(scores[0] - scores[1]) @ weights))
        verdicts = [Verdict(judge, float(random.random() < chance)) for judge in ("one", "two")]
        texts = [f"{number} {side} {''.join(map(str, digits))}" for side, digits in zip("ab", scores, strict=True)]
        collector.add(Row(number, f"prompt {number // 2}", texts[0], texts[1], verdicts))
    return collector.finish()


def test_names_are_short_and_like_no_lexical_factor() -> None:
    assert len(set(PUBLISHED.factors)) == len(PUBLISHED.properties) == 29
    assert all(name.isidentifier() and name == name.lower() and len(name) <= 20 for name in PUBLISHED.factors)
    lexical = {factor.name for factor in factors_of(load_measurers(["lexical"]))}
    assert lexical.isdisjoint(PUBLISHED.factors)


def test_a_judge_of_published_weights_is_nearest_to_their_owner(
    factor_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = twin_log()
    scores = pf.measure(dataset, str(factor_file))
    alignment = pf.align(dataset, scores, settings=pf.AlignmentSettings(bootstraps=300))
    assert [each.judge for each in alignment.published] == ["one", "two"]
    for found in alignment.published:
        assert (found.measured, found.missing, found.comparisons, found.reason) == (29, (), 1500, "")
        assert found.near[0].judge == TWIN
        assert found.near[0].similarity.low < found.near[0].similarity.value < found.near[0].similarity.high
        assert 0.5 < found.near[0].nearest <= 1
        assert found.near[0].similarity.value > found.near[1].similarity.value
    assert pf.explain(dataset, scores, fitting=pf.Fitting(bootstraps=300)).nearest_published == alignment.published
    print_near_judges(alignment.published)
    assert TWIN in capsys.readouterr().out


def test_where_some_properties_are_missing_it_says_how_many_and_does_nothing(
    factor_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = twin_log(60)
    few = pf.align(dataset, pf.measure(dataset, f"{factor_file}:long,clear,funny")).published
    assert {each.near for each in few} == {()}
    assert few[0].measured == 3
    assert len(few[0].missing) == 26
    print_near_judges(few)
    assert "3 of the 29 published properties are measured, and all are needed (2 of 2)" in capsys.readouterr().out
    none = pf.align(dataset, pf.measure(dataset, "lexical:words,questions")).published
    assert none == ()
    print_near_judges(none)
    assert capsys.readouterr().out == ""


def test_a_handful_of_comparisons_is_likened_to_nobody(factor_file: Path) -> None:
    dataset = twin_log(15)
    found = pf.align(dataset, pf.measure(dataset, str(factor_file))).published
    assert {each.reason for each in found} == {"fewer than 20 comparisons with a strict preference"}


def test_the_tree_of_published_judges_holds_them_all_and_its_order_is_the_matrix() -> None:
    found = compare_published()
    assert sorted(found.judges) == sorted(PUBLISHED.judges)
    assert found.tree.order == found.judges
    plain = published_similarity(judges=found.judges)
    assert np.array(found.similarity) == pytest.approx(plain)
    assert found.tree.merges[0].similarity == pytest.approx(plain[np.triu_indices(33, 1)].max())
    assert all(np.isnan(merge.stability) for merge in found.tree.merges)


def test_a_published_slice_and_some_judges_can_be_picked() -> None:
    found = pf.published(slices=["code"], judges=["human", "llama-2-7b", "llama-2-7b-chat"])
    assert found.slices == ("code",)
    assert [(pair.base, round(pair.similarity, 2)) for pair in found.aligned] == [("llama-2-7b", 0.06)]
    with pytest.raises(LookupError, match="unknown published slice 'coding'"):
        pf.published(slices=["coding"])
    assert set(BASE_AND_ALIGNED) | set(BASE_AND_ALIGNED.values()) <= set(PUBLISHED.judges)
