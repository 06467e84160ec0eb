"""Wire shapes of the book: the routes answer bytes that the database holds, these document and test them."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import ResponseModel

EXAMPLE_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"
FACILITY = "99999"
MOMENT = "2026-10-13T08:05:00+07:00"


class DiagnosisOut(ResponseModel):
    """The diagnosis at the end of a visit."""

    text: str | None = Field(description="In the doctor's words.", examples=["Viêm phổi, không phân loại"])
    main_code: str | None = Field(description="Main ICD-10 code.", examples=["J18.9"])
    secondary_codes: list[str] = Field(description="Other ICD-10 codes.", examples=[["I10"]])
    traditional_codes: list[str] = Field(description="Codes of traditional medicine.", examples=[[]])


class LineCountsOut(ResponseModel):
    """How many lines of each kind a visit has."""

    prescriptions: int = Field(description="Drugs.", examples=[2])
    services: int = Field(description="Technical services and supplies.", examples=[3])
    results: int = Field(description="Laboratory and imaging results.", examples=[1])
    notes: int = Field(description="Notes on the course.", examples=[1])
    papers: int = Field(description="Papers issued.", examples=[0])


class VisitOverviewOut(ResponseModel):
    """A visit in a list."""

    id: UUID = Field(description="Id of the visit.", examples=[EXAMPLE_ID])
    version: int = Field(description="Current version; 1 until corrected.", examples=[1])
    received_at: AwareDatetime = Field(description="When this version arrived.", examples=[MOMENT])
    facility_code: str = Field(description="Facility that sent it (MA_CSKCB).", examples=[FACILITY])
    facility_visit_code: str = Field(description="The facility's code (MA_LK).", examples=["LK000001"])
    state: Literal["open", "closed"] = Field(description="`open`: checked in only.", examples=["closed"])
    care_type: str | None = Field(description="Type of care (MA_LOAI_KCB).", examples=["01"])
    started_at: AwareDatetime = Field(description="Arrival.", examples=[MOMENT])
    ended_at: AwareDatetime | None = Field(description="End; null while open.", examples=[MOMENT])
    diagnosis: DiagnosisOut | None = Field(description="Null while open, and where sections are withheld.")
    has_withheld_sections: bool = Field(
        description="Whether sections are kept that this list does not show.", examples=[False]
    )
    counts: LineCountsOut = Field(description="Lines by kind.")


class PrescriptionOut(ResponseModel):
    """A drug given or prescribed (XML2)."""

    drug_code: str | None = Field(description="Code of the active ingredient.", examples=["40.67"])
    name: str | None = Field(description="Trade name.", examples=["Paracetamol 500mg"])
    strength: str | None = Field(description="Strength.", examples=["500mg"])
    form: str | None = Field(description="Dosage form.", examples=["Viên nén"])
    route_code: str | None = Field(description="Route of administration.", examples=["1.01"])
    dose: str | None = Field(description="Dose.", examples=["1 viên/lần * 2 lần/ngày"])
    how_to_use: str | None = Field(description="How to use it.", examples=["Uống sau ăn"])
    quantity: int | float | None = Field(description="Quantity.", examples=[14])
    unit: str | None = Field(description="Unit.", examples=["Viên"])
    registration_number: str | None = Field(description="Marketing registration.", examples=["VD-00000-00"])
    ordered_at: AwareDatetime | None = Field(description="When ordered.", examples=[MOMENT])
    given_at: AwareDatetime | None = Field(description="When carried out.", examples=[MOMENT])
    ordered_by: str | None = Field(description="Code of the doctor.", examples=["000001/TEST-CCHN"])
    department_code: str | None = Field(description="Department.", examples=["K02"])
    amount: int | None = Field(description="Amount in VND.", examples=[6720])


class ServiceOut(ResponseModel):
    """A technical service or supply (XML3)."""

    service_code: str | None = Field(description="Code of the service.", examples=["23.0075.1494"])
    name: str | None = Field(description="Name.", examples=["Định lượng Glucose [Máu]"])
    supply_code: str | None = Field(description="Code of the supply.", examples=[None])
    supply_name: str | None = Field(description="Name of the supply.", examples=[None])
    group_code: str | None = Field(description="Cost group (MA_NHOM).", examples=["1"])
    quantity: int | float | None = Field(description="Quantity.", examples=[1])
    unit: str | None = Field(description="Unit.", examples=["Lần"])
    diagnosis_codes: list[str] = Field(description="ICD-10 codes it was ordered for.", examples=[["E11.9"]])
    ordered_at: AwareDatetime | None = Field(description="When ordered.", examples=[MOMENT])
    performed_at: AwareDatetime | None = Field(description="When performed.", examples=[MOMENT])
    resulted_at: AwareDatetime | None = Field(description="When the result came.", examples=[MOMENT])
    ordered_by: str | None = Field(description="Code of the doctor.", examples=["000001/TEST-CCHN"])
    performed_by: list[str] = Field(description="Codes of the performers.", examples=[["000002/TEST-CCHN"]])
    machine_code: str | None = Field(description="Machine used.", examples=[None])
    department_code: str | None = Field(description="Department.", examples=["K01"])
    amount: int | None = Field(description="Amount in VND.", examples=[22400])


class ResultOut(ResponseModel):
    """A laboratory or imaging result (XML4)."""

    service_code: str | None = Field(description="Code of the service.", examples=["23.0075.1494"])
    index_code: str | None = Field(description="Code of the index.", examples=["BK00001"])
    name: str | None = Field(description="Name of the index.", examples=["Glucose"])
    value: str | None = Field(description="Value as reported.", examples=["5.6"])
    unit: str | None = Field(description="Unit.", examples=["mmol/L"])
    description: str | None = Field(description="Description of an image.", examples=[None])
    conclusion: str | None = Field(description="The reader's conclusion.", examples=["Bình thường"])
    resulted_at: AwareDatetime | None = Field(description="When the result came.", examples=[MOMENT])
    read_by: str | None = Field(description="Code of the reader.", examples=["000002/TEST-CCHN"])


class NoteOut(ResponseModel):
    """A note on the course (XML5)."""

    noted_at: AwareDatetime | None = Field(description="When noted.", examples=[MOMENT])
    course: str | None = Field(description="Course.", examples=["Tỉnh, tiếp xúc tốt"])
    stage: str | None = Field(description="Stage of the disease.", examples=[None])
    consultation: str | None = Field(description="Consultation.", examples=[None])
    operation: str | None = Field(description="Operation.", examples=[None])
    written_by: list[str] = Field(description="Codes of the writers.", examples=[["000001/TEST-CCHN"]])


class PaperOut(ResponseModel):
    """A paper issued with the visit."""

    kind: str = Field(description="Kind of paper.", examples=["appointment_paper"])
    table: str = Field(description="Table that it came in.", examples=["XML14"])
    number: str | None = Field(description="Number of the paper.", examples=["GH1"])
    issued_on: date | None = Field(description="Legal day of issue.", examples=["2026-10-13"])
    fields: dict[str, Any] = Field(
        description="The paper's fields under their official names, without what identifies people.",
        examples=[{"NGAY_HEN_KL": MOMENT}],
    )


class CostsOut(ResponseModel):
    """What the visit cost, in whole VND."""

    total: int | None = Field(description="At hospital prices.", examples=[141580])
    insured: int | None = Field(description="Within insurance scope.", examples=[141580])
    insurance_paid: int | None = Field(description="Paid by the fund.", examples=[113264])
    co_payment: int | None = Field(description="Co-payment.", examples=[28316])
    patient_paid: int | None = Field(description="Outside the scope.", examples=[0])


class VisitOut(ResponseModel):
    """A visit with its lines, as one version of it was sent."""

    id: UUID = Field(description="Id of the visit.", examples=[EXAMPLE_ID])
    version: int = Field(description="1 for the first, counted up by each correction.", examples=[1])
    received_at: AwareDatetime = Field(description="When this version arrived.", examples=[MOMENT])
    facility_code: str = Field(description="Facility that sent it (MA_CSKCB).", examples=[FACILITY])
    facility_visit_code: str = Field(description="The facility's code (MA_LK).", examples=["LK000001"])
    patient_code: str | None = Field(description="The facility's code of the patient.", examples=["BN1"])
    record_number: str | None = Field(description="Medical-record number.", examples=["HSBA000001"])
    state: Literal["open", "closed"] = Field(description="`open`: checked in only.", examples=["closed"])
    standard: Literal["qd130", "qd4750", "qd3176", "fhir-r4"] = Field(
        description="Shape of the file that it came in.", examples=["qd3176"]
    )
    care_type: str | None = Field(description="Type of care (MA_LOAI_KCB).", examples=["01"])
    patient_category: str | None = Field(description="Category (MA_DOITUONG_KCB).", examples=["1.1"])
    department_code: str | None = Field(description="Department.", examples=["K02"])
    started_at: AwareDatetime = Field(description="Arrival.", examples=[MOMENT])
    admitted_at: AwareDatetime | None = Field(description="Admission.", examples=[None])
    ended_at: AwareDatetime | None = Field(description="End; null while open.", examples=[MOMENT])
    treatment_days: int | float | None = Field(description="Days of treatment.", examples=[0])
    reason: str | None = Field(description="Reason for attending.", examples=["Ho, sốt"])
    admission_diagnosis: str | None = Field(
        description="Diagnosis on arrival.", examples=["Theo dõi viêm phổi"]
    )
    diagnosis: DiagnosisOut | None = Field(description="Final diagnosis; null while open.")
    procedure_codes: list[str] = Field(description="ICD-9-CM codes.", examples=[[]])
    treatment: str | None = Field(description="Treatment.", examples=["Nội khoa"])
    outcome: str | None = Field(description="Outcome (KET_QUA_DTRI).", examples=["1"])
    discharge_type: str | None = Field(description="Type of discharge (MA_LOAI_RV).", examples=["1"])
    advice: str | None = Field(description="The doctor's advice.", examples=["Tái khám khi sốt"])
    transferred_from: str | None = Field(description="Facility that sent the patient.", examples=[None])
    transferred_to: str | None = Field(description="Facility the patient was sent to.", examples=[None])
    re_examination_on: list[date] = Field(description="Days of re-examination.", examples=[["2026-11-20"]])
    costs: CostsOut | None = Field(description="Costs; null while open.")
    prescriptions: list[PrescriptionOut] = Field(description="Drugs.")
    services: list[ServiceOut] = Field(description="Services and supplies.")
    results: list[ResultOut] = Field(description="Results.")
    notes: list[NoteOut] = Field(description="Notes.")
    papers: list[PaperOut] = Field(description="Papers.")
    unread: list[str] = Field(description="Kinds of files kept as sent but not read.", examples=[[]])
    has_withheld_sections: bool = Field(
        description="Whether sensitive sections are kept that this book does not show.", examples=[False]
    )


class AdministrativeOut(ResponseModel):
    """Who the citizen is, by the newest visit."""

    name: str | None = Field(description="Name as the facility wrote it.", examples=["NGUYỄN VĂN AN"])
    personal_id: str | None = Field(description="12-digit personal number.", examples=["001085000017"])
    other_paper: str | None = Field(description="Other paper, where there is no number.", examples=[None])
    born_on: str | None = Field(description="`YYYY-MM-DD`, or `YYYY`.", examples=["1985-03-12"])
    sex: Literal["male", "female", "unknown"] = Field(description="Sex.", examples=["male"])
    nationality_code: str | None = Field(description="Nationality.", examples=["000"])
    ethnic_group_code: str | None = Field(description="Ethnic group.", examples=["01"])
    occupation_code: str | None = Field(description="Occupation.", examples=["00000"])
    address: str | None = Field(description="Address.", examples=["Số 1 Phố Thử Nghiệm, Hà Nội"])
    province_code: str | None = Field(description="Province of residence.", examples=["01"])
    commune_code: str | None = Field(description="Commune of residence.", examples=["00004"])
    phone: str | None = Field(description="Phone.", examples=[None])
    blood_group: str | None = Field(description="Blood group.", examples=[None])
    insurance_cards: list[str] = Field(description="Insurance cards.", examples=[["DN4010000000001"]])
    registered_facility_codes: list[str] = Field(
        description="Facilities of first registration.", examples=[[FACILITY]]
    )
    insured_from: list[date] = Field(description="Cards valid from.", examples=[["2026-01-01"]])
    insured_until: list[date] = Field(description="Cards valid until, inclusive.", examples=[["2026-12-31"]])


class BookCountsOut(ResponseModel):
    """How much the book holds."""

    visits: int = Field(description="Visits.", examples=[12])


class ConditionOut(ResponseModel):
    """A disease that was a main diagnosis."""

    code: str = Field(description="ICD-10 code.", examples=["E11.9"])
    text: str | None = Field(description="As last written.", examples=["Đái tháo đường típ 2"])
    first_seen_at: AwareDatetime = Field(description="First visit with it.", examples=[MOMENT])
    last_seen_at: AwareDatetime = Field(description="Latest visit with it.", examples=[MOMENT])
    visit_count: int = Field(description="Visits with it.", examples=[3])
    latest_visit_id: UUID = Field(description="The latest of them.", examples=[EXAMPLE_ID])


class BookOut(ResponseModel):
    """The first page of the book."""

    citizen_id: UUID = Field(description="Whose book it is.", examples=[EXAMPLE_ID])
    administrative: AdministrativeOut | None = Field(description="Null while the book is empty.")
    counts: BookCountsOut = Field(description="How much the book holds.")
    latest_visits: list[VisitOverviewOut] = Field(description="The latest five visits, newest first.")
    conditions: list[ConditionOut] = Field(description="Main diagnoses, latest first.")
