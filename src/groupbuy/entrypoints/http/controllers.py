"""Every controller of the web API, in the order of its description."""

from litestar import Controller

from groupbuy.entrypoints.http.accounts import AccountController, LoginController
from groupbuy.entrypoints.http.after_sales import AFTER_SALES
from groupbuy.entrypoints.http.callbacks import Callbacks
from groupbuy.entrypoints.http.campaigns import LeaderCampaigns, MerchantCampaigns
from groupbuy.entrypoints.http.carriers import CarrierNames
from groupbuy.entrypoints.http.catalogue import CATALOGUE
from groupbuy.entrypoints.http.commission import (
    LeaderCommission,
    LedgerDesk,
    SettlementDesk,
    WithdrawalDesk,
)
from groupbuy.entrypoints.http.counts import GroupCounts
from groupbuy.entrypoints.http.coupons import COUPONS
from groupbuy.entrypoints.http.customers import BarController, CustomerController, LevelController
from groupbuy.entrypoints.http.discovery import DISCOVERY
from groupbuy.entrypoints.http.feedback import FEEDBACK
from groupbuy.entrypoints.http.invitations import INVITATIONS
from groupbuy.entrypoints.http.invoices import BuyerInvoices, MerchantInvoices
from groupbuy.entrypoints.http.leaders import LeaderController, PickupController
from groupbuy.entrypoints.http.merchant_money import MerchantMoney
from groupbuy.entrypoints.http.merchant_orders import LeaderOrders, MerchantOrders
from groupbuy.entrypoints.http.merchant_payouts import MerchantPayoutDesk
from groupbuy.entrypoints.http.moderation import ModerationDesk
from groupbuy.entrypoints.http.operators import (
    LeaderDesk,
    MerchantDesk,
    PeopleDesk,
    StaffController,
)
from groupbuy.entrypoints.http.order_desk import ApprovalDesk, FilterDesk, OrderDesk
from groupbuy.entrypoints.http.orders import ShopOrders
from groupbuy.entrypoints.http.parcel_troubles import ParcelTroubles
from groupbuy.entrypoints.http.pickups import PickupDesk, Pickups
from groupbuy.entrypoints.http.pictures import PicturesController
from groupbuy.entrypoints.http.points import POINTS
from groupbuy.entrypoints.http.progress import ProgressController
from groupbuy.entrypoints.http.promotions import PromotionKinds
from groupbuy.entrypoints.http.pushes import PUSHES
from groupbuy.entrypoints.http.questions import QUESTIONS
from groupbuy.entrypoints.http.rates import CampaignRatesDesk, LeaderLadder, RatesDesk
from groupbuy.entrypoints.http.reconciling import ReconciliationDesk
from groupbuy.entrypoints.http.refunds import RefundDesk
from groupbuy.entrypoints.http.reports import LeaderReports, MerchantReports, ReportDesk
from groupbuy.entrypoints.http.reviews import REVIEWS
from groupbuy.entrypoints.http.search import SEARCH
from groupbuy.entrypoints.http.segments import SEGMENTS
from groupbuy.entrypoints.http.series import SERIES
from groupbuy.entrypoints.http.sharing import SHARING
from groupbuy.entrypoints.http.sheets import CampaignSheets
from groupbuy.entrypoints.http.shipments import Shipments
from groupbuy.entrypoints.http.shop_campaigns import ShopCampaigns
from groupbuy.entrypoints.http.statements import DisputeDesk, LeaderDisputes
from groupbuy.entrypoints.http.timeline import Timelines

CONTROLLERS: tuple[type[Controller], ...] = (
    LoginController,
    AccountController,
    BarController,
    CustomerController,
    LevelController,
    PromotionKinds,
    *COUPONS,
    ShopCampaigns,
    ShopOrders,
    ProgressController,
    GroupCounts,
    LeaderController,
    PickupController,
    LeaderCampaigns,
    LeaderOrders,
    StaffController,
    MerchantCampaigns,
    *SERIES,
    MerchantOrders,
    Shipments,
    FilterDesk,
    OrderDesk,
    ApprovalDesk,
    ParcelTroubles,
    CampaignSheets,
    Timelines,
    Pickups,
    PickupDesk,
    LeaderDesk,
    MerchantDesk,
    PeopleDesk,
    Callbacks,
    CarrierNames,
    *CATALOGUE,
    PicturesController,
    *SEARCH,
    *DISCOVERY,
    *SEGMENTS,
    *PUSHES,
    *SHARING,
    *POINTS,
    *INVITATIONS,
    LeaderCommission,
    LeaderDisputes,
    LeaderLadder,
    RatesDesk,
    CampaignRatesDesk,
    SettlementDesk,
    DisputeDesk,
    WithdrawalDesk,
    LedgerDesk,
    RefundDesk,
    ReconciliationDesk,
    MerchantMoney,
    MerchantPayoutDesk,
    BuyerInvoices,
    MerchantInvoices,
    *AFTER_SALES,
    *REVIEWS,
    *QUESTIONS,
    ModerationDesk,
    *FEEDBACK,
    LeaderReports,
    MerchantReports,
    ReportDesk,
)
