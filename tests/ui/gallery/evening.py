"""The orders of a believable evening, at 18:41:40: most on time, a few late or in trouble, some ended."""

from __future__ import annotations

from tests.support.orders import START
from tests.ui.app_harness import AppHarness
from tests.ui.gallery.meals_and_parcels import meal, moment, parcel, window
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Outcome, Precision
from tracker_tui.link.changes import Standing

NOW = (moment("18:41:40") - START).total_seconds()
"""18:41:40, in seconds after the start."""

SHORT_LIST = ("A1022", "A1008", "A1032", "A1O32", "A1033")
"""A late order, a cancelled one, a new one, the same id mistyped, and an order that the server has not sent yet."""

LATE = (
    # Their minutes, from the top: 40, 21, 12, 7, 3.
    meal("A1009", "Old Kiln", "4 × Margherita, 2 × Calzone, 1 × Tiramisù", "Amara Okafor", "88 Amwell Street, Flat 4",
         "17:21:50 1:12 1:31 54:08 11:46", promised="18:05", eta="18:43-18:47", courier="Jonas", seen="18:41:31",
         along=0.62, flags=("delayed",), notes=(("17:49:05", "The kitchen is busy: about 25 min later"),
         ("18:12:37", "Customer on the phone: asks where it is"), ("18:29:58", "Second call: promised to call back"))),
    meal("A1014", "Curry Leaf Yard", "2 × Masala dosa, 2 × Chai", "Tomás Ferreira", "31 Cloudesley Square",
         "17:46:33 0:48 1:55 22:14 18:20", promised="18:30", eta="18:49-18:53", courier="Amira", seen="18:41:22",
         along=0.3, notes=(("18:22:43", "No courier near: about 15 min later"),)),
    meal("A1022", "Pie & Lantern", "1 × Steak pie, 1 × Mash, 2 × Ginger beer", "Mara Lindqvist", "12 Exmouth Market",
         "18:05:27 1:20 2:12 29:11", promised="18:45", eta="18:55-18:59", courier="Lucía", flags=("delayed",),
         notes=(("18:17:44", "The kitchen is busy: about 6 min later"), ("18:31:02", "Oven trouble: about 6 min later"),
         ("18:39:26", "Customer on the phone: please ring twice"))),
    meal("A1011", "Moon Chicken", "1 × Half and half, 1 × Kimchi slaw", "김서연", "7 Wharton Street",
         "17:52:08 0:41 1:36 19:02 4:29 22:06", promised="18:36", eta="18:42-18:44", courier="Deniz", seen="18:41:36",
         along=0.93, notes=(("18:27:13", "Slow traffic: about 7 min later"),)),
    meal("A1025", "Trattoria Roma", "2 × Lasagne, 1 × Rocket salad", "Ines Duarte", "5 Myddelton Passage",
         "18:13:41 1:04 16:30", promised="18:50", eta="18:51-18:55", courier="Bea",
         notes=(("18:35:52", "The kitchen is busy: about 5 min later"),)),
)  # fmt: skip
"""Late orders, the latest first."""

