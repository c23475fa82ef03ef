"""What a shop does about orders between the group and the door. Import from here."""

from groupbuy.application.logistics.approving import (
    approval_rules,
    approve_known,
    set_approval_rules,
)
from groupbuy.application.logistics.desk import (
    Remark,
    add_remark,
    my_filters,
    narrowed,
    put_filter,
    readdress,
    readdress_own,
    remarks,
    remove_filter,
)
from groupbuy.application.logistics.sheets import (
    Cell,
    Section,
    Sheet,
    SheetKind,
    packing_list,
    sheet_of,
)
from groupbuy.application.logistics.supplying import (
    Receive,
    Sharing,
    preview_sharing,
    receive_goods,
    refund_short,
    share_out,
)
from groupbuy.application.logistics.troubles import list_troubles, resolve_trouble, watch_parcel

__all__ = [
    "Cell",
    "Receive",
    "Remark",
    "Section",
    "Sharing",
    "Sheet",
    "SheetKind",
    "add_remark",
    "approval_rules",
    "approve_known",
    "list_troubles",
    "my_filters",
    "narrowed",
    "packing_list",
    "preview_sharing",
    "put_filter",
    "readdress",
    "readdress_own",
    "receive_goods",
    "refund_short",
    "remarks",
    "remove_filter",
    "resolve_trouble",
    "set_approval_rules",
    "share_out",
    "sheet_of",
    "watch_parcel",
]
