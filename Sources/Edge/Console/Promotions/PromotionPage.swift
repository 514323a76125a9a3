import InterlockAPI
import InterlockAdministration
import InterlockLedger
import InterlockMarkup
import InterlockModel
import InterlockPromotions
import InterlockTrust

/// `/promotions/DIGEST`: a promotion that was proposed, with its evidence, the readiness of the agent and the signatures.
struct PromotionPage {
    let view: ProposalView
    /// Is nil for a console that does not know of it.
    let readiness: Readiness?
    let viewer: Person
    /// Is nil if nothing can be signed here.
    let signer: OrderSigner?

    private var snapshot: TrustSnapshot { view.snapshot }
    private var isMine: Bool { view.waits(for: viewer) || mayBegin }

    /// Any person who may read the proposal may be its first decider.
    private var mayBegin: Bool { view.isOpen && view.promotion == nil }

    var title: String { "Promotion of \(view.agent)" }

    var header: PageHeader {
        var header = PageHeader(
            kind: "Promotion", back: .init(words: "Inbox", link: Link("approvals")), status
        ) {
            SafeText.name(view.agent.text)
            " to stage \(snapshot.to.text)"
        }
        header.say {
            snapshot.undoes
                ? "Undoes demotions that people found mistaken" : "Widens what it may do"
        }
        header.fact("From") { snapshot.from.text }
        header.fact("Signed") {
            "\(view.signed.count)" + (view.promotion.map { " of \($0.deciders.count)" } ?? "")
        }
        header.fact("Can be signed until") { Shape.exact(view.end) }
        if isMine, signer != nil {
            header.primary = HeaderAction("Go to signature", .to(PromotionForm.anchor))
        }
        header.add(HeaderAction("Open agent", Link("agents", view.agent.text)))
        return header
    }

    private var status: StatusBadge {
        let evidence = "The evidence on disk, computed again at each signature."
        if view.isOpen { return StatusBadge(.pending, "Waits for signatures", from: evidence) }
        guard view.promotion != nil, view.waiting.isEmpty else {
            return StatusBadge(.plain, "Over", from: evidence)
        }
        return StatusBadge(.plain, "Signed by all", from: evidence)
    }

    @HTMLBuilder var content: [HTML] {
        card("Evidence", .part) {
            facts.html
            criteria.html
        }
        if let readiness {
            card("Ready", .part) { AgentReadiness(readiness: readiness).content }
        }
        card("Document", .part) { document }
        card("Signature", id: PromotionForm.anchor) { signature }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Computed") { Shape.exact(snapshot.date) }
        facts.add("Audit log", text: snapshot.checkpoint.origin)
        facts.add("Read up to") { "\(Shape.grouped(snapshot.checkpoint.size)) records" }
        facts.add("Evidence") { Shape.whole(view.evidence.prefixed) }
        facts.add("Criteria file") { Shape.digest(snapshot.criteria.prefixed) }
        facts.add("Policy") { Shape.digest(snapshot.policy.prefixed) }
        facts.add("Fingerprint") { Shape.digest(snapshot.fingerprint.prefixed) }
        facts.add("Result of evals") { Shape.digest(snapshot.evalResult.prefixed) }
        return facts
    }

    private var criteria: Table {
        Table(
            "Each criterion of stage \(snapshot.to.text) with value and threshold",
            [
                .name("Criterion"), .text("Value"), .text("Threshold"), .number("Records"),
                .state("State"),
            ], view.lines
        ) { one in
            [
                .text(AgentTrust.name(one.line.criterion)), .own(one.line.value),
                .own(one.line.threshold), .text("\(one.records)"),
                one.line.isMet ? badge("met", .good) : badge("missed", .warning),
            ]
        }
    }

    @HTMLBuilder private var document: [HTML] {
        if let promotion = view.promotion {
            terms(of: promotion).html
        } else {
            element(.p) {
                "No person has signed yet. The first decider states why, and who else decides."
            }
        }
        element(.p, .style(.hint)) {
            "From stage 2 on the owner does not decide alone, stage 3 and undoing a demotion need two deciders, and to attest a stage again the owner is one of them."
        }
    }

    private func terms(of promotion: Promotion) -> Facts {
        var facts = Facts()
        facts.add("Rationale") { SafeText.quoted(promotion.rationale) }
        facts.add("Owner") { Shape.person(promotion.owner) }
        facts.add("Deciders") { PolicyLabels.people(promotion.deciders) }
        facts.add("Signed by") { PolicyLabels.people(view.signed, or: "no person yet") }
        facts.add("Date") { Shape.exact(promotion.date) }
        facts.add("Expires") { Shape.exact(promotion.expires) }
        return facts
    }

    @HTMLBuilder private var signature: [HTML] {
        if !view.isOpen {
            element(.p) { "It can no longer be signed." }
        } else if let signer, isMine {
            element(.p) {
                "The evidence is read from the audit log again as you sign, which can take a minute. If it no longer holds, nothing is stored."
            }
            PromotionForm(view: view, signer: signer).html
        } else if view.signed.contains(viewer) {
            element(.p) { "You have signed. It waits for other people." }
        } else {
            element(.p) { "It does not wait for you." }
        }
    }
}

/// The proposals about one agent, on its page.
struct AgentProposals {
    static let anchor = Anchor("agent-proposals")

    /// Is nil until the proposals were read after the start.
    let proposals: [ProposalView]?

    @HTMLBuilder var content: [HTML] {
        if let proposals {
            Table(
                "Promotions that wait for signatures, the newest first",
                [
                    .name("Promotion"), .text("Signed"), .text("Waits for"), .time("Until"),
                ], proposals, isLinked: true
            ) { view in
                [
                    hyperlink(Link("promotions", view.evidence.hex)) {
                        "Stage \(view.snapshot.from.text) to \(view.snapshot.to.text)"
                    },
                    .text("\(view.signed.count)"), .group(Self.waiting(view)),
                    Shape.time(view.end),
                ]
            }.html(or: "No promotion waits for signatures.")
        } else {
            element(.p, .style(.empty)) { "The proposals are being read." }
        }
    }

    @HTMLBuilder private static func waiting(_ view: ProposalView) -> [HTML] {
        if view.promotion == nil {
            "a first decider"
        } else {
            PolicyLabels.people(view.waiting)
        }
    }
}
