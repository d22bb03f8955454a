"""The app on the wire: every view answers, nothing is written without the token, and no other host is answered."""

import json
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
from report.page import read_page

from app.folders import HOSTILE, TOKEN, Reply, ask, write_folder
from prefactor.app import make_app
from prefactor.app.guard import AsgiApp
from prefactor.errors import InputFileError

VIEWS = (
    *("/", "/?slice=half%3D0", "/profiles", "/profiles?measure=share&sort=parting&group=no&find=word", "/comparisons"),
    *("/comparisons?sort=surprise&verdict=A&factor=words&has=other&text=prompt+1&page=2", "/lens", "/lens?f.words=0"),
    *("/likeness", "/likeness?what=agreement&order=name", "/likeness?what=published&order=size", "/checks", "/add"),
)
FILES = ("/profiles.csv", "/comparisons.csv?verdict=B", "/lens.csv", "/likeness.csv", "/checks.csv")


def labels(folder: Path, *, last: str = "") -> bytes:
    ids = pl.read_parquet(folder / "preferences.parquet")["comparison_id"].unique(maintain_order=True).to_list()
    rows = [f"{one},{'A' if place % 3 else 0.2}" for place, one in enumerate(ids)]
    return "\n".join(["comparison_id,preference", *rows, last]).encode()


@pytest.mark.parametrize("link", VIEWS)
def test_every_view_answers_with_a_whole_page(web: AsgiApp, link: str) -> None:
    reply = ask(web, link)
    assert reply.status == 200
    page = read_page(reply.text.removeprefix("<!doctype html>\n"))
    assert len(page.find("h1")) == 1
    assert [one.attributes for one in page.find("script")] == [{"src": "/app.js", "defer": ""}]
    assert not [
        one for one in page.walk() if "style" in one.attributes or any(a.startswith("on") for a in one.attributes)
    ]
    names = [one.attributes["id"] for one in page.walk() if "id" in one.attributes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("link", VIEWS)
def test_hostile_texts_make_no_element(hostile_web: AsgiApp, link: str) -> None:
    reply = ask(hostile_web, link)
    assert reply.status in {200, 404}, reply.text  # the slice has another name there
    page = read_page(reply.text.removeprefix("<!doctype html>\n"))
    assert len(page.find("script")) == 1
    assert page.find("img", "iframe", "style", "textarea", "object", "embed", "base") == []
    assert not [one for one in page.walk() if any(name.startswith("on") for name in one.attributes)]
    assert all(one.attributes["href"].startswith(("/", "#")) for one in page.find("a", "link"))
    assert not {"\x00", "\x1b", "\u202e", "\u200b"} & set(page.find("main")[0].text)
    assert len(reply.text) < 1_000_000


def test_hostile_names_lead_back_to_themselves(hostile_web: AsgiApp) -> None:
    reply = ask(hostile_web, f"/profiles?judge={quote(f'judge {HOSTILE}')}")
    assert reply.status == 200
    assert "alert(1)" in reply.text


@pytest.mark.parametrize("link", FILES)
def test_every_chart_has_its_numbers(web: AsgiApp, link: str) -> None:
    reply = ask(web, link)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/csv")
    assert "attachment" in reply.headers["content-disposition"]
    assert len(reply.text.splitlines()) > 1


@pytest.mark.parametrize(
    ("link", "status", "word"),
    [
        ("/profiles?judge=nobody", 404, "nobody"),
        ("/profiles?slice=none", 404, "none"),
        ("/comparisons?factor=nope", 404, "nope"),
        ("/comparisons?slice=a", 404, "slice"),
        ("/lens?comparison=x", 404, "comparison"),
        ("/files", 404, "file"),
    ],
)
def test_what_cannot_be_shown_is_a_box_that_says_why(web: AsgiApp, link: str, status: int, word: str) -> None:
    reply = ask(web, link)
    assert reply.status == status
    page = read_page(reply.text.removeprefix("<!doctype html>\n"))
    (box,) = [one for one in page.walk() if one.attributes.get("class") == "failed"]
    assert word in box.text
    assert box.attributes["role"] == "alert"


def test_a_view_that_breaks_is_a_box_too(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "out", comparisons=30)
    web = make_app(folder, token=TOKEN)
    (folder / "factors.parquet").unlink()
    reply = ask(web, "/lens")
    assert reply.status == 500
    assert "This cannot be shown" in reply.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "", "localhost.evil"])
def test_other_hosts_are_not_answered(web: AsgiApp, host: str) -> None:
    assert ask(web, "/", headers={"host": host}).status == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8321", "LOCALHOST:1"])
