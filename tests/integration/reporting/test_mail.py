"""Reports sent by mail, tried against a mail server."""

import email
import socket
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from attrs import evolve

from groupbuy.adapters.deliver_mail import build
from groupbuy.application.ports.delivery import Attachment, Letter
from groupbuy.domain.kernel import Invalid, Unavailable
from groupbuy.entrypoints.bootstrap import outside_of
from groupbuy.entrypoints.settings import load

LETTER = Letter(
    "report/rps_1/2026", "ops@example.com", "每日销售 2026\r\nBcc: x@example.com", "正文", None
)
LETTER = evolve(
    LETTER, file=Attachment("销售.csv", "text/csv; charset=utf-8", "\ufeff日期".encode())
)


class Box:
    """Takes every mail, or refuses them all."""

    def __init__(self):
        self.mails, self.refuse = [], False

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  the server's name
        if self.refuse:
            return "452 come back later"
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def server(box):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


def mail(port, **more):
    said = {
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "sender": "shop@example.com",
    }
    return build({**said, **more})


def test_a_report_arrives_with_its_file_and_nothing_slips_into_the_head(server, box):
    way = mail(server)
    way.deliver("main", LETTER)
    way.deliver("main", LETTER)
    first, second = (email.message_from_bytes(m.content, policy=default) for m in box.mails)
    assert box.mails[0].rcpt_tos == ["ops@example.com"]
    assert first["Subject"] == "每日销售 2026 Bcc: x@example.com"
    assert first["Bcc"] is None
    assert first.get_body().get_content().strip() == "正文"
    (part,) = first.iter_attachments()
    assert part.get_filename() == "销售.csv"
    assert part.get_payload(decode=True).decode() == "\ufeff日期"
    assert first["Message-ID"] == second["Message-ID"]
    way.deliver("other", LETTER)
    other = email.message_from_bytes(box.mails[2].content, policy=default)
    assert other["Message-ID"] != first["Message-ID"]


def test_a_server_that_refuses_is_gone_or_speaks_no_tls_is_tried_again(server, box):
    box.refuse = True
    with pytest.raises(Unavailable):
        mail(server).deliver("main", LETTER)
    with pytest.raises(Unavailable):
        mail(server, security="starttls").deliver("main", LETTER)
    with pytest.raises(Unavailable):
        mail(server, user="a", password="b").deliver("main", LETTER)
    with pytest.raises(Unavailable):
        mail(1).deliver("main", LETTER)
    assert box.mails == []


@pytest.mark.parametrize("address", ["", "x", "a@b\n", "a b@c", "a@b,c@d", "<a@b>"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(Invalid):
        mail(25).check(address)


def test_mail_needs_a_server_and_a_sender():
    for missing in ({"host": ""}, {"sender": ""}):
        with pytest.raises(Invalid):
            mail(25, **missing).check("a@example.com")


def test_settings_name_the_ways_out(tmp_path):
    given = {"deliveries": "folder, mail", "folder": str(tmp_path), "smtp_host": "127.0.0.1"}
    settings = load(overrides={"reports": {**given, "smtp_sender": "shop@example.com"}})
    outside = outside_of(settings, None, SimpleDatabase())
    assert sorted(outside.deliveries) == ["folder", "mail"]
    outside.deliveries["mail"].check("ops@example.com")


class SimpleDatabase:
    """Enough of one for the inbox."""

    begin = None
