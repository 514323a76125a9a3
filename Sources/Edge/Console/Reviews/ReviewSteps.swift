import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews

/// The steps of a review on its page, in their order: start, sample, the other parts, what is missing, and the signature.
struct ReviewSteps {
    /// Nil for the organisation.
    let agent: AgentName?
    /// Nil if no review is open.
    let work: ReviewWork?
    let signer: OrderSigner
    /// The form that was refused last.
    var refused: RefusedForm?
    /// The review that this person could start; nil while one is open.
    var proposal: ReviewProposal?

    private static let start = Anchor("start")
    private static let signature = Anchor("sign")
    private static let from = Anchor("review-from")
    private static let to = Anchor("review-to")
    private static let hint = Anchor("review-hint")
    private static let lacking = Anchor("missing")

    private var formToken: String { signer.session.formToken }

    /// The step that comes next; nil if this person can take none.
    var next: HeaderAction? {
        guard let work else {
            return proposal?.objection == nil
                ? HeaderAction("Start review", .to(Self.start)) : nil
        }
        guard work.objection == nil else { return nil }
        if let document = work.document {
            return waits(document) ? nil : HeaderAction("Go to signature", .to(Self.signature))
        }
        if let record = work.marked.unmarked.first {
            return HeaderAction("Open next record", ReviewRoute(agent, .record(record.leaf)).link)
        }
        if work.statement.policy != work.policy {
            return HeaderAction("Compare scopes", ReviewRoute(agent, .scopes).link)
        }
        if work.drift.contains(where: { $0.outcome == nil }) {
            return HeaderAction("Go to drift", .to(ReviewStatementForms.driftPart))
        }
        if work.statement.controls.count < ReviewControl.allCases.count {
            return HeaderAction("Go to the questions", .to(ReviewStatementForms.controlsPart))
        }
        let isOpen = work.open.contains { open in
            !work.statement.earlier.contains { $0.isAbout(open) }
        }
        if isOpen {
            return HeaderAction(
                "Go to earlier findings", .to(ReviewStatementForms.earlierPart))
        }
        return work.missing.isEmpty
            ? HeaderAction("Go to signature", .to(Self.signature))
            : HeaderAction("Go to what is missing", .to(Self.lacking))
    }

    /// True if others have to sign after this person.
    private func waits(_ document: (signOff: ReviewSignOff, signed: [Person])) -> Bool {
        document.signOff.isAwaitingOthers(than: signer.session.person, signed: document.signed)
    }

    @HTMLBuilder var content: [HTML] {
        if let work {
            if let objection = work.objection {
                notice(.warning) { SafeText.own("You do not review it: \(objection).") }
            }
            card("Sample", .part) { sample(of: work) }
            if work.objection == nil, let document = work.document {
                card("What is signed", .part) { SignOffView(signOff: document.signOff).content }
                card("Signature", id: Self.signature) { signature(of: work) }
                card("Discard the document", .part) { discarding(document.signed) }
            } else if work.objection == nil {
                ReviewStatementForms(
                    agent: agent, work: work, formToken: formToken, refused: refused
                ).content
                card("Missing before the signature", .part, id: Self.lacking) {
                    missing(of: work)
                }
                card("Signature", id: Self.signature) { signature(of: work) }
            }
        } else if let objection = proposal?.objection {
            card("Start a review", id: Self.start) {
                element(.p) { SafeText.own("You do not review it: \(objection).") }
            }
        } else {
            card("Start a review", id: Self.start) { starting }
        }
    }

    @HTMLBuilder private var starting: [HTML] {
        element(.p) {
            "The sample is drawn once: neither reviewer nor owner can choose its records. The owner of the agent does not review it."
        }
        element(.p, .style(.muted)) {
            "The period begins with the day up to which it was reviewed, and ended within the last 7 days. Drawing the sample takes some seconds."
        }
        let own = refused.flatMap { $0.has("part", "") ? $0 : nil }
        let values = FormValues(refused: own)
        Form(action: ReviewRoute(agent, .start).link, formToken: formToken) {
            if let own { own.notice }
            Form.field(
                "First day of the period", Self.from,
                Self.day("from", Self.from, values.value("from", or: proposal?.from.text) ?? ""))
            Form.field(
                "Day after its last day (empty: up to now)", Self.to,
                Self.day("to", Self.to, values.value("to") ?? ""))
            element(.button, .style(.approve), .word(.type, "submit")) { "Start review" }
        }.html
    }

