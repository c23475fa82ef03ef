"""Bodies and answers about pushes, and about who wants to hear of offers."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from groupbuy.application.segments import NewPush, PushPreview, PushReport
from groupbuy.domain.kernel import Money
from groupbuy.domain.segments import (
    BODY_AT_MOST,
    TITLE_AT_MOST,
    Push,
    PushConsent,
    PushState,
    PushText,
)
from groupbuy.entrypoints.http.amounts import Amount, IdText, amount

TitleText = Annotated[str, Meta(min_length=1, max_length=TITLE_AT_MOST)]
BodyText = Annotated[str, Meta(min_length=1, max_length=BODY_AT_MOST)]


class PushIn(msgspec.Struct, forbid_unknown_fields=True):
    """What is written to whom; `{subject}` and `{merchant}` are filled in."""

    segment_id: IdText
    subject: IdText
    """A campaign or a product."""
    title: TitleText
    body: BodyText
    title_en: TitleText
    body_en: BodyText

    def push(self) -> NewPush:
        """Return it as the use case takes it. Raises Invalid naming the field."""
        text = PushText(self.title, self.body, self.title_en, self.body_en)
        return NewPush(self.segment_id, self.subject, text)


class PushSendIn(msgspec.Struct, forbid_unknown_fields=True):
    """What was previewed."""

    digest: Annotated[str, Meta(min_length=12, max_length=64)]


class PushOut(msgspec.Struct, frozen=True, kw_only=True):
    """A push as it is kept."""

    id: str
    merchant_id: str
    segment_id: str
    subject: str
    title: str
    body: str
    title_en: str
    body_en: str
    state: PushState
    created_at: datetime
    sent_at: datetime | None


class PushPreviewOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it would reach at this moment."""

    push: PushOut
    members: int
    by_hearing: dict[str, int]
    """How many it would reach (`sent`), and how many not, by why."""
    digest: str
    """Sending asks for it, or for its first twelve letters."""


class PushReportOut(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    push: PushOut
    by_hearing: dict[str, int]
    opened: int
    joined: int
    sales: Amount


class PushConsentIn(msgspec.Struct, forbid_unknown_fields=True):
    """Where one wants to hear of offers; nowhere with an empty list."""

    channels: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=10)]


class PushConsentOut(msgspec.Struct, frozen=True):
    """Where one wants to hear of offers."""

    channels: list[str]


class UnsubscribeIn(msgspec.Struct, forbid_unknown_fields=True):
    """What came with a message."""

    token: Annotated[str, Meta(min_length=1, max_length=120)]


def push_out(push: Push) -> PushOut:
    """Render a push."""
    return PushOut(
        id=push.id,
        merchant_id=push.merchant_id,
        segment_id=push.segment_id,
        subject=push.subject,
        title=push.title,
        body=push.body,
        title_en=push.title_en,
        body_en=push.body_en,
        state=push.state,
        created_at=push.created_at,
        sent_at=push.sent_at,
    )


def push_preview_out(found: PushPreview) -> PushPreviewOut:
    """Render a preview."""
    return PushPreviewOut(
        push=push_out(found.push),
        members=found.members,
        by_hearing=dict(found.by_hearing),
        digest=found.digest,
    )


def push_report_out(found: PushReport, currency: str) -> PushReportOut:
    """Render a report."""
    return PushReportOut(
        push=push_out(found.push),
        by_hearing=dict(found.by_hearing),
        opened=found.opened,
        joined=found.joined,
        sales=amount(Money(found.sales, currency)),
    )


def push_consent_out(found: PushConsent) -> PushConsentOut:
    """Render a consent."""
    return PushConsentOut(sorted(found.channels))
