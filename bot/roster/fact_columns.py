"""The further columns of the sheet of children: what offices' own forms ask of a child and its family.

Each may be missing, and so may its cells: they leave the file as it is. 未采集 (not collected) is a value.
"""

from collections.abc import Mapping

from bot.roster.column import Column, folded
from bot.roster.faults import Either
from casework.facts import FACTS, UNKNOWN, Fact

NOT_COLLECTED = Either(zh="未采集", en="not collected")
# By list, what each value is called in the workbook: first as we write it, then other spellings in use.
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "hukou": {"yes": ("是", "已登记", "有"), "no": ("否", "未登记", "无")},
    "hukou_nature": {
        "rural": ("农村居民", "农村", "农业", "农业户口"),
        "urban": ("城镇居民", "城镇", "非农业", "居民"),
        "other": ("其他", "无户口"),
    },
    "state": {
        "away": ("外出", "在外", "务工", "外出务工"),
        "home": ("在家",),
        "dead": ("死亡", "去世", "已故"),
        "missing": ("失联", "失踪", "联系不上"),
        "confined": ("服刑或限制自由", "服刑", "服刑在押", "戒毒", "强制隔离戒毒", "限制自由"),
        "barred": ("撤销资格或遣送出境", "撤销监护资格", "遣送出境"),
    },
    "able": {"yes": ("有", "有监护能力", "是"), "no": ("无", "无监护能力", "否")},
    "why": {
        "disabled": ("重残", "重度残疾", "残疾"),
        "ill": ("重病",),
        "old": ("年老体弱",),
        "other": ("其他",),
    },
    "half_year": {"yes": ("是", "满"), "no": ("否", "不满")},
    "carer": {
        "parent": ("父母", "父亲", "母亲", "爸爸", "妈妈"),
        "grandmother": ("奶奶", "祖母"),
        "grandfather": ("爷爷", "祖父"),
        "grandmother_m": ("外婆", "外祖母", "姥姥"),
        "grandfather_m": ("外公", "外祖父", "姥爷"),
        "relative": ("其他亲戚", "亲戚"),
        "other": ("其他人", "其他"),
        "nobody": ("无人照看", "无委托照料人", "无"),
    },
    "guardianship": {"good": ("较好", "好"), "fair": ("一般",), "poor": ("差", "较差")},
    "stage": {
        "none": ("学龄前", "未入园", "未上学"),
        "nursery": ("幼儿园",),
        "primary": ("小学",),
        "middle": ("初中",),
        "high": ("高中、中职", "高中", "中职", "中专"),
        "out": ("应上学未上", "辍学", "失学", "不在学"),
    },
    "boarding": {"yes": ("寄宿", "是", "住校"), "no": ("非寄宿", "否", "不住校")},
    "health": {
        "healthy": ("健康",),
        "weak": ("一般或较弱", "一般", "较弱"),
        "ill": ("重病",),
        "chronic": ("慢性病",),
        "disabled": ("残疾",),
    },
    "relief": {
        "registered_poor": ("建档立卡",),
        "dibao": ("低保",),
        "extreme": ("特困", "特困供养"),
        "temporary": ("临时救助",),
        "medical": ("医疗救助",),
        "housing": ("住房救助",),
        "disability_living": ("残疾人生活补助",),
        "disability_care": ("残疾人护理补助",),
        "orphan": ("孤儿津贴", "孤儿或事实无人抚养补助"),
        "other": ("其他救助", "其他"),
        "none": ("无", "没有"),
    },
}


def _column(key: str, zh: str, *also: str, example: str = "", width: int = 14) -> Column:
    return Column(key=key, zh=zh, also=also, width=width, example=example, extra=True)


def _of_parent(who: str, zh: str) -> tuple[Column, ...]:
    return (
        _column(f"{who}_name", f"{zh}姓名", width=14, example="张大山"),
        _column(who, f"{zh}状况", f"{zh}状态", example="外出"),
        _column(f"{who}_able", f"{zh}监护能力", example="无"),
        _column(f"{who}_why", f"{zh}无监护能力原因", example="重病", width=18),
        _column(f"{who}_half_year", f"{zh}状况满六个月", example="是", width=16),
        _column(f"{who}_phone", f"{zh}电话", f"{zh}联系电话", example="13700000007", width=16),
    )


COLUMNS: tuple[Column, ...] = (
    _column("hukou", "是否登记户口", "户口登记", example="是"),
    _column("hukou_nature", "户籍性质", "户口性质", example="农村居民"),
    _column("health", "健康状况", "身体情况", "身体状况", example="健康"),
    _column("stage", "就学情况", "学业状况", example="小学"),
    _column("boarding", "是否学校寄宿", "是否寄宿", "寄宿", example="寄宿"),
    *_of_parent("father", "父亲"),
    *_of_parent("mother", "母亲"),
    _column("carer", "实际照料人", "实际监护", "谁在照看", example="奶奶"),
    _column("guardianship", "监护情况", "监护情况评估", example="较好"),
    _column("relief", "救助措施", "救助帮扶", example="低保；医疗救助", width=24),
)
FACTS_BY_COLUMN: Mapping[str, Fact] = {column.key: FACTS[column.key] for column in COLUMNS}
NOT_COLLECTED_WORDS = {
    folded(word) for word in (NOT_COLLECTED.zh, NOT_COLLECTED.en, "不清楚", "不详", UNKNOWN)
}
LABELS = {name: {value: labels[0] for value, labels in values.items()} for name, values in CHOICES.items()}
WORDS = {
    name: {folded(word): value for value, labels in values.items() for word in (value, *labels)}
    for name, values in CHOICES.items()
}


def label_of(fact: Fact, value: str, *, english: bool) -> str:
    """How a value is written into the workbook; what nobody knows is 未采集."""
    known = set(value.split() if fact.kind == "several" else [value]) - {"", UNKNOWN}
    if not known:
        return NOT_COLLECTED.en if english else NOT_COLLECTED.zh
    if not fact.choices:
        return value
    labels = LABELS[fact.choices]
    return ("; " if english else "；").join(
        one if english else labels.get(one, one) for one in value.split() if one in known
    )
