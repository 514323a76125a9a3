import InterlockAdministration
import InterlockLedger
import InterlockModel

/// `/audit`: records of the log, newest first, each proved when it is shown.
struct AuditPage {
    let form: QueryForm
    let found: RecordFinding

    var header: PageHeader {
        let unproved = found.rows.count { if case .unproved = $0 { true } else { false } }
        let isIncomplete = found.fault != nil || found.unsearched != nil
        let (look, words): (StatusBadge.Kind, String) =
            if unproved > 0 {
                (.problem, "\(unproved) not proved")
            } else if isIncomplete {
                (.attention, "Search incomplete")
            } else if found.rows.isEmpty {
                (.plain, "No records")
            } else {
                (.working, "\(found.rows.count) records proved")
            }
        var header = PageHeader(
            "Audit log",
            StatusBadge(
                look, words,
                from:
                    "Each record was read from the log for this page, and proved against its checkpoint."
            ))
        if found.next != nil { header.say { "Older records follow" } }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        SearchForm(fields: form.fields).html
        reach
        if found.rows.isEmpty {
            if form.fields.isEmpty {
                EmptyList.html("No record that you may read is in the log.")
            } else {
                EmptyList.html("No matching records.", ("Clear filters", Link("audit"))) {
                    if found.next != nil { " The search continues with older records." }
                }
            }
        } else {
            table.html
        }
        pager
    }

    /// States the limits of the search, so that an incomplete list is not taken for a complete one.
    @HTMLBuilder private var reach: [HTML] {
        if let fault = found.fault {
            notice(.bad) {
                "The index is not used: "
                SafeText.text(fault)
            }
        }
        if let missing = found.unsearched {
            notice(.bad) {
                "Records \(missing.lowerBound) to \(missing.upperBound - 1) were not searched: the index does "
                    + "not reach them, and they are too many to be read one by one."
            }
        }
    }

    private var table: Table {
        Table(
            "Records, the newest first. Each was read from the log and proved just now.",
            [
                .id("Record"), .time("When"), .name("Type"), .name("Agent", .second),
                .name("Tool", .second), .text("Decision"), .text("Proof"),
            ], found.rows, isLinked: true
        ) { row in
            switch row {
            case .proved(let record): Self.cells(RecordLine(record: record))
            case .unproved(let index): Self.unproved(index)
            }
        }
    }

    private static func cells(_ line: RecordLine) -> [HTML] {
        [
            line.link, Shape.time(line.time), .safe(line.record.record.type),
            line.cell("agent"), line.cell("tool"),
            .group(line.said.flatMap { SafeText.text($0) + [.text(" ")] }), .text(line.proof),
        ]
    }

    static func unproved(_ index: UInt64) -> [HTML] {
        [.text("\(index)")] + Array(repeating: .text("–"), count: 5)
            + [element(.strong, .style(.badge, .high)) { "not proved" }]
    }

    @HTMLBuilder private var pager: [HTML] {
        element(.nav, .style(.pager), .text(.label, "Pages")) {
            if form.before != nil {
                hyperlink(form.link("audit")) { "Newest" }
            }
            if let next = found.next {
                hyperlink(form.link("audit", before: next)) { "Older" }
            }
            if !found.rows.isEmpty {
                hyperlink(form.link("audit", "records.tar"), .flag(.isFile)) {
                    "Download all that this search finds, with proofs"
                }
            }
        }
    }
}
