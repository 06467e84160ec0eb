"""Wire shapes of public statistics."""

from datetime import date

from pydantic import AwareDatetime, Field

from chassis.schemas import ResponseModel
from dossier.dossiers.schemas import MOMENT, Labels


class CountsOut(ResponseModel):
    """Counts of dossiers."""

    received: int = Field(description="Filed.", examples=[120])
    processed: int = Field(description="Decided, refused or stopped.", examples=[100])
    on_time: int = Field(description="Processed on time, by the formula.", examples=[96])
    overdue: int = Field(description="Processed late, or open past the day.", examples=[5])
    on_time_share: float | None = Field(
        description="On time among the processed, 0 to 1; null while none is.", examples=[0.96]
    )


class GroupOut(ResponseModel):
    """One group."""

    key: str = Field(description="Its code.", examples=["cuc-quan-ly-duoc"])
    name: str = Field(description="Its name.", examples=["Cục Quản lý Dược"])
    counts: CountsOut | None = Field(description="Its counts; null where the group is too small to show.")


class StepTimeOut(ResponseModel):
    """How long dossiers come to a step."""

    action: str = Field(description="The step.", examples=["accept"])
    label: Labels = Field(description="What it does.")
    count: int = Field(description="How often taken.", examples=[100])
    automatic_share: float = Field(description="Share done by the system, 0 to 1.", examples=[0.1])
    median_seconds: int = Field(description="Median time since the step before.", examples=[5400])


class StatisticsOut(ResponseModel):
    """Counts by group, without a person in them."""

    group_by: str = Field(description="What is grouped by.", examples=["agency"])
    since: date = Field(description="First legal day of filing.", examples=["2025-11-23"])
    until: date = Field(description="Last legal day of filing.", examples=["2026-11-23"])
    counted_at: AwareDatetime = Field(description="Legal instant of the count.", examples=[MOMENT])
    formula: str = Field(description="What on time means.", examples=["QĐ 766/QĐ-TTg, indicator 2.1"])
    smallest_cell: int = Field(description="Groups with fewer dossiers are not shown.", examples=[5])
    total: CountsOut | None = Field(description="All groups; null where that would tell a small one.")
    items: list[GroupOut] = Field(description="By key.")
    steps: list[StepTimeOut] = Field(description="Times by step; rare steps are left out.")
