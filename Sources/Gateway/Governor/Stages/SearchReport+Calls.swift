import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSafety

extension SearchReport {
    /// The report of a call that was sent.
    ///
    /// - Parameters:
    ///   - taint: the level of its run at its end; nil if that has read no untrusted content.
    ///   - notices: what was found in its progress and log messages.
    init(of inspected: InspectedCall, _ taint: RunTaint?, notices: NoticeFindings?) {
        self.init()
        let (call, judged) = (inspected.call.id, inspected.executed.decided.judged)
        findings = inspected.found?.reported ?? ReportedFindings()
        arguments = judged.search.found?.reported ?? ReportedFindings()
        self.notices = notices?.found?.reported ?? ReportedFindings()
        add(judged.labels)
        add(sourcesOf: taint)
        // A call that was not searched made its run hostile by itself, and the record says so.
        if let mark = taint?.mark, mark.call == call, let search = inspected.executed.markers {
            self.mark = HostileText(
                kinds: mark.kinds, passage: mark.passage ?? search.first.text)
        }
    }

    /// The report of a call that a decision denied.
    init(denied judged: JudgedCall) {
        self.init()
        findings = judged.search.found?.reported ?? ReportedFindings()
        add(judged.labels)
        add(sourcesOf: judged.taint)
    }

    /// The report of a call that was permitted and not sent. Its findings are in its intent.
    init(unsent judged: JudgedCall) {
        self.init(denied: judged)
        arguments = findings
        findings = ReportedFindings()
    }

    /// The report of a call that was refused without a decision.
    init(refused found: ResultSearchSummary?) {
        self.init()
        findings = found?.reported ?? ReportedFindings()
    }

    private mutating func add(_ labels: KeyLabels?) {
        guard let labels else { return }
        set(worst: labels.worst, of: labels.count)
        for value in labels.values { add(value.label, of: value.pointer) }
    }

    private mutating func add(sourcesOf taint: RunTaint?) {
        for address in [taint?.first.address, taint?.mark?.address] {
            if let address { add(source: address.description) }
        }
    }

    /// True if the report says more than its record: rules and places, labels, or a mark.
    private var saysMore: Bool {
        mark != nil || !labels.isEmpty || worst == .untrusted || findings.hasRules
            || arguments.hasRules || notices.hasRules
    }

    /// The payload of the record; none if the record says as much.
    var payloads: [(field: String, plaintext: [UInt8])] {
        saysMore ? [(field: Self.field, plaintext: json.serialized())] : []
    }
}
