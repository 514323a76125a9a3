import InterlockAdministration
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations on calls whose outcome is unknown.
    static let outcomes: [Operation] = [
        Operation(
            name: "listUnknownOutcomes", method: .get, path: "/outcomes/unknown",
            summary: "The calls whose outcome is unknown and that no person has checked.",
            query: [
                .maybe("limit", .whole(OutcomeListing.limits), "Entries of a page; else 50."),
                .maybe("cursor", .text(PageCursor.shape), "`next` of the page before."),
            ],
            answer: OutcomeListing.form.shape, problems: [.notRead, .noSuchPage], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let outcomes = try api.part(api.sources.outcomes)
                let listing = OutcomeListing(
                    outcomes.unchecked(for: try api.visibility(call)),
                    limit: call.query["limit"]?.integer.map(Int.init) ?? 50,
                    after: try OutcomeListing.cursor(call.query["cursor"]?.string))
                return OutcomeListing.form.json(listing)
            }),
        Operation(
            name: "checkOutcome", method: .post, path: "/outcomes/{record}/checked",
            summary: "Records what a person found about the call of this `call.unknown`; the same "
                + "finding of the same person again changes nothing.",
            body: .record(
                "OutcomeCheck",
                .init("found", .choice(of: OutcomeFinding.self), "What the person found."),
                .maybe(
                    "comment", .text(.words(most: UnknownOutcomeService.longestComment)),
                    "Required for `still_unknown`; recorded.")),
            answer: CheckedOutcome.form.shape,
            problems: [
                .notRead, .noSuchRecord, .notEligible, .outcomeKnown, .checkedAlready,
                .notRecorded, .tooMany,
            ], isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let outcomes = try api.part(api.sources.outcomes)
                guard let index = call.places["record"].flatMap({ UInt64($0) }),
                    let finding = call.body["found"]?.string.flatMap(
                        OutcomeFinding.init(rawValue:))
                else { throw Problem(OutcomeRefusal.missing) }
                let (author, visibility) = (try call.author(), try api.visibility(call))
                do throws(OutcomeRefusal) {
                    return CheckedOutcome.form.json(
                        try await outcomes.check(
                            index, finding, comment: call.body["comment"]?.string ?? "",
                            by: author, with: visibility))
                } catch { throw Problem(error) }
            }),
    ]
}

extension Problem {
    fileprivate init(_ refusal: OutcomeRefusal) {
        if case .notRead(let cause) = refusal {
            self.init(cause)
            return
        }
        self.init(
            refusal.kind, refusal.sentence,
            help: refusal == .missing ? "interlock outcomes list" : nil)
    }
}

/// One page of the unknown outcomes that a reader sees, newest first. The order never changes while a client reads page
/// after page.
struct OutcomeListing: ResponseRecord {
    static let limits: ClosedRange<Int64> = 1...100

    let rows: [UnknownOutcome]
    /// Is nil on the last page.
    let next: PageCursor?

    /// There is one list: what a reader sees of it is decided for each page.
    private static let list = [UInt8](repeating: 0, count: PageCursor.listBytes)

    init(_ outcomes: [UnknownOutcome], limit: Int, after cursor: PageCursor?) {
        let rest = outcomes.filter { outcome in
            cursor.map { (outcome.since, outcome.call.text) < ($0.expires, $0.id.text) } ?? true
        }
        rows = Array(rest.prefix(limit))
        next =
            rest.count > limit
            ? rows.last.flatMap { last in
                ApprovalID(last.call.text).map {
                    PageCursor(expires: last.since, id: $0, list: Self.list)
                }
            } : nil
    }

    /// - Throws: `noSuchPage` if the text is no cursor of this list.
    static func cursor(_ text: String?) throws(Problem) -> PageCursor? {
        guard let text else { return nil }
        guard let cursor = PageCursor(text: text), cursor.list == list else {
            throw Problem(.noSuchPage, "the cursor was made for another list")
        }
        return cursor
    }

    static let form = ResponseSchema<OutcomeListing>(
        "UnknownOutcomePage",
        .init(
            "outcomes", .list(of: UnknownOutcome.self, 0...Int(limits.upperBound)),
            "The newest first."
        ) { $0.rows },
        .maybe("next", .text(PageCursor.shape), "The cursor of the next page, if there is one.") {
            $0.next?.text
        })
}

extension UnknownOutcome: ResponseRecord {
    private static let shortText = JSONSchemaType.text(.plain(1...256))

    static let form = ResponseSchema<UnknownOutcome>(
        "UnknownOutcome",
        .maybe(
            "record", .count,
            "The index of its `call.unknown`; left out until the log was read, and if this reader must not read it."
        ) { $0.details.map { Int64(clamping: $0.record) } },
        .init("call", .text(.id), "The call.") { $0.call.text },
        .init("run", .text(.id), "Its run.") { $0.run.text },
        .init("agent", shortText, "The agent of the run.") { $0.agent.text },
        .maybe("tool", .text(.plain(1...512)), "The tool.") { $0.tool?.description },
        .init("since", .text(.time), "When the outcome became unknown.") { $0.since },
        .init("due", .text(.time), "By when it is to be checked.") { $0.due },
        .maybe("cause", .choice(["crash", "killed", "timeout", "disconnect", "limit"]), "Why.") {
            $0.details?.cause
        },
        .init("mine", .truth, "Whether this reader may check it.") { $0.isMine })
}

extension CheckedOutcome: ResponseRecord {
    static let form = ResponseSchema<CheckedOutcome>(
        "CheckedOutcome",
        .init("record", .count, "The index of its `call.unknown`.") {
            Int64(clamping: $0.record)
        },
        .init("call", .text(.id), "The call.") { $0.call.text },
        .init("found", .choice(of: OutcomeFinding.self), "What the person found.") {
            $0.finding.rawValue
        },
        .init("by", .text(.base64(16)), "The person, a pseudonym.") { $0.by.text })
}