IN_TROUBLE = (
    meal("A1018", "Saigon Corner", "2 × Bún bò Huế, 1 × Iced coffee", "Zoë Baptiste", "24 Lloyd Baker Street",
         "17:58:49 0:52 1:17 21:40 7:03", promised="18:55", eta="18:46-18:50", courier="Kofi", seen="18:36:05",
         along=0.41),
    parcel("P2005", "Ceramic bowls, set of 4", "Siobhán Ó Murchú", "40 Penton Rise", """
        22 11:04:32 label_created Label printed by the sender
        22 17:15:20 accepted Accepted at Glasgow Eurocentral
        23 02:41:07 in_transit Arrived at Manchester Trafford
        24 05:52:44 in_transit Arrived at London Islington depot
        24 09:10:15 out_for_delivery On Théo's van
        24 16:12:03 delivered Left with a neighbour""",
        corrected="24 17:34:28 out_for_delivery The neighbour has no parcel: it is still on the van",
        promised="24 20:00", eta=window("18:30-19:30", Precision.HOUR), courier="Théo", seen="18:41:02", along=0.7),
    parcel("P2009", "Mechanical keyboard, 87 keys", "佐藤 陽菜", "63 Great Percy Street", """
        21 15:47:19 label_created Label printed by the sender
        22 08:30:55 accepted Accepted at Glasgow Eurocentral
        23 04:05:36 in_transit Arrived at Coventry Ansty
        24 06:18:23 in_transit Arrived at London Islington depot
        24 12:25:41 out_for_delivery On Oksana's van
        24 17:48:20 attempt_failed Nobody opened the door (attempt 1)""",
        promised="25 20:00", eta=window("25 12:00-25 18:00", Precision.HOUR)),
    parcel("P2011", "Espresso grinder", "Jürgen Weiß", "Kings Cross Road", """
        22 14:22:11 label_created Label printed by the sender
        23 09:03:48 accepted Accepted at Glasgow Eurocentral
        24 03:37:05 in_transit Arrived at London Islington depot
        24 14:56:30 held Address incomplete: which number?""",
        promised="27 18:00", eta=window("26 10:00-26 18:00", Precision.DAY), flags=("held", "action_required")),
    meal("A1027", "Old Kiln", "1 × Quattro stagioni, 1 × Cola", "Łukasz Wiśniewski", "9 Lorenzo Street",
         "18:21:06 1:13 10:37", promised="18:52", eta="18:47-18:57", courier="Jonas",
         notes=(("18:37:20", "The kitchen is busy: about 4 min later"),)),
    meal("A1019", "Lucky Bao", "6 × Pork bao, 1 × Edamame", "Priya Raman", "112 Farringdon Road",
         "18:00:34 0:39 2:04 18:16 5:51", promised="18:46", eta="18:43-18:49", courier="Rosa", seen="18:41:29",
         along=0.55),
    parcel("P2014", "Winter coat, dark green", "Ayşe Yılmaz", "17 Calthorpe Street", """
        22 10:50:02 label_created Label printed by the sender
        22 18:35:27 accepted Accepted at Glasgow Eurocentral
        24 04:49:13 in_transit Arrived at London Islington depot
        24 13:02:50 out_for_delivery On Oksana's van""",
        promised="24 20:00", eta=window("19:15-20:45", Precision.HOUR), courier="Oksana", seen="18:41:11", along=0.35),
    meal("A1029", "Delancey Grill", "2 × Cheeseburger, 1 × Onion rings", "Noor el Amrani", "3 Sans Walk",
         "18:37:05", promised="19:15", eta="19:03-19:11"),
)  # fmt: skip
"""Orders on which somebody has to act, orders at risk, and a stuck one."""

