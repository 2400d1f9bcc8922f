"""The languages of the sentence for the customer, one file each.

To add a language: copy ``en.py``, name the copy by its language code, and translate every text of its `Language`.
Keep the fields in braces; they may change places. Write `plural` so that it returns the index of a number's form.
Add the new constant to a call of `customer_sentence`; mypy and ``tests/wording/test_languages.py`` check the fields.
"""
