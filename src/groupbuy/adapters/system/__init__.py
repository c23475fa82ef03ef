"""Identity, chance, waiting, secrets. The clock itself lives in bootstrap alone."""

from groupbuy.adapters.system.backoff import JitterBackoff
from groupbuy.adapters.system.ids import RandomIds
from groupbuy.adapters.system.letters import ChineseLetters
from groupbuy.adapters.system.passwords import ArgonPasswords
from groupbuy.adapters.system.vault import KEY_BYTES, AesVault
from groupbuy.adapters.system.workdays import ChineseWorkdays

__all__ = [
    "KEY_BYTES",
    "AesVault",
    "ArgonPasswords",
    "ChineseLetters",
    "ChineseWorkdays",
    "JitterBackoff",
    "RandomIds",
]
