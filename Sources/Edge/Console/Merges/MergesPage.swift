import InterlockAPI
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockProvenance

/// `/merges`: the checks of commits before merges, newest first.
struct MergesPage {
    static let title = "Merge checks"

    let found: MergeCheckListing
    let isFirst: Bool
    /// Returns the person of a pseudonym, or nil if the viewer does not see them.
    let person: (Pseudonym) -> Person?

    var header: PageHeader {
        let refused = found.checks.count { $0.result == .refused }
        let (look, words): (StatusBadge.Kind, String) =
            if found.unproved > 0 {
                (.problem, "\(found.unproved) not proved")
            } else if found.finding.shortcoming != nil {
                (.unknown, "Incomplete")
            } else {
                (
                    .plain,
                    found.checks.isEmpty ? "No checks" : Shape.count(found.checks.count, "check")
                )
            }
        var header = PageHeader(
            Self.title, back: .init(words: "Audit log", link: Link("audit")),
            StatusBadge(look, words, from: "Each record was read from the log and proved."))
        header.say { "Whether the commits of a merge were made in runs of this gateway" }
        if refused > 0 { header.fact("Refused") { "\(refused)" } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        IndexNotices(fault: found.finding.fault, unsearched: found.finding.unsearched).html
        if found.checks.isEmpty {
            EmptyList.html("No check that you may read. Each is recorded by the command ") {
                element(.code) { "interlock provenance check" }
                "."
            }
        } else {
            table.html
        }
        if !isFirst || found.finding.next != nil {
            element(.nav, .style(.pager), .text(.label, "Pages")) {
                if !isFirst { hyperlink(MergesRoute.list.link) { "Newest" } }
                if let next = found.finding.next {
                    hyperlink(Link("merges", query: [("before", String(next))])) { "Older" }
                }
            }
        }
    }

    private var table: Table {
        Table(
            "Checks, the newest first",
            [
                .id("Head"), .time("When"), .state("Answer"), .number("Commits", .second),
                .number("By agents", .second), .text("Findings"), .text("Merges", .second),
                .state("Proof"),
            ], found.checks, isLinked: true
        ) { check in
            [
                hyperlink(MergesRoute.check(check.record.index).link) {
                    SafeText.text(String(check.head.prefix(8)))
                },
                Shape.time(check.at), check.badge, .text("\(check.count("cnt"))"),
                .text("\(check.count("agents"))"),
                check.codes.isEmpty ? .text("–") : .safe(check.codes.joined(separator: ", ")),
                check.merger(person), check.mark,
            ]
        }
    }
}
