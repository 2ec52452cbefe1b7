"""HL7 v2 messages in the shapes that NHS integration engines send; every patient is made up."""

from datetime import datetime, timedelta

_START = datetime(2026, 3, 1, 9)  # noqa: DTZ001 (UK local time, as engines write it)


def moment(hours: float = 0) -> str:
    return (_START + timedelta(hours=hours)).strftime("%Y%m%d%H%M")


def msh(kind: str, control_id: str, charset: str = "UNICODE UTF-8") -> str:
    code, trigger = kind.split("^")
    return f"MSH|^~\\&|PAS|RXX|CODER|RXX|{moment()}||{code}^{trigger}|{control_id}|P|2.4||||||{charset}"


def pid(local: str = "H1", sex: str = "2") -> str:
    numbers = f"{local}^^^RXX^PI~9434765919^^^NHS^NH"
    return f"PID|1||{numbers}||HOLLOWAY^EDITH^^^MRS||19410309|{sex}"


def pv1(visit: str = "V1", *, consultant: str = "C1234567", function: str = "300", ended: str = "") -> str:
    fields = [""] * 46
    fields[0], fields[1], fields[2], fields[3] = "PV1", "1", "I", "RXX^WARD4^BED2^RXX01"
    fields[4], fields[9], fields[10], fields[19] = "21", f"{consultant}^Okafor^Ada", function, visit
    fields[44], fields[45] = moment(), ended
    return "|".join(fields)


def adt(trigger: str, control_id: str, *segments: str, hours: float = 0) -> bytes:
    lines = [msh(f"ADT^{trigger}", control_id), f"EVN||{moment(hours)}", *segments]
    return ("\r".join(lines) + "\r").encode()


def mdm(control_id: str, *text: str, trigger: str = "T02", document: str = "D1", txa_more: str = "") -> bytes:
    txa = f"TXA|1|DS^Discharge summary|TX|{moment(70)}|||||C1234567^Okafor^Ada|||{document}|{txa_more}||||AU"
    lines = [msh(f"MDM^{trigger}", control_id), pid(), pv1(), txa]
    lines += [f"OBX|{place}|TX|1^Text||{line}" for place, line in enumerate(text, 1)]
    return ("\r".join(lines) + "\r").encode()
