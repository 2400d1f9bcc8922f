"""Names and dishes for orders without their own: in several scripts, wide and narrow."""

from __future__ import annotations

CUSTOMERS = (
    "Mara Lindqvist",
    "佐藤 陽菜",
    "Tomás Ferreira",
    "김서연",
    "Нина Орлова",
    "Zoë Baptiste",
    "Ελένη Παπαδοπούλου",
    "王小明",
    "Amara Okafor",
    "ליאור כהן",
    "Jürgen Weiß",
    "Priya Raman",
    "Łukasz Wiśniewski",
    "ณัฐพร ใจดี",
    "Siobhán Ó Murchú",
    "ليلى حداد",
)

COURIERS = ("Amira", "Jonas", "健太", "Lucía", "Deniz", "Oksana", "Kofi", "민준", "Théo", "Bea")

DISHES = (
    "2 × Margherita, 1 × Tiramisù",
    "味噌ラーメン ×2、餃子",
    "1 × Pad Thai, 2 × Spring rolls",
    "비빔밥 2, 김치전",
    "3 × Falafel wrap, 1 × Ayran",
    "1 × Bún bò Huế, 1 × Iced coffee",
    "2 × Cheeseburger, 1 × Onion rings",
    "1 × Francesinha, 1 × Caldo verde",
    "4 × Masala dosa, 4 × Chai",
    "1 × Poké bowl (no onions)",
    "2 × Pelmeni, 1 × Borscht",
    "麻婆豆腐, 2 × 米饭",
)

GOODS = (
    "Hiking boots, size 42",
    "Mechanical keyboard, 87 keys",
    "文庫本 3冊",
    "Espresso grinder",
    "Two houseplants — keep upright",
    "Winter coat, dark green",
    "Board game “Kölner Dom”",
    "무선 이어폰",
    "Replacement bicycle wheel",
    "Camera lens 35 mm f/1.8",
    "Ceramic bowls, set of 4",
    "Schulbücher, 5. Klasse",
)
