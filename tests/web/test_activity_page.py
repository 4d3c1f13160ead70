"""``/activity`` and ``/api/v1/activity``."""

from __future__ import annotations

from dataclasses import replace

from page_seen import Seen
from web_service import MEETING

from web.pages.chart import Series, columns
from web.remembered import Remembered

HOSTILE = "<script>alert(1)</script>"


def test_without_items_the_page_says_what_to_do(serving):
    text = Seen(serving.get("/activity").text).text
    assert "seedwire feeds add URL" in text


def test_the_page_draws_six_charts_with_their_figures_beside_them(serving, report):
    report("One", minutes_ago=1)
    report("Two", minutes_ago=1, event=replace(MEETING, type="energy_deal"))
    seen = Seen(serving.get("/activity").text)
    charts = [attrs for tag, attrs in seen.elements if tag == "svg" and attrs.get("class") == "chart"]
    ids = {attrs["id"] for _, attrs in seen.elements if "id" in attrs}
    assert len(charts) == 6
    assert all(set(chart["aria-labelledby"].split()) <= ids for chart in charts)
    assert len([1 for tag, _ in seen.elements if tag == "table"]) == 2
    for part in ("energy deal", "bilateral meeting", "The last 48 hours", "There are figures from"):
        assert part in seen.text
    assert not [1 for _, attrs in seen.elements if "style" in attrs]


def test_types_of_events_stay_text(serving, report):
    for number in range(5):
        report(f"Report {number}", event=replace(MEETING, type=f"{HOSTILE}{number}"))
    answer = serving.get("/activity")
    assert HOSTILE not in answer.text
    assert "others" in Seen(answer.text).text


def test_the_api_tells_the_same(serving, report):
    report("One", minutes_ago=1)
    answer = serving.get("/api/v1/activity?bucket=day").json()
    assert answer["bucket"] == "day"
    assert len(answer["counts"]) == 30
    assert sum(count["items"] or 0 for count in answer["counts"]) == 1
    assert answer["types"] == ["bilateral_meeting"]
    assert len(serving.get("/api/v1/activity").json()["counts"]) == 48
    assert serving.get("/api/v1/activity?bucket=week").status_code == 422


def test_columns_stand_on_the_line_within_the_chart():
    chart = columns([Series("a", (None, 0, 10, 1000)), Series("b", (None, 5, 10, 1))], "wxyz", width=40, height=20)
    assert (chart.most, chart.total, chart.unknown) == (1001, 1026, 10)
    assert all(bar.y >= 0 and bar.y + bar.height <= 20.01 for bar in chart.bars)
    assert [bar.tip for bar in chart.bars] == ["x: 5 b", "y: 10 a", "y: 10 b", "z: 1000 a", "z: 1 b"]
    assert columns([Series("a", ())], ()).bars == ()
    assert columns([Series("a", (0, 0))], "xy").most == 0


def test_what_is_remembered_is_worked_out_again_after_a_while():
    now = [0.0]
    remembered: Remembered[float] = Remembered(10, clock=lambda: now[0])
    seen = []
    for now[0] in (0.0, 9.9, 10.0, 11.0):
        seen.append(remembered.get("key", lambda: now[0]))
    assert seen == [0.0, 0.0, 10.0, 10.0]
