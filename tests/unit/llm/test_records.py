"""The bytes of a request are the key under which its reply was paid for: they must never change by accident."""

from prefactor.llm.records import Message, Reply, Request, Sampling, TokenChoice, Usage


def test_bytes_of_a_request_stay_what_they_were() -> None:
    request = Request(
        "tiny", (Message("user", "é?"),), sampling=Sampling(0.5, 9, 0.9, 1, ("\n",)), top_logprobs=5, schema="{}"
    )
    assert request.to_bytes().decode() == (
        '{"extra":"","messages":[{"content":"é?","role":"user"}],"model":"tiny","prompt":"",'
        '"sampling":{"max_tokens":9,"seed":1,"stop":["\\n"],"temperature":0.5,"top_p":0.9},"schema":"{}","top_logprobs":5}'
    )


def test_a_reply_comes_back_as_it_was() -> None:
    tokens = (TokenChoice("B", -0.25, (("B", -0.25), ("A", -1.5))),)
    reply = Reply("B", "length", tokens, Usage(3, 1, 2), "tiny-1")
    assert Reply.from_bytes(reply.to_bytes()) == reply
