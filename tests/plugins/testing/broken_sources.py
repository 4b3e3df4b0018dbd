"""For each check a source, or more, that breaks that one promise."""

from dataclasses import dataclass, field, replace
from typing import Any

from invito.plugins import Container, ContainerKind, Label, Source
from invito.plugins.names import matches, name_key
from invito.plugins.testing import Facts
from tests.plugins.testing.broken_ways import (
    PLAIN,
    at_most_five,
    beginning_anew,
    boxes_as_they_come,
    boxes_by_exact_letters,
    boxing,
    busy_all,
    busy_closed,
    busy_elsewhere,
    busy_with,
    by_offset,
    by_reference_alone,
    crowded,
    finding,
    finding_addresses,
    finding_all,
    finding_few,
    finding_renamed,
    first_boxes,
    first_boxes_only,
    found_first,
    found_once,
    held_up,
    in_lists,
    in_order,
    known_viewers_only,
    leaving_a_task,
    leaving_a_thread,
    like,
    listing,
    made_up,
    never_answered,
    never_empty,
    not_letting_go,
    overlapping,
    page_one,
    paging,
    quoting,
    raising_on_length,
    renamed,
    resolving,
    resolving_few,
    resolving_numbers,
    resolving_renamed,
    resolving_some,
    resolving_sorted,
    tolerant,
    wavering,
    within_containers,
    without_accents_only,
    without_aliases,
)
from tests.plugins.testing.good_source import GoodSource, facts_of


@dataclass(frozen=True)
class Break:
    """One way to break the promise of a check, and the other promises that cannot but break with it."""

    check: str
    way: str
    methods: dict[str, Any]
    also: frozenset[str] = frozenset()
    facts: dict[str, Any] = field(default_factory=dict)

    def source(self) -> GoodSource:
        made: GoodSource = type("BrokenSource", (GoodSource,), self.methods)()
        return made

    def facts_of(self, source: GoodSource) -> Facts:
        return replace(facts_of(source), **self.facts)


SEARCHES = frozenset(
    {
        "searching_for_the_whole_name_finds_it",
        "the_beginning_of_any_word_finds",
        "several_words_find_in_any_order",
        "capitals_make_no_difference",
        "accents_make_no_difference",
        "norwegian_letters_are_letters_of_their_own",
        "what_is_found_begins_so",
        "signs_mean_nothing_to_a_search",
        "ten_thousand_characters_are_searched_without_harm",
        "what_was_found_is_paged_like_any_list",
        "the_one_search_box_finds_who_is_listed",
        "paging_is_stable_while_entries_are_added",
    }
)
# What somebody who is listed twice, or now here and now there, spoils besides.
LISTS = frozenset(
    {
        "member_counts_are_right_or_left_out",
        "entries_are_listed_in_name_order",
        "small_pages_add_up_to_the_whole_list",
        "a_page_is_as_long_as_asked_for",
        "has_more_says_whether_there_is_more",
        "totals_count_the_whole_list",
        "a_place_stays_where_its_entry_is_gone",
        "paging_is_stable_while_entries_are_added",
        "answers_are_what_the_contract_says",
        "searching_for_nothing_finds_everybody",
        "what_was_found_is_paged_like_any_list",
        "many_at_once_get_the_same_answer",
    }
)

