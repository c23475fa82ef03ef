"""What the columns of a product table mean, for those who fill one in."""

from groupbuy.application.catalogue.rows import COLUMNS, REQUIRED
from groupbuy.application.steps.filing import Column

_TOLD = {
    "code": ("商品编码，商户自定", "the product's code, the merchant's own", "SG001"),
    "name": ("商品名称", "the product's name", "赣南脐橙"),
    "category": ("分类，从根写起，用 / 隔开", "names from the root, parted by /", "水果/柑橘"),
    "brand": ("品牌；空着表示没有", "the brand; empty: none", "橙小妹"),
    "unit": ("单位", "what it is sold by", "箱"),
    "list_price": ("划线价，元", "the price before, in yuan", "49.90"),
    "description": ("介绍", "what it is like", ""),
    "attributes": ("属性，名=值，用 | 隔开", "name=value, parted by |", "产地=江西"),
    "pictures": ("图片编号或地址，用 | 隔开", "ids or addresses, parted by |", ""),
    "return_policy": ("退货规则", "the rule for returns", "fresh"),
    "state": ("新商品的状态：draft、listed、delisted", "of new products", "draft"),
    "sku_code": ("规格编码，商户自定", "the variant's code, the merchant's own", "SG001-1"),
    "options": ("规格", "what tells it from its siblings", "5 斤"),
    "price": ("售价，元", "the price, in yuan", "39.90"),
    "sku_list_price": ("本规格的划线价，元", "the variant's price before, in yuan", ""),
    "cost": ("成本，元", "what it costs the merchant, in yuan", "25.00"),
    "stock": ("库存", "goods in hand", "600"),
    "description_html": ("带格式的介绍", "the description with marks", ""),
    "shelf_life_days": ("保质期，天", "how many days it keeps", "30"),
    "named_options": ("规格项，名=值，用 | 隔开", "name=value, parted by |", ""),
    "barcode": ("条形码", "EAN-8, UPC-A, EAN-13 or GTIN-14", ""),
    "grams": ("毛重，克", "what one weighs, packed, in grams", "2600"),
    "low_stock": ("剩多少件时提醒", "tell the merchant at so many", "20"),
}
_NUMBERS = frozenset({"stock", "shelf_life_days", "grams", "low_stock"})

PRODUCT_COLUMNS = tuple(
    Column(name, *_TOLD[name], needed=name in REQUIRED, number=name in _NUMBERS) for name in COLUMNS
)
"""The columns of a product table, in their order. Prices stay texts: no cent is lost."""
