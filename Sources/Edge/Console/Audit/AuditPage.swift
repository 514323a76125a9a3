import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockLedger
import InterlockMarkup
import InterlockModel

/// `/audit`: records of the log, newest first, each proved when it is shown.
struct AuditPage {
    let form: QueryForm
    let found: RecordFinding
    /// The day in UTC.
    var today: CivilDate?
    /// True if the reader may see views of the log.
    var seesViews = false
    /// True if the reader may read records of some agent.
    let readsSome: Bool
    /// True if the page says how many records came since.
    var isTail = false

    var header: PageHeader {
        let unproved = found.rows.count { if case .unproved = $0 { true } else { false } }
        let isCosigned = found.rows.allSatisfy {
            if case .proved(let record) = $0 { record.proof.isCosigned } else { false }
        }
        let isIncomplete = found.fault != nil || found.unsearched != nil
        let (look, words): (StatusBadge.Kind, String) =
            if unproved > 0 {
                (.problem, "\(unproved) not proved")
            } else if isIncomplete {
                (.attention, "Search incomplete")
            } else if !readsSome, found.rows.isEmpty {
                (.unknown, "No access to records")
            } else if found.rows.isEmpty {
                (.plain, "No records found")
            } else {
                (isCosigned ? .working : .plain, "\(found.rows.count) records proved")
            }
        var header = PageHeader(
            "Audit log",
            StatusBadge(
                look, words,
                from:
                    "Each record was read from the log for this page, and proved against its checkpoint."
            ))
        if found.next != nil { header.say { "Older records follow" } }
        header.add(
            isTail
                ? HeaderAction("Stop following", form.link("audit"))
                : form.before == nil ? HeaderAction("Follow new records", form.tail) : nil)
        if seesViews { header.add(HeaderAction(MergesPage.title, MergesRoute.list.link)) }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        SearchForm(
            text: SearchTerms.text(form), form: form, today: today, hiddenViews: hiddenViews
        ).html
        if isTail { following }
        IndexNotices(fault: found.fault, unsearched: found.unsearched).html
        if found.rows.isEmpty {
            if !readsSome {
                EmptyList.html(
                    "Records are visible to the owners of their agents and to people with the role security."
                )
            } else if form.fields.isEmpty {
                EmptyList.html("No records that you may read.")
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

    /// The number of new records, which the script asks for; they are shown by a link, since each view is recorded.
    private var following: HTML {
        let newest = found.rows.first.map { ("after", String($0.index)) }
        return element(
            .p, .style(.notice), .word(.role, "status"), .flag(.isFollowing),
            .text(.source, form.counting(newest).text)
        ) {
            "Following. New records wait here until you show them. "
            hyperlink(form.tail) { "Show the newest" }
        }
    }

    /// The number of records between the first and the last row that are no rows, which are the views if nothing else
    /// narrows the search.
    private var hiddenViews: UInt64? {
        guard form.query.hidesViews, form.isEmpty, seesViews, found.unsearched == nil,
            let newest = found.rows.first?.index, let oldest = found.rows.last?.index
        else { return nil }
        let end = form.before ?? newest + 1
        return end - oldest - min(UInt64(found.rows.count), end - oldest)
    }

    private var table: Table {
        Table(
            "Records, the newest first. Each was read from the log and proved for this page.",
            [
                .name("Event"), .time("When"), .name("Agent", .second), .name("Tool", .second),
                .text("Decision"), .id("Record"), .state("Proof"),
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
            line.link, Shape.time(line.time), line.cell("agent"), line.cell("tool"),
            .group(line.decision), .text("\(line.record.index)"), line.mark,
        ]
    }

    private static func unproved(_ index: UInt64) -> [HTML] {
        [.text("Record not shown")] + Array(repeating: .text("–"), count: 4)
            + [
                .text("\(index)"),
                ProofBadge(
                    .notProved, of: "Record \(index)", Anchor("proof", Int(clamping: index))
                ).html,
            ]
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
                hyperlink(form.archive, .flag(.isFile)) {
                    "Download all that this search finds, with proofs"
                }
            }
        }
    }
}
