"""Bank statements by standard, turned to the company's books: money coming in is a debit."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from importers import Balance, Failure, LedgerLine, Line, Source, inspect, read

OFX = b"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>MXN
<BANKACCTFROM><BANKID>012<ACCTID>0123456789<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST>
<STMTTRN>
<TRNTYPE>CREDIT
<DTPOSTED>20260105120000[-6:CST]
<TRNAMT>11600.00
<FITID>0001
<NAME>DEP\xd3SITO SE\xd1OR N\xda\xd1EZ
</STMTTRN>
<STMTTRN>
  <TRNTYPE>DEBIT<DTPOSTED>20260115<TRNAMT>-5800.50<FITID>0002<CHECKNUM>000077<NAME>CHEQUE</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>255799.50<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS>
  </BANKMSGSRSV1>
</OFX>
"""
OFX2 = b"""<?xml version="1.0" encoding="UTF-8"?>
<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>COP</CURDEF><BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20260105</DTPOSTED><TRNAMT>11600.00</TRNAMT>
  <FITID>1</FITID><NAME>DEP\xc3\x93SITO SE\xc3\x91OR N\xc3\x9a\xc3\x91EZ</NAME></STMTTRN>
<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260115</DTPOSTED><TRNAMT>-5800.50</TRNAMT>
  <FITID>2</FITID></STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
MT940 = """:20:STARTUMS
:25:102010010/0001
:28C:1/1
:60F:C260101MXN250000,00
:61:2601050105C11600,00NTRFSPEI 000123//B1
:86:DEPOSITO BBVA CLIENTE
EJEMPLO
:61:2601150115D5800,50NCHK0001
:86:CHEQUE
:62F:C260131MXN255799,50
-
"""
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>CO123</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="COP">250000.00</Amt>
  <CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="COP">255799.50</Amt>
  <CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="COP">11600.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-05</Dt></BookgDt>
  <NtryDtls><TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><RmtInf>
  <Ustrd>Depósito señor Núñez</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="COP">5800.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-01-15</Dt>
  </BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""
FILES = {"ofx": OFX, "ofx2": OFX2, "mt940": MT940.encode(), "camt": CAMT.encode()}
PROFILES = {"ofx": "bank-ofx", "ofx2": "bank-ofx", "mt940": "bank-mt940", "camt": "bank-camt053-02"}


@pytest.mark.parametrize("name", FILES)
def test_two_movements_to_the_cent_and_every_line_kept(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_bytes(FILES[name])
    assert inspect(path).profile == PROFILES[name]
    found = list(read(Source.open(path)))
    lines = [item for item in found if isinstance(item, LedgerLine)]
    assert [(str(line.date), line.debit, line.credit) for line in lines] == [
        ("2026-01-05", Decimal("11600.00"), Decimal("0.00")),
        ("2026-01-15", Decimal("0.00"), Decimal("5800.50")),
    ]
    assert sum(item.length for item in found if isinstance(item, Line)) == len(FILES[name])
    assert not [item for item in found if isinstance(item, Failure)]
    texts = {line.number: line.text for line in found if isinstance(line, Line)}
    assert all(
        any(mark in texts[line.line] for mark in ("STMTTRN", ":61:", "<Ntry>")) for line in lines
    )


def test_accents_references_and_accounts_survive() -> None:
    ofx = [item for item in read(Source.of("b.ofx", OFX)) if isinstance(item, LedgerLine)]
    assert (ofx[0].description, ofx[0].account, ofx[1].reference) == (
        "DEPÓSITO SEÑOR NÚÑEZ",
        "0123456789",
        "000077",
    )
    mt940 = [
        item for item in read(Source.of("b.sta", MT940.encode())) if isinstance(item, LedgerLine)
    ]
    assert (mt940[0].reference, mt940[0].account) == ("SPEI 000123", "102010010/0001")
    camt = [
        item for item in read(Source.of("b.xml", CAMT.encode())) if isinstance(item, LedgerLine)
    ]
    assert (camt[0].reference, camt[0].description, camt[0].account) == (
        "E-1",
        "Depósito señor Núñez",
        "CO123",
    )


@pytest.mark.parametrize(
    ("name", "opening"),
    [("mt940", Decimal("250000.00")), ("camt", Decimal("250000.00")), ("ofx", None)],
)
def test_the_statements_own_balances(name: str, opening: Decimal | None) -> None:
    (balance,) = [item for item in read(Source.of("b", FILES[name])) if isinstance(item, Balance)]
    assert (balance.opening, balance.closing) == (opening, Decimal("255799.50"))


@pytest.mark.parametrize("name", FILES)
def test_a_cut_statement_is_no_crash(name: str) -> None:
    for cut in range(100, len(FILES[name]), 97):
        list(read(Source.of("b", FILES[name][:cut])))


SECOND_ACCOUNT = (
    MT940.replace("0001\n:28C", "0002\n:28C")
    .replace("250000,00", "100,00")
    .replace("255799,50", "5899,50")
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mt940", MT940 + SECOND_ACCOUNT),
        (
            "camt",
            CAMT.replace(
                "</Stmt>",
                "</Stmt>"
                + CAMT[CAMT.index("<Stmt>") : CAMT.index("</BkTo")].replace("CO123", "CO456"),
            ),
        ),
        (
            "ofx2",
            OFX2.decode()
            .replace("<CURDEF>", "<BANKACCTFROM><ACCTID>1</ACCTID></BANKACCTFROM><CURDEF>")
            .replace(
                "</STMTRS></STMTTRNRS>",
                "</STMTRS></STMTTRNRS><STMTTRNRS><STMTRS><BANKACCTFROM><ACCTID>2</ACCTID></BANKACCTFROM>"
                "<BANKTRANLIST><STMTTRN><DTPOSTED>20260120</DTPOSTED><TRNAMT>1.00</TRNAMT></STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS>",
            ),
        ),
    ],
    ids=["mt940", "camt", "ofx"],
)
def test_several_accounts_in_one_file_stay_apart(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_text(text)
    found = list(read(Source.open(path)))
    assert len({item.account for item in found if isinstance(item, LedgerLine)}) == 2
    if name != "ofx2":
        balances = [item for item in found if isinstance(item, Balance)]
        assert len({item.account for item in balances}) == 2
        assert next(balance.opening for balance in balances) == Decimal("250000.00")


def test_a_pending_entry_is_told_and_not_used(tmp_path: Path) -> None:
    path = tmp_path / "camt.xml"
    path.write_text(
        CAMT.replace("<BookgDt><Dt>2026-01-15", "<Sts>PDNG</Sts><BookgDt><Dt>2026-01-15")
    )
    found = list(read(Source.open(path)))
    assert len([item for item in found if isinstance(item, LedgerLine)]) == 1
    codes = [item.code for item in found if hasattr(item, "code")]
    assert codes == ["pending-entry", "closing-differs"], "the balance had it booked"