    /// A field for a day in UTC.
    static func day(_ name: StaticString, _ id: Anchor, _ value: String) -> HTML {
        empty(.input, .word(.type, "date"), .word(.name, name), .id(id), .text(.value, value))
    }

    @HTMLBuilder private func sample(of work: ReviewWork) -> [HTML] {
        element(.p) {
            "\(work.marked.unmarked.count) of \(work.marked.records.count) records are unmarked. Each is proved as it is opened, and that you read it is recorded. The command is "
            element(.code) { "interlock review sample \(work.id.text)" }
            "."
        }
        work.marked.tables { link(to: $0, work) }
    }

    private func link(to record: SampledRecord, _ work: ReviewWork) -> Link {
        work.objection == nil
            ? ReviewRoute(agent, .record(record.leaf)).link : Link("audit", String(record.index))
    }

    @HTMLBuilder private func missing(of work: ReviewWork) -> [HTML] {
        if work.missing.isEmpty {
            element(.p) { "Nothing." }
        } else {
            element(.ul) {
                for one in work.missing { element(.li) { SafeText.text(one) } }
            }
        }
    }

    @HTMLBuilder private func signature(of work: ReviewWork) -> [HTML] {
        if let document = work.document {
            signers(of: document.signOff, document.signed)
        } else if let draft = work.draft {
            element(.p) { "You sign:" }
            SignOffView(signOff: draft).content
        }
        if let document = work.document, waits(document) {
            element(.p) { "You have signed. It waits for other people." }
        } else if !work.missing.isEmpty, work.document == nil {
            element(.p) { "It can be signed when nothing is missing." }
        } else {
            form(work)
        }
    }

    @HTMLBuilder private func discarding(_ signed: [Person]) -> [HTML] {
        element(.p) {
            PolicyLabels.people(signed)
            " signed these words, so nothing of the review can be changed. Discarding the document drops the signatures; the answers are kept and can be changed then."
        }
        Form(action: ReviewRoute(agent, .statement).link, formToken: formToken) {
            Form.hidden("part", StatementPart.withdrawal.rawValue)
            element(.button, .style(.deny), .word(.type, "submit")) { "Discard the document" }
        }.html
    }

    private func signers(of signOff: ReviewSignOff, _ signed: [Person]) -> HTML {
        var facts = Facts()
        facts.add("Reviewers") { PolicyLabels.people(signOff.reviewers) }
        facts.add("Signed by") { PolicyLabels.people(signed, or: "no person yet") }
        return facts.html
    }

    private func form(_ work: ReviewWork) -> HTML {
        signer.form(
            .word(.order, "elevate-review"), .style(.approve), "Sign review", hint: Self.hint,
            command: "interlock review sign \(work.id.text)"
        ) {
            Form.hidden("path", "review-sign-offs/\(work.id.text)/sign")
            Form.hidden("draft", "review-sign-offs/\(work.id.text)/draft")
        }
    }
}

extension MarkedSample {
    /// The warnings about the marks, and the records of each stratum.
    ///
    /// - Parameter link: the page of a record.
    @HTMLBuilder func tables(_ link: (SampledRecord) -> Link) -> [HTML] {
        for warning in warnings { notice(.warning) { SafeText.text(warning) } }
        for stratum in sample.strata where stratum.population > 0 {
            element(.h3) {
                SafeText.name(stratum.agent.text)
                ", \(stratum.stratum.words), \(Shape.count(stratum.population, "call")): \(result(of: stratum))"
            }
            Table(
                "Records to read", [.id("Record"), .time("Time"), .state("Mark")],
                records(of: stratum)
            ) { record in
                [
                    hyperlink(link(record)) { String(record.index) }, Shape.time(record.time),
                    .text(marks[record.leaf]?.judgement.words ?? "unmarked"),
                ]
            }.html(or: "No record is to be read.")
        }
    }

    /// The bound that the marks give, or that there is none yet.
    private func result(of stratum: StratumSample) -> String {
        let isMarked = records(of: stratum).contains { marks[$0.leaf] != nil }
        return isMarked ? bound(of: stratum) : "none is marked yet"
    }
}
