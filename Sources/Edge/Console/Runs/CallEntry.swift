import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// One call of a run: a line with its bars, which opens in place.
struct CallEntry {
    let span: CallSpan
    /// All records of the call on this page, oldest first.
    let steps: [RunStep]
    /// True if the viewer may also read payloads and records.
    let reads: Bool
    let run: RunID
    let waterfall: Waterfall
    /// The policy in force, which declares the units of arguments.
    let policy: (any PolicyQueries)?

    var html: HTML {
        element(.li, .style([.entry] + (isDenied ? [.bad] : []))) {
            element(.details) {
                element(.summary) {
                    element(.strong) { SafeText.text(span.tool ?? "unknown tool") }
                    " "
                    element(.span) { end }
                    " "
                    element(.span, .style(.muted)) { time }
                    waterfall.drawing(of: span)
                }
                facts
                records
            }
            mark.html
        }
    }

    /// The length of the call; of one without an end the time of its start, since its records do not measure it.
    @HTMLBuilder private var time: [HTML] {
        if span.end == .open {
            "began "
            Shape.time(span.start)
        } else {
            Shape.duration(span.last - span.start)
        }
    }

    /// False while people decide: the agent may call again.
    private var isDenied: Bool {
        if case .denied(let code) = span.end { code != "approval.pending" } else { false }
    }

    private var mark: ProofBadge {
        ProofBadge(
            RecordProof.weakest(of: steps.map(\.proof)).map { .proved($0) } ?? .notChecked,
            of: "Call of \(SafeLine.text(span.tool ?? "unknown tool")), \(places)",
            Anchor("proof-call", Int(clamping: span.index)), files: reads ? .run(run) : nil)
    }

    /// The mark of one record. It opens the popover of the call if that says the same, so that a page of fifty records
    /// has a popover for each call and not for each record.
    private func mark(of step: RunStep, in call: ProofBadge) -> HTML {
        var mark = ProofBadge(record: step.index, step.proof, files: reads)
        if mark.state == call.state { mark.shared = call.anchor }
        return mark.html
    }

    /// The numbers of the records: "record 72" or "records 72-79".
    private var places: String {
        let indexes = steps.map(\.index)
        guard let first = indexes.min(), let last = indexes.max(), first < last else {
            return "record \(span.index)"
        }
        return "records \(first)-\(last)"
    }

    @HTMLBuilder private var end: [HTML] {
        switch span.end {
        case .result(let status): DecisionLabels.html(status)
        case .denied(let code):
            if isDenied {
                steps.first { $0.type == .callDenied }
                    .map { "Denied: \(RefusalLabels($0.record).sentence) " } ?? "Denied "
                element(.span, .style(.muted)) { SafeText.text(code) }
            } else {
                "Not sent, approval pending"
            }
        case .unknown: "Outcome unknown"
        case .open:
            span.current == .people
                ? "Approval pending, no end among these records" : "No end among these records"
        }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Began") { Shape.time(span.start) }
        add(.callIntent, .callDenied, "Arguments", to: &facts)
        for step in steps where [.callIntent, .callDenied].contains(step.type) {
            add(decisionOf: step.record, to: &facts)
        }
        let approvals = steps.filter { $0.type.map(Self.approvals.contains) == true }
        if !approvals.isEmpty {
            facts.add("Approvals") {
                element(.ul) { for step in approvals { Self.approval(step) } }
            }
        }
        for part in span.parts {
            facts.add(part.phase == .people ? "Waited for people" : "With the server") {
                Shape.duration(part.until - part.from)
            }
        }
        add(.callInput, nil, "Answers", to: &facts)
        add(.callOutcome, nil, "Result", to: &facts)
        for step in steps where reads {
            guard let report = step.report else { continue }
            SearchReportFacts(report: report, isDenied: step.type == .callDenied).add(to: &facts)
        }
        return facts.html
    }

    /// Adds the payload of the first record of one of these types; for readers alone.
    private func add(
        _ type: RecordType, _ other: RecordType?, _ name: String, to facts: inout Facts
    ) {
        guard reads,
            let step = steps.first(where: { $0.type == type || other != nil && $0.type == other }),
            let payload = step.content
        else { return }
        facts.add(name) {
            RecordedPayload(
                payload: payload, record: step.record, policy: policy,
                mostBytes: RunStepView.mostBytes
            ).content
        }
    }

    private func add(decisionOf record: StoredRecord, to facts: inout Facts) {
        let isRefusal = record.type == RecordType.callDenied.rawValue
        facts.add("Decision") {
            DecisionLabels.html(record.text("dec") ?? (isRefusal ? "deny" : "allow"))
            if isRefusal { ": " + RefusalLabels(record).sentence }
        }
        if isRefusal, let remedy = RefusalLabels(record).wouldAllow {
            facts.add("What would allow it") { remedy }
        }
        facts.add("Rule", text: record.text("rule"))
        facts.add("Defined in", text: record.text("at"))
        if let context = record.text("ctx").flatMap({ Self.contexts[$0] }) {
            facts.add("Prompt context") { context }
        }
    }

    private static let contexts: [String: String] = [
        "given": "Handed over: see the prompts of this run", "none": "Not handed over",
        "large": "Handed over, too large to be kept", "many": "Handed over, too many to be kept",
    ]

    private static let approvals: Set<RecordType> = [
        .approvalRequested, .approvalGranted, .approvalDenied, .approvalExpired,
        .approvalWithdrawn, .approvalVoid, .approvalReissued, .approvalUsed, .approvalBreakGlass,
    ]

    private static func approval(_ step: RunStep) -> HTML {
        element(.li) {
            RecordHeadline(record: step.record).headline
            if let place = step.record["i"]?.integer, let need = step.record["need"]?.integer {
                ", \(place) of \(need)"
            }
            ", "
            Shape.time(step.record.time ?? Timestamp(microseconds: 0))
        }
    }

    private var records: HTML {
        let call = mark
        return element(.ul, .text(.label, "Records of the call")) {
            for step in steps {
                element(.li) {
                    let words = RecordHeadline(record: step.record).headline
                    if reads {
                        hyperlink(Link("audit", String(step.index))) { "Record \(step.index)" }
                    } else {
                        "Record \(step.index)"
                    }
                    ", "
                    SafeText.text(words)
                    " "
                    mark(of: step, in: call)
                }
            }
        }
    }
}

extension RunStep {
    /// Is nil for a type that this version does not know.
    var type: RecordType? { RecordType(rawValue: record.type) }
}