ON_TIME = (
    meal("A1032", "Trattoria Roma", "1 × Diavola, 1 × Panna cotta", "J. O'Neill", "50 Rosebery Avenue",
         "18:40:51", promised="19:20", eta="19:10-19:18"),
    meal("A1030", "Curry Leaf Yard", "1 × Thali, 1 × Mango lassi", "Ελένη Παπαδοπούλου", "29 Margery Street",
         "18:38:12 0:57", promised="19:20", eta="19:06-19:14"),
    meal("A1028", "Pie & Lantern", "2 × Fish pie", "Henrik Solberg", "14 Granville Square",
         "18:28:30 1:31 2:10", promised="19:10", eta="18:58-19:04", courier="Amira"),
    meal("A1026", "Lucky Bao", "3 × Beef noodles, 3 × Jasmine tea", "王小明", "71 Hatton Garden",
         "18:19:54 0:44 1:49", promised="19:00", eta="18:50-18:56", courier="Rosa",
         notes=(("18:30:26", "Rosa will bring it"),)),
    meal("A1024", "Moon Chicken", "2 × Soy garlic, 1 × Fries", "Nadia Haddad", "6 Vernon Rise",
         "18:12:15 1:02 2:20 23:35", promised="18:58", eta="18:49-18:53", courier="Deniz"),
    meal("A1021", "Saigon Corner", "1 × Bánh mì, 1 × Summer rolls", "Нина Орлова", "18 Bowling Green Lane",
         "18:03:58 0:46 1:25 22:40 4:02", promised="18:52", eta="18:44-18:48", courier="Ravi", seen="18:41:33",
         along=0.58),
    meal("A1016", "Old Kiln", "1 × Margherita, 1 × Garlic bread", "Claire Dubois", "33 Mount Pleasant",
         "17:56:20 1:08 1:40 20:17 3:44 16:49", promised="18:48", eta="18:42-18:44", courier="Bilal", seen="18:41:38",
         along=0.95),
    parcel("P2010", "Camera lens 35 mm f/1.8", "Samuel Adeyemi", "85 Clerkenwell Close", """
        22 13:31:46 label_created Label printed by the sender
        22 19:20:09 accepted Accepted at Glasgow Eurocentral
        24 05:11:58 in_transit Arrived at London Islington depot
        24 13:20:33 out_for_delivery On Oksana's van""",
        promised="24 21:00", eta=window("18:45-19:45", Precision.HOUR), courier="Oksana", seen="18:41:12", along=0.35),
    parcel("P2013", "Board game “Kölner Dom”", "Freya Lindgren", "2 Coldbath Square", """
        23 12:16:25 label_created Label printed by the sender
        23 20:04:51 accepted Accepted at Glasgow Eurocentral
        24 11:58:14 in_transit Arrived at Manchester Trafford
        24 14:27:39 in_transit Departed Manchester Trafford""",
        promised="26 18:00", eta=window("25 10:00-25 18:00", Precision.DAY)),
    parcel("P2015", "Hiking boots, size 42", "David Cohen", "44 Warner Street", """
        24 09:42:17 label_created Label printed by the sender
        24 17:21:40 accepted Accepted at Glasgow Eurocentral""",
        promised="27 18:00", eta=window("26 10:00-26 18:00", Precision.DAY)),
    parcel("P2017", "Two houseplants: keep upright", "Aisha Rahman", "21 Northampton Road", """
        24 18:16:38 label_created Label printed by the sender""",
        promised="27 18:00", eta=window("27 09:00-27 18:00", Precision.DAY)),
)  # fmt: skip

WAITING_OR_RETURNING = (
    parcel("P2003", "Replacement bicycle wheel", "Oliver Grant", "11 Ampton Street", """
        20 16:05:33 label_created Label printed by the sender
        21 09:48:10 accepted Accepted at Glasgow Eurocentral
        23 05:30:21 in_transit Arrived at London Islington depot
        23 10:14:07 out_for_delivery On Théo's van
        23 15:39:52 attempt_failed Nobody opened the door (attempt 1)
        24 10:02:45 available_for_pickup Waiting at: Kiosk at the corner""",
        promised="23 20:00"),
    parcel("P2008", "Paperbacks, 3 volumes", "Lucy Hargreaves", "8 Frederick Street", """
        21 11:28:04 label_created Label printed by the sender
        22 07:56:39 accepted Accepted at Glasgow Eurocentral
        24 05:25:16 in_transit Arrived at London Islington depot
        24 15:08:59 available_for_pickup Waiting at: Parcel shop, 5 Leather Lane""",
        promised="25 18:00"),
    parcel("P2002", "Wireless earphones", "Marco Bianchi", "90 Gray's Inn Road", """
        18 14:12:48 label_created Label printed by the sender
        19 08:20:13 accepted Accepted at Glasgow Eurocentral
        21 05:44:35 in_transit Arrived at London Islington depot
        21 13:51:26 attempt_failed No access to the building (attempt 1)
        23 14:06:18 attempt_failed No access to the building (attempt 2)
        24 08:33:57 returning On the way back to the sender
        24 18:05:42 returning Arrived at Coventry Ansty""",
        promised="21 20:00", attempt=2),
)  # fmt: skip

