"""The tasks. Each is a line: the step it names does the work, and the rows say what there is to do."""

from __future__ import annotations

from worker.app import app
from worker.steps import classify as classify_step
from worker.steps import deliver as deliver_step
from worker.steps import fulltext as fulltext_step
from worker.steps import poll as poll_step
from worker.steps import tick as tick_step
from worker.steps import websub as websub_step
from worker.task_base import UnitTask


@app.task(base=UnitTask, bind=True, name="tick")
def tick(self: UnitTask) -> None:
    tick_step.tick(self.context)


@app.task(base=UnitTask, bind=True, name="poll")
def poll(self: UnitTask) -> None:
    poll_step.poll_due(self.context, linger=poll_step.LINGER)


@app.task(base=UnitTask, bind=True, name="classify")
def classify(self: UnitTask) -> None:
    classify_step.classify_pending(self.context)


@app.task(base=UnitTask, bind=True, name="deliver")
def deliver(self: UnitTask) -> None:
    deliver_step.deliver_due(self.context)


@app.task(base=UnitTask, bind=True, name="websub")
def websub(self: UnitTask) -> None:
    websub_step.keep_subscriptions(self.context)


@app.task(base=UnitTask, bind=True, name="fulltext")
def fulltext(self: UnitTask) -> None:
    fulltext_step.read_pages(self.context)
