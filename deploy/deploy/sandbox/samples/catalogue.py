"""Drugs, services and indices that the stories order: codes of the catalogues' form, plausible prices."""

from deploy.sandbox.samples.visit import Drug, Result, Service

EXAMINATION = Service(13, "02.1896", "Khám Nội", 39_800)
CHILD_EXAMINATION = Service(13, "03.1897", "Khám Nhi", 39_800)
BLOOD_COUNT_RESULTS = (
    Result("HH00001", "Số lượng hồng cầu", "4.8", "T/L"),
    Result("HH00002", "Huyết sắc tố", "142", "g/L"),
    Result("HH00003", "Số lượng bạch cầu", "7.1", "G/L"),
    Result("HH00004", "Số lượng tiểu cầu", "245", "G/L"),
)


def glucose(value: str) -> Service:
    result = Result("SH00010", "Glucose máu lúc đói", value, "mmol/L")
    return Service(1, "23.0075.1494", "Định lượng Glucose [Máu]", 22_400, (result,))


def hba1c(value: str) -> Service:
    return Service(
        1, "23.0083.1523", "Định lượng HbA1c [Máu]", 105_300, (Result("SH00011", "HbA1c", value, "%"),)
    )


def creatinine(value: str) -> Service:
    result = Result("SH00020", "Creatinin máu", value, "µmol/L")
    return Service(1, "23.0051.1494", "Định lượng Creatinin (máu)", 22_400, (result,))


def blood_count(results: tuple[Result, ...] = BLOOD_COUNT_RESULTS) -> Service:
    return Service(1, "22.0120.1370", "Tổng phân tích tế bào máu ngoại vi", 49_700, results)


def electrocardiogram(conclusion: str) -> Service:
    result = Result("TD00001", "Điện tim thường", description="Nhịp xoang đều", conclusion=conclusion)
    return Service(3, "02.0085.1778", "Điện tim thường", 39_900, (result,))


def chest_image(description: str, conclusion: str) -> Service:
    result = Result("XQ00001", "X quang ngực thẳng", description=description, conclusion=conclusion)
    return Service(2, "18.0119.0028", "Chụp X quang ngực thẳng", 68_300, (result,))


def bed(days: int) -> Service:
    return Service(
        15, "K18.1912", "Giường Nội khoa loại 1 Hạng II - Khoa Nhi", 212_600, quantity=days, bed="H003"
    )


AMLODIPINE = Drug("40.491", "Amlodipin", "5mg", "1 viên/lần * 1 lần/ngày * 28 ngày", 28, 620)
METFORMIN = Drug("40.807", "Metformin", "850mg", "1 viên/lần * 2 lần/ngày * 28 ngày", 56, 540)
ATORVASTATIN = Drug("40.549", "Atorvastatin", "20mg", "1 viên/lần * 1 lần/ngày * 28 ngày", 28, 890)
PARACETAMOL = Drug("40.48", "Paracetamol", "500mg", "1 viên/lần * 3 lần/ngày * 5 ngày", 15, 480)
PARACETAMOL_CHILD = Drug(
    "40.48", "Paracetamol", "250mg", "1 gói/lần * 3 lần/ngày * 3 ngày", 9, 1_350, unit="Gói"
)
AMOXICILLIN = Drug("40.154", "Amoxicilin", "500mg", "1 viên/lần * 2 lần/ngày * 7 ngày", 14, 1_250)
CEFTRIAXONE = Drug(
    "40.179", "Ceftriaxon", "1g", "1 lọ/lần * 1 lần/ngày * 4 ngày", 4, 11_500, unit="Lọ", route="2.15"
)
OMEPRAZOLE = Drug("40.678", "Omeprazol", "20mg", "1 viên/lần * 1 lần/ngày * 14 ngày", 14, 720)
GLUCOSAMINE = Drug("40.64", "Glucosamin", "500mg", "1 viên/lần * 3 lần/ngày * 30 ngày", 90, 1_100)
