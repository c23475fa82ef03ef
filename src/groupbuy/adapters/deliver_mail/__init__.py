"""Files sent by mail through a server that takes them (SMTP, RFC 5321)."""

import hashlib
import re
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

from attrs import field, frozen

from groupbuy.application.ports.delivery import Letter
from groupbuy.domain.kernel import Invalid, Unavailable

__all__ = ["MailDelivery", "build"]

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,200}")
TIMEOUT_SECONDS = 20


@frozen
class MailDelivery:
    """Delivery by mail; may be shared by threads: each letter has a connection of its own."""

    host: str
    port: int
    security: str
    """starttls, tls or none."""
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    trust: ssl.SSLContext = field(factory=ssl.create_default_context, repr=False)

    def check(self, address: str) -> None:
        """Raise Invalid for what is no address, or while no server or sender is named."""
        if not _ADDRESS.fullmatch(address):
            raise Invalid(field="to", reason="is no mail address")
        if not self.host or not _ADDRESS.fullmatch(self.sender):
            raise Invalid(field="reports.smtp_host", reason="is needed")

    def deliver(self, tenant: str, letter: Letter) -> None:
        """Send a letter; its Message-ID is made from its key, so that a repeat is the same mail."""
        self.check(letter.to)
        message = self._message(tenant, letter)
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(what="mail server") from error

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_SECONDS, context=self.trust
            )
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.security == "starttls":
            try:
                server.starttls(context=self.trust)
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, tenant: str, letter: Letter) -> EmailMessage:
        digest = hashlib.sha256(f"{tenant}/{letter.key}".encode()).hexdigest()[:40]
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"] = self.sender, letter.to
        message["Subject"] = " ".join(letter.subject.split())
        message["Message-ID"] = f"<{digest}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        kind, _, minor = letter.file.media_type.partition(";")[0].partition("/")
        message.add_attachment(
            letter.file.content, maintype=kind, subtype=minor, filename=letter.file.name
        )
        return message


def build(settings: Mapping[str, str]) -> MailDelivery:
    """Build from `host`, `port`, `security`, `user`, `password`, `sender`."""
    return MailDelivery(
        host=settings.get("host", ""),
        port=int(settings.get("port", "587")),
        security=settings.get("security", "starttls"),
        sender=settings.get("sender", ""),
        user=settings.get("user", ""),
        password=settings.get("password", ""),
    )
