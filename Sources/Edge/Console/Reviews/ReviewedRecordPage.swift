import InterlockAPI
import InterlockAdministration
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

/// `/agents/NAME/review/records/LEAF`: a record of the sample with the others of its call, and the form that marks it.
struct ReviewedRecordPage {
    /// Nil for the organisation.
    let agent: AgentName?
    let leaf: Digest
    let view: OpenedRecordView
    let formToken: String
    /// The policy in force, which declares the units of arguments.
    let policy: (any PolicyQueries)?
    /// The mark that was refused.
    var refused: RefusedForm?

    private static let choice = Anchor("mark-as")
    private static let note = Anchor("mark-note")
    private static let form = Anchor("mark")

    private var part: ReadRecord.Part { view.read.record }
    /// An erased record keeps its mark, so that the one that replaces it stays in the sample.
    private var isErased: Bool { view.read.isErased || view.mark?.judgement == .erased }

    var title: String { "Record \(part.index) of a review" }

    var header: PageHeader {
        let status =
            view.mark.map { StatusBadge(.plain, Self.words(of: $0), from: "The marks on record.") }
            ?? StatusBadge(.pending, "Unmarked", from: "The marks on record.")
        var header = PageHeader(
            kind: "Record of the sample",
            back: PageHeader.Back(words: "Review", link: ReviewRoute(agent).link), status
        ) {
            "Record \(part.index): "
            let words = RecordHeadline(record: part.record)
            if words.isKnown { words.headline } else { SafeText.text(words.headline) }
        }
        header.say { "Proved against the checkpoint of the sample" }
        header.fact("Agent") { SafeText.name(view.agent.text) }
        header.fact("Part of the sample") { view.stratum.words }
        header.fact("Tool", text: part.record.text("tool"))
        if let time = part.record.time { header.fact("Time") { Shape.exact(time) } }
        if !isErased { header.primary = HeaderAction("Go to the mark", .to(Self.form)) }
        return header
    }

    private static func words(of mark: MarkedRecord) -> String {
        switch mark.judgement {
        case .ok: "Marked in order"
        case .unclear: "Marked unclear"
        case .erased: "Erased"
        case .finding(let severity): "Finding of severity \(severity.rawValue)"
        }
    }

    @HTMLBuilder var content: [HTML] {
        if isErased {
            notice(.warning) {
                "A payload was erased. The next record of the stratum is read in its place."
            }
        }
        card("Record", .part) { shown(part) }
        for other in view.read.others {
            card("Record \(other.index) of the same call", .part) { shown(other) }
        }
        if !isErased {
            card("Mark", id: Self.form) { mark }
        }
    }

    @HTMLBuilder private func shown(_ part: ReadRecord.Part) -> [HTML] {
        RecordFields(record: part.record, bytes: part.bytes).html
        if view.showsPayloads {
            for payload in part.payloads {
                element(.h3) {
                    if let label = FieldLabels.label(payload.field) {
                        label
                    } else {
                        "Payload "
                        SafeText.text(payload.field)
                    }
                }
                RecordedPayload(payload: payload, record: part.record, policy: policy).content
            }
        } else if !part.payloads.isEmpty {
            element(.p, .style(.muted)) { "Arguments and results require the role security." }
        }
    }

    private var mark: HTML {
        Form(action: ReviewRoute(agent, .mark(leaf)).link, formToken: formToken) {
            if let refused { refused.notice }
            if let mark = view.mark {
                element(.p) {
                    "\(Self.words(of: mark))\(mark.note == nil ? "" : ", with a note"). "
                    if mark.note != nil {
                        "The note is in the "
                        hyperlink(Link("audit", query: [("type", "review.marked")])) {
                            "record of the mark"
                        }
                        ". "
                    }
                    "Another mark takes its place, with its note."
                }
            }
            Form.select(
                "This record is", "as", Self.choice,
                [(value: "", words: "not said yet")]
                    + MarkChoice.allCases.map { (value: $0.rawValue, words: $0.text) },
                chosen: values.value("as", or: chosen?.rawValue ?? ""))
            Form.field(
                noteLabel, Self.note, values.area("note", Self.note, rows: 2, longest: 1_000))
            element(.button, .style(.approve), .word(.type, "submit")) { "Save mark" }
        }.html
    }

    private var values: FormValues { FormValues(refused: refused) }

    private var noteLabel: String {
        view.mark?.judgement.isFinding == true
            ? "Note (required to take the finding back; kept apart from the log)"
            : "Note (optional, kept apart from the log)"
    }

    /// The mark on record, which is chosen until another one is.
    private var chosen: MarkChoice? {
        switch view.mark?.judgement {
        case nil, .erased?: nil
        case .ok?: .ok
        case .unclear?: .unclear
        case .finding(.minor)?: .minor
        case .finding(.serious)?: .serious
        case .finding(.severe)?: .severe
        }
    }
}
