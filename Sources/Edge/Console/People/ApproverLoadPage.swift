import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel

/// `/people/workload`: the number of requests that each approver has to decide (R146).
struct ApproverLoadPage {
    let tabs: PeopleTabs
    let rows: PagedRows<ApproverLoadSummary>

    var header: PageHeader {
        // The list begins with the person for whom most waits.
        let busiest = rows.page == 1 ? rows.rows.first : nil
        var header = PageHeader(
            "Approver workload",
            StatusBadge(
                .plain, Shape.count(rows.count, "person", "people"),
                from: "The decisions in the log and the requests that wait."))
        if let busiest, busiest.pending > 0 {
            header.fact("Most pending") {
                "\(busiest.pending) for "
                SafeText.text(busiest.person.address)
            }
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        tabs.html
        element(.p) {
            "Pending is what a person can decide now. Wait and reading are medians: from the request, and from opening its page, to the decision."
        }
        if rows.count == 0 {
            element(.p, .style(.empty)) { "No person is enrolled." }
        } else {
            table.html
            rows.pager { Link("people", "workload", query: [("page", $0)]) }
        }
    }

    private var table: Table {
        Table(
            "\(Shape.count(rows.count, "person", "people")), most pending first\(rows.place)",
            [
                .name("Person"), .number("Pending"), .number("Decided in 7 days"),
                .number("In 30 days", .third), .number("Approved", .second), .number("Wait"),
                .number("Reading", .second),
            ], rows.rows
        ) { line in
            [
                Shape.person(line.person), .text("\(line.pending)"),
                .text("\(line.load.decidedInWeek)"), .text("\(line.load.decidedInMonth)"),
                .text(line.load.approveShare.map { "\($0) %" } ?? "–"),
                .text(line.load.medianWait.map(Self.words) ?? "–"),
                .text(line.load.medianDwell.map(Self.words) ?? "–"),
            ]
        }
    }

    private static func words(_ duration: Duration) -> String {
        let seconds = duration.microseconds / 1_000_000
        switch seconds {
        case ..<90: return "\(seconds) s"
        case ..<5400: return "\((seconds + 30) / 60) min"
        case ..<172_800: return "\((seconds + 1800) / 3600) h"
        default: return "\((seconds + 43_200) / 86_400) d"
        }
    }
}
