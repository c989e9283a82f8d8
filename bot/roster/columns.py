"""The roster's sheets and columns: their names in both languages, and the words that cells may use."""

from typing import TypeVar

from bot.roster.column import Column, Sheet, folded
from bot.roster.fact_columns import COLUMNS as FACT_COLUMNS
from casework.policy_models import Policy
from casework.records import Employment, Role
from casework.roster import Level, Sex, Standing

C = TypeVar("C", bound=str)


AREAS = Sheet(
    name="areas",
    zh="区划",
    also=("区域", "地区", "area"),
    columns=(
        Column(key="code", zh="代码", also=("区划代码", "编码"), needed=True, width=16, example="331082001"),
        Column(key="name", zh="名称", also=("区划名称",), needed=True, width=22, example="新华村"),
        Column(key="level", zh="级别", also=("层级",), needed=True, width=10, example="村"),
        Column(
            key="parent", zh="上级代码", also=("上级", "上级区划"), needed=True, width=16, example="331082"
        ),
    ),
)

PEOPLE = Sheet(
    name="people",
    zh="人员",
    also=("工作人员", "person"),
    columns=(
        Column(key="code", zh="代码", also=("人员代码", "工号"), needed=True, width=12, example="W01"),
        Column(key="name", zh="姓名", needed=True, width=14, example="王秀英"),
        Column(key="role", zh="职务", also=("角色", "岗位"), needed=True, width=20, example="儿童主任"),
        Column(
            key="area", zh="所在区划", also=("区划", "区划代码"), needed=True, width=16, example="331082001"
        ),
        Column(key="phone", zh="电话", also=("手机", "联系电话"), width=16, example="13900000001"),
        Column(key="language", zh="语言", width=10, example="中文"),
        Column(key="deputy", zh="代理人", also=("代理人代码",), width=12, example="W02"),
        Column(key="status", zh="在岗情况", also=("状态",), width=12, example="离任", extra=True),
        Column(key="employment", zh="专兼职", also=("专职兼职",), width=10, example="兼职", extra=True),
        Column(key="started_on", zh="上任日期", also=("任职日期",), example="2024-03-01", extra=True),
        Column(key="ended_on", zh="离任日期", also=("离职日期",), example="2026-06-30", extra=True),
        Column(
            key="trainings",
            zh="培训",
            also=("培训记录",),
            width=30,
            example="2026-03-05 儿童保护",
            extra=True,
        ),
        Column(
            key="checked_on",
            zh="背景查询日期",
            also=("违法犯罪记录查询日期", "无犯罪记录查询日期"),
            example="2026-01-10",
            extra=True,
        ),
        Column(key="department", zh="部门", also=("所在部门", "单位"), width=16, example="公安"),
        Column(key="school", zh="学校", also=("所在学校",), width=24, example="清溪镇中心小学"),
    ),
)

CHILDREN = Sheet(
    name="children",
    zh="儿童",
    also=("孩子", "child"),
    columns=(
        Column(key="code", zh="编号", also=("代码", "档案号"), needed=True, width=12, example="3001"),
        Column(key="name", zh="姓名", also=("儿童姓名",), needed=True, width=14, example="张小雨"),
        Column(key="sex", zh="性别", needed=True, width=8, example="女"),
        Column(key="birth_date", zh="出生日期", also=("生日",), needed=True, width=14, example="2016-05-01"),
        Column(key="id_number", zh="身份证号", also=("身份证号码", "身份证"), width=22, example=""),
        Column(
            key="village", zh="所在村", also=("村", "村代码"), needed=True, width=16, example="331082001"
        ),
        Column(key="worker", zh="儿童主任", also=("负责人", "儿童主任代码"), width=12, example="W01"),
        Column(key="guardian", zh="照护人", also=("监护人", "家长"), width=14, example="刘桂芳"),
        Column(
            key="guardian_relation", zh="与儿童关系", also=("照护人关系", "关系"), width=12, example="奶奶"
        ),
        Column(
            key="guardian_phone", zh="照护人电话", also=("监护人电话", "家长电话"), width=16,
            example="13900001001",
        ),
        Column(key="risk", zh="风险等级", also=("风险", "等级"), needed=True, width=10, example="2"),
        Column(key="categories", zh="类别", also=("儿童类别",), width=24, example="农村留守儿童"),
        Column(key="school", zh="学校", also=("就读学校",), width=24, example="清溪镇中心小学"),
        Column(key="next_visit", zh="下次走访", also=("下次走访日期",), width=14, example="2026-12-01"),
        *FACT_COLUMNS,
    ),
)  # fmt: skip

SHEETS = (AREAS, PEOPLE, CHILDREN)