def test_this_host_is_answered_by_its_names(web: AsgiApp, host: str) -> None:
    assert ask(web, "/add", headers={"host": host}).status == 200


def test_a_host_that_was_allowed_is_answered(folder: Path) -> None:
    web = make_app(folder, token=TOKEN, hosts=["space.example"])
    assert ask(web, "/add", headers={"host": "Space.example"}).status == 200


def test_the_policy_allows_nothing_from_elsewhere(web: AsgiApp) -> None:
    headers = ask(web, "/").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    report = ask(web, "/report.html")
    assert "script-src" not in report.headers["content-security-policy"]
    assert report.status == 200


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN[:-1], TOKEN + " x", "é"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_nothing_is_written_without_the_token(web: AsgiApp, folder: Path, method: str, token: str | None) -> None:
    headers = {} if token is None else {"x-prefactor-token": token}
    reply = ask(web, "/judges?judge=new", method=method, body=labels(folder), headers=headers)
    assert reply.status == 403
    assert not (folder / "added").exists()


def test_a_token_must_be_given(folder: Path) -> None:
    with pytest.raises(ValueError, match="token"):
        make_app(folder, token="")


def post(web: AsgiApp, judge: str, body: bytes) -> Reply:
    return ask(web, f"/judges?judge={quote(judge)}", method="POST", body=body, headers={"x-prefactor-token": TOKEN})


def test_a_judge_is_added_shown_kept_and_removed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "out", comparisons=60)
    web = make_app(folder, token=TOKEN)
    reply = post(web, "mine <b>", labels(folder, last="unknown-id,A\nx,perhaps"))
    assert reply.status == 200
    account = json.loads(reply.text)["account"]
    assert (account["rows"], account["used"], account["unreadable"]) == (62, 60, 1)
    assert account["of comparisons that are not in these results"] == 1
    again = make_app(folder, token=TOKEN)  # from the folder, as after a restart
    for app in (web, again):
        assert "mine &lt;b&gt;" in ask(app, "/profiles?judge=mine+%3Cb%3E").text
        card = json.loads(ask(app, "/card.json?judge=mine+%3Cb%3E").text)
        assert card["profiles"][0]["account"]["used"] == 60
        weights = json.loads(ask(app, "/weights.json?judge=mine+%3Cb%3E").text)
        assert len(weights["covariance"]) == len(weights["weights"]) > 10
        assert "P(A) mine <b>" in ask(app, "/comparisons.csv").text
    headers = {"x-prefactor-token": TOKEN}
    assert ask(web, "/judges?judge=mine+%3Cb%3E", method="DELETE", headers=headers).status == 200
    assert ask(web, "/judges?judge=mine+%3Cb%3E", method="DELETE", headers=headers).status == 404
    assert ask(web, "/profiles?judge=mine+%3Cb%3E").status == 404
    assert list((folder / "added").iterdir()) == []


@pytest.mark.parametrize(
    ("judge", "body", "word"),
    [
        ("words", b"comparison_id,preference\n1,A", "words"),
        ("", b"comparison_id,preference\n1,A", "name"),
        ("new", b"a,b\n1,A", "comparison_id"),
        ("new", b"comparison_id,preference\nnone-of-these,A", "none-of-these"),
        ("new", b"\xff\xfe\x00", "not"),
        ("new", b"", "no rows"),
        ("new", b"[1, 2]", "got 1"),
    ],
)
def test_labels_that_cannot_be_used_are_refused_with_the_reason(
    web: AsgiApp, folder: Path, judge: str, body: bytes, word: str
) -> None:
    reply = post(web, judge, body)
    assert reply.status == 400
    assert word in reply.text
    assert not (folder / "added").exists()


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"results\.json"):
        make_app(tmp_path, token=TOKEN)
    (tmp_path / "results.json").write_text('{"profiles": 3}', encoding="utf-8")
    with pytest.raises(InputFileError, match=r"results\.json"):
        make_app(tmp_path, token=TOKEN)


def test_files_of_other_commands_are_shown(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "out", comparisons=30)
    results = {"n": 3, "models": [{"model": "<b>", "rate": {"value": 0.5, "low": 0.4, "high": 0.6}, "x": None}]}
    content = json.dumps({"command": "control", "results": results})
    (folder / "control.json").write_text(content, encoding="utf-8")
    (folder / "broken.json").write_text("{", encoding="utf-8")
    reply = ask(make_app(folder, token=TOKEN), "/files?name=control.json")
    assert reply.status == 200
    assert "0.5 [0.4, 0.6]" in reply.text
    assert "&lt;b&gt;" in reply.text
    assert ask(make_app(folder, token=TOKEN), "/files?name=..%2Fsecret.json").status == 404
