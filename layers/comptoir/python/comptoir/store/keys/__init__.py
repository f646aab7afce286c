"""Every key of the table, a module for each context. Each partition key begins with the company (ACC-05).

Index partitions that work across companies (what is due) are the one exception: they hold no
business data, only identifiers, and no route reads them.

Every name of the modules is a name of this package, used as `keys.order(…)`; a test holds that no
two modules share one.
"""

from comptoir.store.keys.access import *
from comptoir.store.keys.accounting import *
from comptoir.store.keys.banking import *
from comptoir.store.keys.catalogue import *
from comptoir.store.keys.contracts import *
from comptoir.store.keys.docbase import *
from comptoir.store.keys.dunning import *
from comptoir.store.keys.indexes import *
from comptoir.store.keys.invoicing import *
from comptoir.store.keys.ledger import *
from comptoir.store.keys.mailing import *
from comptoir.store.keys.orders import *
from comptoir.store.keys.parties import *
from comptoir.store.keys.purchasing import *
from comptoir.store.keys.rates import *
from comptoir.store.keys.search import *
from comptoir.store.keys.treasury import *