LEVELS: dict[Level, str] = {"county": "县", "township": "乡镇", "village": "村"}
_LEVELS_ALSO: dict[Level, tuple[str, ...]] = {
    "county": ("县级", "区", "县区", "县（市、区）", "市"),
    "township": ("镇", "乡", "街道", "乡级", "镇级", "乡镇级", "town"),
    "village": ("村级", "社区", "居委会", "村居", "村（居）", "community"),
}
SEXES: dict[Sex, str] = {"male": "男", "female": "女"}
_SEXES_ALSO: dict[Sex, tuple[str, ...]] = {"male": ("m", "boy", "男孩"), "female": ("f", "girl", "女孩")}
LANGUAGES = {"zh_Hans": "中文", "en": "English"}
_LANGUAGES_ALSO = {
    "zh_Hans": ("zh", "zh-hans", "zh-cn", "zh_cn", "chinese", "汉语", "简体中文"),
    "en": ("英文", "英语", "en-us"),
}
STANDINGS: dict[Standing, str] = {"here": "在岗", "left": "离任", "suspended": "停用"}
_STANDINGS_ALSO: dict[Standing, tuple[str, ...]] = {
    "here": ("在职", "正常", "active"),
    "left": ("离职", "已离任", "调离"),
    "suspended": ("暂停", "已停用"),
}
EMPLOYMENTS: dict[Employment, str] = {"full_time": "专职", "part_time": "兼职"}
_EMPLOYMENTS_ALSO: dict[Employment, tuple[str, ...]] = {
    "full_time": ("全职", "full-time", "full time", "yes", "是"),
    "part_time": ("part-time", "part time", "no", "否"),
}
CATEGORIES = {"left_behind": "农村留守儿童", "difficulty": "困境儿童"}
_CATEGORIES_ALSO = {
    "left_behind": ("留守儿童", "留守", "left-behind"),
    "difficulty": ("困境", "in difficulty"),
}
ROLE_LEVELS: dict[Role, tuple[Level, ...]] = {  # in which areas a role can be held
    "village_worker": ("village",),
    "township_officer": ("township",),
    "county_officer": ("county",),
    "department_contact": ("county", "township", "village"),  # as far as the policy has it for a department
    "guardian": ("village",),
    "auditor": ("county",),
}


def _table(labels: dict[C, str], also: dict[C, tuple[str, ...]]) -> dict[str, C]:
    spelt = {code: (str(code), zh, *also.get(code, ())) for code, zh in labels.items()}
    return {folded(word): code for code, words in spelt.items() for word in words}


LEVEL_WORDS = _table(LEVELS, _LEVELS_ALSO)
SEX_WORDS = _table(SEXES, _SEXES_ALSO)
STANDING_WORDS = _table(STANDINGS, _STANDINGS_ALSO)
EMPLOYMENT_WORDS = _table(EMPLOYMENTS, _EMPLOYMENTS_ALSO)
LANGUAGE_WORDS = _table(LANGUAGES, _LANGUAGES_ALSO)
CATEGORY_WORDS = _table(CATEGORIES, _CATEGORIES_ALSO)


def role_words(policy: Policy) -> dict[str, Role]:
    """Every word for a role: its code, and its labels in the county's policy."""
    found: dict[str, Role] = {folded(role): role for role in ROLE_LEVELS}
    for role, label in policy.roles.items():
        found |= {folded(label.zh_Hans): role, folded(label.en): role}
    return found


def role_labels(policy: Policy) -> dict[Role, str]:
    """What the county calls each role."""
    return {role: policy.roles[role].zh_Hans if role in policy.roles else role for role in ROLE_LEVELS}


def department_words(policy: Policy) -> dict[str, str]:
    """Every word for a department: its key, and its labels in the county's policy."""
    found = {folded(key): key for key in policy.departments}
    for key, label in policy.departments.items():
        found |= {folded(label.zh_Hans): key, folded(label.en): key}
    return found


def department_labels(policy: Policy) -> dict[str, str]:
    """What the county calls each department."""
    return {key: label.zh_Hans for key, label in policy.departments.items()}


def risk_labels(policy: Policy) -> dict[int, str]:
    """What the county calls each risk level."""
    return {level: plan.zh_Hans for level, plan in policy.visits.risks.items()}


def risk_words(policy: Policy) -> dict[str, int]:
    """Every word for a risk level: its number, and its labels in the county's policy."""
    found: dict[str, int] = {}
    for level, plan in policy.visits.risks.items():
        words: tuple[str, ...] = (
            str(level), f"{level}级", f"{level}.0", plan.zh_Hans, f"{plan.zh_Hans}色", plan.en,
        )  # fmt: skip
        found |= {folded(word): level for word in words}
    return found


def sheet_called(title: str) -> Sheet | None:
    """The sheet with that title in either language."""
    wanted = folded(title)
    return next((s for s in SHEETS if wanted in {folded(w) for w in (s.name, s.zh, *s.also)}), None)


def column_called(sheet: Sheet, header: str) -> Column | None:
    """The column with that header in either language; spaces, underscores and a star don't count."""
    wanted = folded(header.replace("_", "").replace("*", "").replace("＊", ""))
    for column in sheet.columns:
        if wanted in {folded(w.replace("_", "")) for w in (column.key, column.zh, *column.also)}:
            return column
    return None