ENDED = (
    meal("A1001", "Trattoria Roma", "2 × Carbonara", "Emma Whitfield", "60 Amwell Street",
         "17:02:14 0:50 1:44 17:31 3:25 11:58 2:06", promised="17:50", courier="Bea"),
    meal("A1003", "Lucky Bao", "4 × Pork bao, 1 × Wonton soup", "Daniel Osei", "15 Cubitt Street",
         "17:10:40 1:15 2:03 16:48 2:57 12:20 1:49", promised="18:00", courier="Rosa"),
    meal("A1012", "Curry Leaf Yard", "1 × Lamb biryani, 1 × Raita", "Isabel Moreno", "2 Percy Circus",
         "17:44:03 0:58 1:21 20:36 3:50 13:07 2:29", promised="18:25", courier="Kofi"),
    meal("A1013", "Saigon Corner", "2 × Phở bò", "Peter Novák", "37 Acton Street",
         "17:48:46 1:06 2:11 18:55 4:40 14:32 1:57", promised="18:35", courier="Ravi"),
    parcel("P2001", "School books, year 5", "Hannah Clarke", "27 Sekforde Street", """
        21 10:37:50 label_created Label printed by the sender
        22 09:15:28 accepted Accepted at Glasgow Eurocentral
        23 06:02:13 in_transit Arrived at London Islington depot
        24 08:40:34 out_for_delivery On Théo's van
        24 11:20:09 delivered Handed over at the door""", promised="24 20:00"),
    parcel("P2004", "Table lamp", "George Papadakis", "19 Skinner Street", """
        22 09:59:01 label_created Label printed by the sender
        22 16:44:37 accepted Accepted at Glasgow Eurocentral
        24 05:33:20 in_transit Arrived at London Islington depot
        24 13:11:56 out_for_delivery On Oksana's van
        24 15:46:12 delivered Handed over at the door""", promised="24 20:00"),
    meal("A1008", "Pie & Lantern", "3 × Chicken pie, 1 × Peas", "Rosie Tan", "4 Holford Yard",
         "17:57:29 1:10 2:37", promised="18:40", ended=("18:09:43", Outcome.CANCELLED, "Cancelled by the customer")),
    meal("A1015", "Delancey Grill", "2 × Ribs, 1 × Slaw", "Anton Weber", "12 Vineyard Walk", "18:10:22",
         promised="18:55", ended=("18:12:55", Outcome.REJECTED, "Delancey Grill has no ribs left")),
)  # fmt: skip

EVENING = (*LATE, *IN_TROUBLE, *ON_TIME, *WAITING_OR_RETURNING, *ENDED)
EVENING_IDS = tuple(sorted(each.order_id for each in EVENING))

RECONCILING = "A1021"
"""The order of which an event is missing."""


async def show_evening(ui: AppHarness) -> None:
    """Show all orders of the evening, live."""
    await _show(ui, EVENING)


async def show_short_list(ui: AppHarness) -> None:
    """Show the orders of `SHORT_LIST`, live."""
    await _show(ui, tuple(each for each in EVENING if each.order_id in SHORT_LIST))
    await ui.refuse("A1O32")


async def _show(ui: AppHarness, orders: tuple[Snapshot, ...]) -> None:
    ui.clock.seconds = NOW - 28
    ui.feed.rtt = 0.041
    await ui.go_live()
    for standing in (Standing.IN_SYNC, Standing.RECONCILING):
        wanted = [each for each in orders if (each.order_id == RECONCILING) is (standing is Standing.RECONCILING)]
        await ui.receive(*wanted, standing=standing)
    await ui.receive_note("live")
    ui.feed.heard_at = NOW - 2
    await ui.tick_at(NOW)