BREAKS = [
    Break("the_key_is_one_plain_word", "two words", {"key": "Two words"}),
    Break("labels_are_there_in_both_languages", "English alone", {"label": Label("Guests", "")}),
    Break("directories_are_plain_prefixes", "with its colon", {"directories": frozenset({"guest", "visitor:"})}),
    Break("directories_are_plain_prefixes", "typed addresses", {"directories": frozenset({"guest", "email"})}),
    Break("flags_say_yes_or_no", "a text", {"is_searchable": "no"}),
    Break(
        "what_every_source_needs_is_written",
        "no resolve",
        {"resolve": Source.resolve},
        frozenset(
            {
                "answers_are_what_the_contract_says",
                "what_is_listed_is_resolved_alike",
                "resolving_keeps_the_order",
                "resolving_says_who_is_gone",
                "resolving_nothing_answers_nothing",
                "ten_thousand_references_are_resolved_in_one_call",
                "aliases_lead_to_their_entry",
                "the_known_reference_is_resolved",
                "anybody_may_ask",
                "calls_are_answered_before_their_deadline",
                "cancelled_calls_leave_nothing_behind",
            }
        ),
    ),
    Break("containers_are_listed_in_name_order", "as they come", {"containers": boxes_as_they_come}),
    Break(
        "every_container_has_an_id_of_its_own",
        "one id twice",
        boxing(lambda boxes: [*boxes, Container("sales", "Salg igjen", ContainerKind.OTHER)]),
        frozenset({"answers_are_what_the_contract_says"}),
    ),
    Break("small_pages_add_up_to_all_containers", "no second page", {"containers": first_boxes_only}),
    Break("small_pages_add_up_to_all_containers", "page one for ever", {"containers": first_boxes}),
    Break("containers_are_searched_as_entries_are", "capitals matter", {"containers": boxes_by_exact_letters}),
    Break(
        "every_container_listed_can_be_opened",
        "a ghost",
        boxing(lambda boxes: [*boxes, Container("ghost", "Spøkelser", ContainerKind.OTHER)]),
        frozenset({"all_is_the_union_of_the_containers"}),
    ),
    Break("the_known_container_can_be_opened", "it is gone", {}, facts={"container": "gone"}),
    Break("unknown_containers_raise_unknown_container", "an empty page", {"participants": tolerant}),
    Break(
        "member_counts_are_right_or_left_out",
        "one too many",
        boxing(lambda boxes: [replace(box, member_count=(box.member_count or 0) + 1) for box in boxes]),
    ),
    Break(
        "all_is_the_union_of_the_containers",
        "All leaves one out",
        listing(lambda entries, query: entries if query.container else entries[1:]),
    ),
    Break(
        "all_is_the_union_of_the_containers",
        "a container leaves one out",
        listing(lambda entries, query: entries[:-1] if query.container == "support" else entries),
        frozenset({"member_counts_are_right_or_left_out"}),
    ),
    Break(
        "entries_are_listed_in_name_order",
        "by code points",
        in_order(lambda name: name),
        frozenset({"what_was_found_is_paged_like_any_list", "a_place_stays_where_its_entry_is_gone"}),
    ),
    Break(
        "nobody_is_listed_twice",
        "the first one is",
        paging(lambda page, query: replace(page, entries=[*page.entries, *page.entries[:1]])),
        LISTS,
    ),
    Break(
        "small_pages_add_up_to_the_whole_list",
        "a page begins with the last one of the page before",
        {"participants": overlapping},
    ),
    Break(
        "small_pages_add_up_to_the_whole_list",
        "page one for ever",
        {"participants": page_one},
        frozenset(
            {
                "behind_the_end_is_nothing",
                "a_place_stays_where_its_entry_is_gone",
                "paging_is_stable_while_entries_are_added",
                "what_was_found_is_paged_like_any_list",
            }
        ),
    ),
    Break(
        "a_page_is_as_long_as_asked_for",
        "at most five",
        paging(at_most_five),
        frozenset({"has_more_says_whether_there_is_more"}),
    ),
    Break(
        "has_more_says_whether_there_is_more",
        "always",
        paging(lambda page, query: replace(page, has_more=bool(page.entries))),
    ),
    Break(
        "totals_count_the_whole_list",
        "what is left",
        paging(lambda page, query: replace(page, total=len(page.entries))),
    ),
    Break("the_same_question_has_the_same_answer", "two of one name change places", {"participants": wavering}, LISTS),
    Break(
        "behind_the_end_is_nothing",
        "it begins anew",
        {"participants": beginning_anew},
    ),
    Break("a_place_stays_where_its_entry_is_gone", "it begins anew", {"participants": by_reference_alone}),
    Break("paging_is_stable_while_entries_are_added", "by offset", {"participants": by_offset}, LISTS),
    Break(
        "answers_are_what_the_contract_says",
        "a name too long",
        listing(lambda entries, query: [replace(one, title="x" * 301) for one in entries]),
        frozenset({"what_is_listed_is_resolved_alike"}),
    ),
    Break(
        "answers_can_be_kept",
        "lists within",
        listing(lambda entries, query: [in_lists(one) for one in entries])
        | resolving(lambda answers, asked: [one and in_lists(one) for one in answers]),
        frozenset({"answers_are_what_the_contract_says"}),
    ),
    Break("references_are_of_declared_directories", "another's", {"directories": frozenset({"visitor"})}, frozenset()),
    Break(
        "a_reference_means_the_same_wherever_it_is_listed",
        "another name in All",
        listing(
            lambda entries, query: (
                entries
                if query.container
                else [replace(one, name=f"{one.name} AS") if one.reference == "guest:7" else one for one in entries]
            )
        ),
        frozenset({"what_is_listed_is_resolved_alike"}),
    ),
    Break(
        "an_entry_has_one_reference_wherever_it_is_listed",
        "each container has its own",
        listing(lambda entries, query: [renamed(one, query.container) for one in entries])
        | {"resolve": resolving_renamed, "find": finding_renamed},
        frozenset({"all_is_the_union_of_the_containers", "aliases_lead_to_their_entry"}),
    ),
    Break(
        "searching_for_nothing_finds_everybody",
        "blanks find nobody",
        finding(lambda name, search: False, when=lambda search: bool(search) and not search.strip()),
    ),
    Break(
        "searching_for_the_whole_name_finds_it",
        "one word alone",
        finding(lambda name, search: len(search.split()) < 2 and matches(name, search)),
        SEARCHES,
    ),
    Break(
        "the_beginning_of_any_word_finds",
        "the first word alone",
        finding(lambda name, search: matches(name.split()[0], search)),
        SEARCHES,
    ),
    Break(
        "several_words_find_in_any_order",
        "as they stand",
        finding(lambda name, search: matches(name, search) and name_key(search) in name_key(name)),
        SEARCHES,
    ),
    Break(
        "capitals_make_no_difference",
        "they do",
        finding(lambda name, search: matches(name, search) and (search.islower() or search in name)),
        SEARCHES,
    ),
    Break("accents_make_no_difference", "they do", finding(without_accents_only), SEARCHES),
    Break(
        "norwegian_letters_are_letters_of_their_own",
        "o finds ø",
        finding(lambda name, search: matches(name, search) or matches(name.translate(PLAIN), search)),
        SEARCHES,
    ),
    Break(
        "what_is_found_begins_so",
        "the middle of a word",
        finding(lambda name, search: matches(name, search) or search.lower() in name.lower()),
        SEARCHES,
    ),
    Break("signs_mean_nothing_to_a_search", "wildcards", finding(like), SEARCHES),
    Break("signs_mean_nothing_to_a_search", "an error", {"participants": quoting}, SEARCHES),
    Break(
        "what_nobody_is_called_finds_nobody",
        "everybody, where nobody is found",
        {"participants": never_empty},
        SEARCHES | {"ten_thousand_characters_are_searched_without_harm"},
    ),
    Break("ten_thousand_characters_are_searched_without_harm", "an error", {"participants": raising_on_length}),
    Break("what_was_found_is_paged_like_any_list", "the first page alone", {"participants": found_once}),
    Break(
        "the_one_search_box_finds_who_is_listed",
        "not without a container",
        {"participants": within_containers, "offers_all": False},
    ),
    Break(
        "what_is_listed_is_resolved_alike",
        "without addresses",
        resolving(lambda answers, asked: [one and replace(one, email=None) for one in answers]),
    ),
    Break(
        "resolving_keeps_the_order",
        "as they are kept",
        {"resolve": resolving_sorted},
        frozenset({"resolving_says_who_is_gone", "what_is_listed_is_resolved_alike", "aliases_lead_to_their_entry"}),
    ),
    Break("resolving_says_who_is_gone", "somebody made up", resolving(made_up)),
    Break("resolving_says_who_is_gone", "an error", {"resolve": resolving_numbers}),
    Break("resolving_nothing_answers_nothing", "an error", {"resolve": resolving_some}),
    Break("ten_thousand_references_are_resolved_in_one_call", "a limit", {"resolve": resolving_few}),
    Break(
        "aliases_lead_to_their_entry",
        "unknown",
        resolving(without_aliases),
    ),
    Break("the_known_reference_is_resolved", "it is gone", {}, facts={"reference": "guest:gone"}),
    Break(
        "addresses_find_who_is_listed",
        "nobody",
        finding_addresses(lambda answers, asked: [[] for _ in asked]),
        frozenset(
            {
                "addresses_are_found_whatever_their_capitals",
                "an_address_of_many_finds_a_hundred_at_most",
                "the_known_address_is_found",
            }
        ),
    ),
    Break(
        "addresses_are_found_whatever_their_capitals",
        "letter by letter",
        finding_addresses(
            lambda answers, asked: [
                [one for one in owners if one.email == address] for owners, address in zip(answers, asked, strict=True)
            ]
        ),
        facts={"address": None},
    ),
    Break(
        "addresses_are_answered_in_order",
        "the found ones first",
        finding_addresses(found_first),
        frozenset({"the_known_address_is_found"}),
    ),
    Break("ten_thousand_addresses_are_found_in_one_call", "a limit", {"find": finding_few}),
    Break("an_address_of_many_finds_a_hundred_at_most", "all of them", {"find": finding_all}),
    Break("the_known_address_is_found", "nobody's", {}, facts={"address": "gone@nordlys.example"}),
    Break(
        "busy_answers_for_each_reference",
        "everybody alike",
        {"busy": busy_all},
    ),
    Break(
        "busy_spans_are_in_utc",
        "pairs",
        busy_with(lambda spans, span: spans and [(one.start, one.end) for one in spans]),
        frozenset({"busy_spans_are_half_open", "busy_spans_are_of_the_time_asked_for"}),
    ),
    Break(
        "busy_spans_are_half_open",
        "closed",
        {"busy": busy_closed},
        frozenset({"busy_spans_are_of_the_time_asked_for"}),
    ),
    Break(
        "busy_spans_are_of_the_time_asked_for",
        "all of the day",
        {"busy": busy_elsewhere},
    ),
    Break("anybody_may_ask", "strangers not", {"containers": known_viewers_only}),
    Break("many_at_once_get_the_same_answer", "one at a time", {"participants": crowded}),
    Break(
        "calls_are_answered_before_their_deadline",
        "too late",
        {"containers": never_answered},
        # They ask for as much.
        frozenset(
            {
                "async_methods_let_others_go_on",
                "cancelled_calls_leave_nothing_behind",
                "containers_are_searched_as_entries_are",
                "answers_are_what_the_contract_says",
                "answers_can_be_kept",
            }
        ),
        {"call_seconds": 0.5},
    ),
    Break("async_methods_let_others_go_on", "asleep", {"containers": held_up}),
    Break("cancelled_calls_leave_nothing_behind", "tasks", {"resolve": leaving_a_task}),
    Break("cancelled_calls_leave_nothing_behind", "threads", {"resolve": leaving_a_thread}),
    Break("cancelled_calls_leave_nothing_behind", "a connection taken", {"resolve": not_letting_go}),
]
