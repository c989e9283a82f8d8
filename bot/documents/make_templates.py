"""Writes the packaged templates: `python -m bot.documents.make_templates`. Counties change copies in Word."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from bot.documents.official import Official
from bot.documents.summary_template import work_summary

FOLDER = Path(__file__).parent / "packaged"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same template is the same file


def agreement() -> Official:
    """未成年人保护法 art. 22 and 23; 国发〔2016〕13号: 委托监护责任确认书."""
    page = Official("委托照护协议", size=14, line=24)  # so that it is three pages, all signatures on the last
    page.title("委托照护协议")
    page.under("（农村留守儿童委托监护责任确认书）")
    page.right("编号：〔{{ year }}〕{{ number }}号")
    page.text(
        "根据《中华人民共和国未成年人保护法》第二十二条、第二十三条，委托人与受委托照护人经协商一致，"
        "在村（居）民委员会见证下签订本协议。"
    )
    page.heading("一、被照护的孩子")
    page.table(
        (26, 52, 26, 52),
        (
            ("姓名", "{{ child_name }}", "性别", "{{ child_sex }}"),
            ("出生日期", "{{ child_birth_date }}", "档案编号", "{{ child_code }}"),
            ("学校", "{{ child_school }}", "现居住地", "{{ child_place }}"),
        ),
        head=False,
    )
    page.heading("二、委托人（父母或者其他监护人）")
    page.table(
        (30, 30, 54, 42),
        (
            ("与孩子关系", "姓名", "务工地点", "联系电话"),
            ("{%tr for parent in parents %}", "", "", ""),
            ("{{ parent.relation }}", "{{ parent.name }}", "{{ parent.place }}", "{{ parent.phone }}"),
            ("{%tr endfor %}", "", "", ""),
        ),
    )
    page.heading("三、受委托照护人")
    page.table(
        (26, 52, 26, 52),
        (
            ("姓名", "{{ carer_name }}", "与孩子关系", "{{ carer_relation }}"),
            ("联系电话", "{{ carer_phone }}", "住址", "{{ carer_place }}"),
        ),
        head=False,
    )
    _terms(page)
    _duties(page)
    _signatures(page)
    return page


def _terms(page: Official) -> None:
    page.heading("四、原因和期限")
    page.text("委托照护的原因：{{ reason }}。")
    page.text("委托照护自{{ start }}起，至{{ end }}止。期满仍需要委托的，应当在期满前重新签订。")
    page.heading("五、孩子的意见")
    page.text("{{ child_opinion }}")


def _duties(page: Official) -> None:
    page.heading("六、委托人的责任")
    for number, duty in enumerate(_PARENTS, 1):
        page.text(f"{number}．{duty}")
    page.heading("七、受委托照护人的责任")
    for number, duty in enumerate(_CARER, 1):
        page.text(f"{number}．{duty}")
    page.heading("八、村（居）民委员会的责任")
    for number, duty in enumerate(_VILLAGE, 1):
        page.text(f"{number}．{duty}")
    page.heading("九、受委托照护人声明")
    page.text(
        "本人具有完全民事行为能力和照护能力，没有下列情形：曾实施性侵害、虐待、遗弃、拐卖、暴力伤害等违法犯罪行为；"
        "有吸毒、酗酒、赌博等恶习；曾拒不履行或者长期怠于履行监护、照护职责；其他不适宜担任被委托人的情形。"
    )
    page.heading("十、其他")
    page.text("紧急联系人：{{ emergency_name }}，电话：{{ emergency_phone }}。")
    page.text("签订方式：{{ way }}。")
    page.text(
        "本协议一式五份，委托人、受委托照护人、{{ village }}、{{ township }}、{{ school_copy }}各持一份，"
        "自签字之日起生效。委托照护不免除委托人依法应当承担的监护责任。"
    )


_PARENTS = (
    "承担孩子的生活、学习、医疗费用，按时交给受委托照护人；",
    "与孩子、受委托照护人至少每周联系和交流一次，了解孩子的生活、学习、心理情况；",
    "务工地点、电话有变化时，及时告诉受委托照护人和村（居）民委员会；",
    "接到孩子心理、行为异常或者生病、受伤的通知后，及时回来或者采取其他措施；",
    "将委托照护情况书面告知孩子的学校（幼儿园）和村（居）民委员会。",
)
_CARER = (
    "照顾好孩子的饮食起居，保障孩子的人身安全，生病受伤时及时送医；",
    "督促孩子按时上学，与学校保持联系，不让孩子失学辍学；",
    "尊重孩子，不打骂、不虐待、不遗弃，不让未满八周岁的孩子无人看护，不让未满十六周岁的孩子单独居住生活；",
    "发现孩子心理、行为异常或者受到侵害，立即告诉委托人和村（居）民委员会，受到侵害的同时报警；",
    "不能继续照护时，提前告诉委托人和村（居）民委员会，安排好以前不中断照护。",
)
_VILLAGE = (
    "指导签订本协议，由儿童主任定期走访，了解孩子的情况；",
    "发现委托人、受委托照护人不履行责任的，予以劝诫、制止，情况严重的及时报告乡镇人民政府和公安机关。",
)


def _signatures(page: Official) -> None:
    for party in ("委托人", "受委托照护人"):
        page.blank()
        page.text(f"{party}（签字、按手印）：", indent=0, keep=True)
        page.right("年    月    日", off=2, keep=True)
    page.control("{%p if witnesses %}")
    page.text("见证人：", indent=0, keep=True)
    page.table(
        (40, 56, 60),
        (
            ("姓名", "职务", "签字"),
            ("{%tr for witness in witnesses %}", "", ""),
            ("{{ witness.name }}", "{{ witness.duty }}", ""),
            ("{%tr endfor %}", "", ""),
        ),
    )
    page.control("{%p endif %}")
    page.blank()
    page.text("{{ village }}（盖章）：", indent=0, keep=True)
    page.right("年    月    日", off=2)


def dropout_report() -> Official:
    """The written report of 义务教育法 art. 13 and 国办发〔2017〕72号, to both addressees."""
    page = Official("劝返复学工作报告")
    page.right("〔{{ year }}〕{{ number }}号")
    page.blank()
    page.title("关于{{ child_name }}同学劝返复学", "工作情况的书面报告")
    page.blank()
    page.text("{{ to_education }}、{{ to_township }}：", indent=0)
    page.text(
        "{{ school }}{{ class_name }}学生{{ child_name }}（{{ child_sex }}，{{ child_birth_date }}出生，"
        "档案编号{{ child_code }}）自{{ left_on }}起没有到校，经{{ attempts|length }}次劝返仍未复学。"
        "根据《中华人民共和国义务教育法》第十三条、《中华人民共和国未成年人保护法》第二十八条，现将有关情况报告如下。"
    )
    page.heading("一、基本情况")
    page.text(
        "家庭住址：{{ child_place }}。监护人（受委托照护人）：{{ guardian_name }}"
        "（{{ guardian_relation }}），电话{{ guardian_phone }}。现在的去向：{{ whereabouts }}。"
    )
    page.heading("二、没有到校的原因")
    page.text("{{ reasons }}")
    page.heading("三、劝返情况")
    page.table(
        (8, 31, 26, 32, 35, 24),
        (
            ("次", "日期", "地点", "参加人员", "经过", "结果"),
            ("{%tr for attempt in attempts %}", "", "", "", "", ""),
            (
                "{{ loop.index }}", "{{ attempt.day }}", "{{ attempt.place }}", "{{ attempt.people }}",
                "{{ attempt.course }}", "{{ attempt.result }}",
            ),
            ("{%tr endfor %}", "", "", "", "", ""),
        ),
    )  # fmt: skip
    page.heading("四、监护人和学生的意见")
    page.text("监护人：{{ guardian_opinion }}")
    page.text("学生：{{ child_opinion }}")
    page.heading("五、请求")
    page.text("{{ request }}")
    page.text("特此报告。", keep=True)
    _signed(page)
    return page


def mandatory_report() -> Official:
    """侵害未成年人案件强制报告: facts and words; who reports is written by hand on another sheet."""
    page = Official("侵害未成年人案件强制报告表")
    page.right("〔{{ year }}〕{{ number }}号")
    page.title("侵害未成年人案件强制报告表")
    page.table(
        (34, 44, 30, 48),
        (
            ("姓名", "{{ child_name }}", "性别", "{{ child_sex }}"),
            ("出生日期", "{{ child_birth_date }}", "档案编号", "{{ child_code }}"),
            ("学校", "{{ child_school }}", "住址", "{{ child_place }}"),
            ("监护人", "{{ guardian_name }}（{{ guardian_relation }}）", "电话", "{{ guardian_phone }}"),
        ),
        head=False,
    )
    page.heading("一、情形")
    page.text("{{ situations }}")
    page.heading("二、发现的时间和地点")
    page.text("{{ found_on }}，{{ found_at }}")
    page.heading("三、看到的事实")
    page.text("{{ seen }}")
    page.heading("四、听到的原话")
    page.text("{{ heard }}")
    page.heading("五、可能与谁有关、伤情、现在是否安全")
    page.text("可能与{{ suspect }}有关。{{ injured }}。是否在安全的地方：{{ safe_now }}。")
    page.heading("六、保留的证据")
    page.text("{{ kept }}")
    page.heading("七、报警情况")
    page.text("{{ police }}。{{ receipt }}")
    page.heading("八、抄送")
    page.text("县级民政部门、教育行政部门、妇联、人民检察院（未成年人检察）。")
    page.text(
        "报告人的姓名和电话另页填写，依法保密（反家庭暴力法第十四条）。请不要反复询问孩子（未成年人保护法第一百一十二条）。"
    )
    _signed(page)
    return page


def letter() -> Official:
    """A letter to another department, with a table of what it needs and no more."""
    page = Official("转介函")
    page.right("〔{{ year }}〕{{ number }}号")
    page.blank()
    page.title("关于{{ subject }}的转介函")
    page.blank()
    page.text("{{ to }}：", indent=0)
    page.text("{{ text }}")
    page.control("{%p if fields %}")
    page.table(
        (50, 106),
        (
            ("项目", "内容"),
            ("{%tr for field in fields %}", ""),
            ("{{ field.label }}", "{{ field.value }}"),
            ("{%tr endfor %}", ""),
        ),
    )
    page.control("{%p endif %}")
    page.text("请贵单位{{ request }}，并于{{ reply_by }}前将办理情况告知我单位。", before=8)
    page.text("以上信息仅限办理本事项使用，请注意保护未成年人隐私。", keep=True)
    page.text("特此函告。", keep=True)
    _signed(page)
    return page


def _signed(page: Official) -> None:
    """With the lines before it: who signs never stands on a page alone."""
    page.text("联系人：{{ contact_name }}，电话：{{ contact_phone }}。", keep=True)
    page.blank(keep=True)
    page.right("{{ sender }}（盖章）", off=2, keep=True)
    page.right("{{ day }}", off=4)


MAKERS: dict[str, Callable[[], Official]] = {
    "agreement": agreement,
    "dropout_report": dropout_report,
    "mandatory_report": mandatory_report,
    "letter": letter,
    "work_summary": work_summary,
}


def made(name: str) -> bytes:
    """The template as a file; the same every time."""
    first = io.BytesIO()
    MAKERS[name]().file.save(first)
    out = io.BytesIO()
    with zipfile.ZipFile(first) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for part in sorted(package.namelist()):
            again.writestr(zipfile.ZipInfo(part, _LONG_AGO), package.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def main() -> None:
    """Write all."""
    FOLDER.mkdir(exist_ok=True)
    for name in MAKERS:
        (FOLDER / f"{name}.docx").write_bytes(made(name))


if __name__ == "__main__":
    main()
