"""Whatever a model replies, reading facts and verdicts raises nothing and invents nothing."""

import json

from hypothesis import given
from hypothesis import strategies as st

from prefactor.asking.calls import Asked
from prefactor.factors.asked.fact_replies import read_facts, read_verdicts
from prefactor.llm.records import Reply

WORDS = ("true", "false", "cannot tell")
ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 4), st.floats(), st.text(max_size=4), st.sampled_from(["1", "2", *WORDS])
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["1", "2", "3", "number", "verdict", "facts", "verdicts"]), inner, max_size=3),
    ),
    max_leaves=8,
)
OBJECTS = st.builds(lambda key, value: json.dumps({key: value}), st.sampled_from(["facts", "verdicts"]), VALUES)
TEXTS = st.one_of(
    st.text(),
    OBJECTS,
    st.builds(lambda text, cut: text[:cut], OBJECTS, st.integers(0, 60)),
    st.lists(st.one_of(OBJECTS, st.text(max_size=9)), max_size=3).map(" ".join),
    st.text(alphabet='{}[]":,\\factsverdicts123 '),
)
REPLIES = st.builds(Reply, TEXTS, st.sampled_from(["stop", "length", "refusal"]))


@given(REPLIES)
def test_facts_are_those_of_the_reply(reply: Reply) -> None:
    facts, problem = read_facts(Asked(reply))
    assert (facts is None) == (problem != "measured")
    if facts is None:
        assert problem in {"unreadable", "refusal", "cut off", "contradiction"}
        return
    assert '"facts"' in reply.text.casefold()
    assert all(fact and fact == " ".join(fact.split()) for fact in facts)
    assert len(set(facts)) == len(facts) <= reply.text.count('"') // 2


@given(REPLIES, st.integers(1, 3))
def test_verdicts_are_as_many_as_the_facts(reply: Reply, count: int) -> None:
    verdicts, problem = read_verdicts(Asked(reply), WORDS, count=count)
    assert (verdicts is None) == (problem != "measured")
    if verdicts is not None:
        assert len(verdicts) == count
        assert set(verdicts) <= set(WORDS)
        assert sum(reply.text.casefold().count(word[:3]) for word in WORDS) >= count
