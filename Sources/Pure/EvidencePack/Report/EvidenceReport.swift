package import InterlockJSON
package import InterlockModel

/// The report of a pack for people, made from its files alone: `report.md`, `report.html`, and the views
/// (docs/specs/evidence.md, section 3). It says what was enforced, shown and not shown, and gives no opinion.
package struct EvidenceReport: Sendable {
    struct Framework: Sendable {
        let id: String
        let title: String
        let edition: String
        let status: String
        let note: String
        /// The items that no control speaks to, with the coverage of each.
        let uncovered: [(id: String, coverage: String)]
    }

    private let head: JSONValue
    let controls: [ControlFile]
    let frameworks: [Framework]
    let reviews: [ReviewSummary]
    private let names: [String]

    /// - Parameters:
    ///   - head: the members of the manifest but for `files`.
    ///   - controls: the control files.
    ///   - frameworks: the files of `frameworks/`.
    ///   - reviews: those of `reviews/`.
    ///   - names: the files of the pack, of which alone the report names some.
    /// - Throws: if a file has not the form of this version.
    package init(
        head: JSONObject, controls: [[UInt8]], frameworks: [[UInt8]],
        reviews: [ReviewSummary] = [], names: [String] = []
    ) throws(FormError) {
        self.head = .object(head)
        self.reviews = reviews
        self.names = names
        self.controls = try controls.map { bytes throws(FormError) in
            try ControlFile(parsing: bytes)
        }
        self.frameworks = try frameworks.map { bytes throws(FormError) in
            let value = try StrictFields.canonicalValue(bytes, limit: ControlFile.maximumBytes)
            return Framework(
                id: value["id"]?.string ?? "", title: value["title"]?.string ?? "",
                edition: value["edition"]?.string ?? "", status: value["status"]?.string ?? "",
                note: value["note"]?.string ?? "", uncovered: Self.uncovered(value))
        }
    }

    package var markdown: String { ReportBlock.markdown(blocks) }
    package var html: String { ReportBlock.html(title, blocks) }

    /// The controls in four columns: least privilege, secret hygiene, change review, audit.
    package var fourColumns: String {
        var blocks: [ReportBlock] = [.heading(1, title)]
        for column in ControlColumn.allCases {
            blocks.append(.heading(2, column.rawValue))
            let ofColumn = controls.filter { EvidenceControl.of($0.id)?.column == column }
            blocks.append(Self.overview(ofColumn))
        }
        return ReportBlock.markdown(blocks)
    }

    // MARK: The report

    private var title: String {
        "Evidence of \(text("scope", "org")), \(text("from")) to \(text("to"))"
    }

    private var blocks: [ReportBlock] {
        var blocks: [ReportBlock] = [.heading(1, title)]
        blocks += introduction
        blocks += gapBlocks
        blocks += reviewBlocks
        blocks.append(.heading(2, "Controls"))
        blocks.append(Self.overview(controls))
        for control in controls { blocks += detail(control) }
        blocks += frameworkBlocks
        blocks += questionBlocks
        blocks += ending
        return blocks
    }

    private var introduction: [ReportBlock] {
        let log = head["logs"]?.array?.first
        let agents = head["scope"]?["agents"]?.array?.compactMap(\.string) ?? []
        let seed =
            head["seed"] == nil
            ? "The samples follow from the log: their seed is that of the record which is first after the period."
            : "The seed of the samples was given by a person."
        var blocks: [ReportBlock] = [
            .paragraph(
                Self.shown(by: log) + " It cannot show that a record was true when it was written, "
                    + "or that nothing went past the gateway. It is no opinion on a law or a standard."
            ),
            .list([
                "Agents: \(agents.isEmpty ? "all" : agents.joined(separator: ", "))",
                "Built: \(text("built")) by \(text("by")), with Interlock \(text("interlock")), build \(text("build"))",
                "Witnesses of the checkpoint, by this deployment's own list: \(log?["witnesses"]?.integer ?? 0)",
                "Enforced \(number("enforced")), gaps \(number("gap")), guidance \(number("guidance"))",
                "Runs of evals, and canaries of drills and self-tests, are in no figure. \(seed)",
                "A count is the statement of the signer until a verifier makes it again from the log (--log).",
            ]),
        ]
        if head["partial"] != nil {
            blocks.append(
                .paragraph("Partial: the log does not reach back to the begin of the period."))
        }
        return blocks
    }

    /// The statement of the pack. A checkpoint without a witness was seen by its signer alone.
    private static func shown(by log: JSONValue?) -> String {
        let checkpoint =
            "checkpoint of size \(log?["end"]?["size"]?.string ?? "unknown") of the log "
            + (log?["origin"]?.string ?? "unknown")
        guard (log?["witnesses"]?.integer ?? 0) > 0 else {
            return "This pack shows what the signer of the log states as recorded, up to the "
                + "\(checkpoint). No witness has cosigned that checkpoint, so nothing shows that the log "
                + "was not written anew before the pack was built."
        }
        return
            "This pack shows what was recorded, and that it was not changed since an outside party "
            + "saw the \(checkpoint)."
    }

    private static func overview(_ controls: [ControlFile]) -> ReportBlock {
        .table(
            ["control", "title", "status", "tests passed", "samples"],
            controls.map { control -> [String] in
                [
                    control.id.rawValue, EvidenceControl.of(control.id)?.title ?? "unknown",
                    control.status.text,
                    "\(control.tests.count(where: \.passed)) of \(control.tests.count)",
                    String(control.samples.count),
                ]
            })
    }

    private func detail(_ control: ControlFile) -> [ReportBlock] {
        let title = EvidenceControl.of(control.id)?.title ?? "unknown"
        var lines = ["Status: \(control.status.text)"]
        lines += control.gaps.map { "Gap: \($0.text)" }
        lines += control.counts.map { "Count: \(text(of: $0, in: control))" }
        lines += control.tests.map { test -> String in
            let origin =
                switch test.origin {
                case .release: "the release"
                case .deployment(let at): "this deployment, \(at.rfc3339(fractionDigits: 0))"
                }
            return "Test: \(test.id) of \(origin): \(test.passed ? "passed" : "failed")"
        }
        lines += control.samples.map { sample in
            "Sample: \(sample.kind), record \(sample.index), records/\(sample.leaf.hex).json"
        }
        if let reviewer = control.reviewer {
            lines.append(
                "Reviewed: \(reviewer.day.text) by \(reviewer.who), review \(reviewer.review) of \(reviewer.scope)"
            )
            lines += reviewer.earlier.map { "Reviewed before: review \($0)" }
        }
        lines += control.frameworks.map { map -> String in
            let mark = marks(map.id)
            return "\(map.id): " + map.items.map { $0 + mark }.joined(separator: ", ")
        }
        return [
            .heading(3, "\(control.id.rawValue) \(title)"), .paragraph(control.statement),
            .list(lines),
        ]
    }

    /// The mark of each id of a framework whose ids were not compared with its publisher's.
    func marks(_ framework: String) -> String {
        let isChecked = frameworks.contains {
            sameBytes($0.id, framework)
                && sameBytes($0.status, FrameworkMap.Status.checked.rawValue)
        }
        return isChecked ? "" : " (\(FrameworkMap.Status.notVerified.rawValue))"
    }

    private func text(of count: ControlFile.Count, in control: ControlFile) -> String {
        switch count {
        case .leaf(let query, let number):
            let field = query.field.map { " with \($0.name) \($0.value)" } ?? ""
            return "\(query.type)\(field): \(number)"
        case .check(let check, let number):
            guard number == 0 else { return "\(check.rawValue): \(number)" }
            let total =
                switch check {
                case .outcomeWithoutApprovalUsed: [LeafQuery("call.intent", "dec", "approve")]
                case .outcomeWithoutIntent: [LeafQuery("call.outcome"), LeafQuery("call.unknown")]
                }
            let sum = control.counts.reduce(0) { sum, count in
                guard case .leaf(let query, let number) = count, total.contains(query) else {
                    return sum
                }
                return sum + number
            }
            return "\(check.rawValue): \(ZeroBound.text(of: sum)); complete as far as C09 shows"
        }
    }

    private static func uncovered(_ map: JSONValue) -> [(id: String, coverage: String)] {
        (map["items"]?.array ?? []).compactMap { item -> (id: String, coverage: String)? in
            guard item["controls"]?.array?.isEmpty ?? true, let id = item["id"]?.string,
                let coverage = item["coverage"]?.string
            else { return nil }
            return (id: id, coverage: coverage)
        }
    }

    private var frameworkBlocks: [ReportBlock] {
        [
            .heading(2, "Frameworks"),
            .paragraph(
                "Interlock's own reading, to find things by: ids alone, no text of a standard."),
            .table(
                ["id", "title", "edition", "status", "note"],
                frameworks.map { [$0.id, $0.title, $0.edition, $0.status, $0.note] }),
        ]
    }

    private var questionBlocks: [ReportBlock] {
        [
            .heading(2, "Questions that auditors ask"),
            .table(
                ["question", "files", "controls"],
                AuditorQuestion.all.map { question -> [String] in
                    let states = question.controls.map { "\($0.rawValue) \(status(of: $0))" }
                    let files = question.files.filter { PackFileName.has($0, names) }
                    return [
                        question.text,
                        files.isEmpty ? "none of the period" : files.joined(separator: ", "),
                        states.joined(separator: "; "),
                    ]
                }),
        ]
    }

    private func status(of id: ControlID) -> String {
        controls.first { $0.id == id }?.status.text ?? "unknown"
    }

    private var ending: [ReportBlock] {
        [
            .heading(2, "How to check this pack"),
            .paragraph(
                "interlock-verify evidence PACK --trust FILE --log DIR, with a verifier and keys from elsewhere. "
                    + "What it could not check it prints as unverified."),
            .heading(2, "Not covered"),
            .paragraph(
                "Processes outside of the product: the hiring of people, the protection of buildings, the training of "
                    + "models."),
        ]
    }

    private func text(_ keys: String...) -> String {
        var value: JSONValue? = head
        for key in keys { value = value?[key] }
        return value?.string ?? "unknown"
    }

    private func number(_ status: String) -> Int64 { head["summary"]?[status]?.integer ?? 0 }
}
