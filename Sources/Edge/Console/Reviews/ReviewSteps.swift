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

    private static let start = Anchor("start")
    private static let signature = Anchor("sign")
    private static let from = Anchor("review-from")
    private static let to = Anchor("review-to")
    private static let hint = Anchor("review-hint")

    private var formToken: String { signer.session.formToken }

    /// The step that comes next; nil if this person can take none.
    var next: HeaderAction? {
        guard let work else { return HeaderAction("Start review", .to(Self.start)) }
        guard work.objection == nil else { return nil }
        if let record = work.marked.unmarked.first {
            return HeaderAction("Open next record", ReviewRoute(agent, .record(record.leaf)).link)
        }
        if work.statement.policy != work.policy {
            return HeaderAction("Compare scopes", ReviewRoute(agent, .scopes).link)
        }
        return HeaderAction("Go to signature", .to(Self.signature))
    }

    @HTMLBuilder var content: [HTML] {
        if let work {
            if let objection = work.objection {
                notice(.warning) { SafeText.own("You do not review it: \(objection).") }
            }
            card("Sample", .part) { sample(of: work) }
            if work.objection == nil {
                ReviewStatementForms(agent: agent, work: work, formToken: formToken).content
                card("Missing before the signature", .part) { missing(of: work) }
                card("Signature", id: Self.signature) { signature(of: work) }
            }
        } else {
            card("Start a review", id: Self.start) { starting }
        }
    }

    @HTMLBuilder private var starting: [HTML] {
        element(.p) {
            "The sample is drawn once: neither reviewer nor owner can choose its records. The owner of the agent does not review it."
        }
        Form(action: ReviewRoute(agent, .start).link, formToken: formToken) {
            Form.field("First day of the period", Self.from, Self.day("from", Self.from, nil))
            Form.field(
                "Day after its last day (empty: up to now)", Self.to,
                Self.day("to", Self.to, nil))
            element(.button, .style(.approve), .word(.type, "submit")) { "Start review" }
        }.html
    }

    /// A field for a day in UTC.
    static func day(_ name: StaticString, _ id: Anchor, _ value: CivilDate?) -> HTML {
        empty(
            .input, .word(.type, "date"), .word(.name, name), .id(id),
            .text(.value, value?.text ?? ""))
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
        }
        if work.document?.signed.contains(signer.session.person) == true {
            element(.p) { "You have signed. It waits for other people." }
        } else if !work.missing.isEmpty, work.document == nil {
            element(.p) { "It can be signed when nothing is missing." }
        } else {
            form(work)
        }
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
            element(.h3) { "\(stratum.stratum.rawValue): \(bound(of: stratum))" }
            Table(
                "Records to read", [.id("Record"), .time("Time"), .state("Mark")],
                records(of: stratum)
            ) { record in
                [
                    hyperlink(link(record)) { String(record.index) }, Shape.time(record.time),
                    .text(marks[record.leaf]?.judgement.word ?? "unmarked"),
                ]
            }.html(or: "No record is to be read.")
        }
    }
}
