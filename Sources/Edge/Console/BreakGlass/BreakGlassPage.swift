import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockMarkup
import InterlockModel

/// `/approvals/ID/break-glass`: lets one person use break-glass for a request, and another review the use. The service
/// says who may; the page shows its reason to others.
struct BreakGlassPage {
    let id: ApprovalID
    /// Is nil if the request ended so long ago that only the log has it.
    let view: ReviewView?
    let uses: [BreakGlassHistory.Use]
    let signer: OrderSigner
    let org: String
    /// The reason why the viewer cannot use break-glass, or nil; ignored unless `isOffered`.
    let useRefusal: BreakGlassRefusal?
    /// The reason why the viewer cannot review the use, or nil; ignored if no use waits for a review.
    let reviewRefusal: BreakGlassRefusal?
    /// True if the viewer reads all records.
    let readsRecords: Bool
    let now: Timestamp
    let name: (Pseudonym) -> Person?

    private static let act = Anchor("act")

    /// True if the request waits for more than one person.
    static func isOffered(_ view: ReviewView) -> Bool {
        view.state == .pending && view.decision.lowered != nil
    }

    private var offered: ReviewView? {
        guard let view, Self.isOffered(view), signer.roles.contains(.breakGlass) else { return nil }
        return view
    }
    private var open: BreakGlassHistory.Use? { uses.first { !$0.isReviewed } }

    var title: String { uses.isEmpty ? "Break glass" : "Break-glass review" }

    var header: PageHeader {
        var header = PageHeader(
            kind: "Break-glass", back: .init(words: "Request", link: Link("approvals", id.shown)),
            badge
        ) {
            if let view {
                SafeText.text(view.call.address.description)
                ", requested by "
                SafeText.text(view.call.agent.text)
            } else {
                "Request that is only in the log"
            }
        }
        if let open { header.fact("Review due") { Shape.time(open.due) } }
        if let view { header.fact("Risk") { Shape.tier(view.tier) } }
        if open != nil, reviewRefusal == nil {
            header.primary = HeaderAction("Go to review", .to(Self.act))
        } else if offered != nil, useRefusal == nil {
            header.primary = HeaderAction("Go to signature", .to(Self.act))
        } else if view?.status == .mayDecide {
            header.primary = HeaderAction("Decide request", Link("approvals", id.shown))
        }
        return header
    }

    private var badge: StatusBadge {
        let (look, words): (StatusBadge.Kind, String) =
            if let open {
                now < open.due ? (.attention, "Review due") : (.problem, "Review overdue")
            } else if uses.isEmpty {
                (.plain, "Not used")
            } else {
                (.plain, "Reviewed")
            }
        return StatusBadge(look, words, from: "The audit log.")
    }

    @HTMLBuilder var content: [HTML] {
        for use in uses { card("Use of break-glass", .part) { facts(of: use).html } }
        if let view {
            let page = ReviewPage(view: view)
            page.state
            page.parts
        } else {
            notice(.warning) {
                "The request is no longer held here. Read it in the log before you review its use: "
                element(.code) { "interlock approvals verify \(id.shown)" }
            }
        }
        element(
            .div, .id(Self.act), .flag(.isLive),
            .text(.version, "\(view?.version ?? "") \(uses.count) \(open == nil)")
        ) {
            if open != nil { review }
            if let view = offered { use(view) }
        }
    }

    // MARK: What happened

    private func facts(of use: BreakGlassHistory.Use) -> Facts {
        var facts = Facts()
        facts.group("Use")
        facts.add("Used by") { Shape.person(name(use.by), or: .former) }
        facts.add("When") { Shape.exact(use.at) }
        // The request has the order that its newest revision rests on.
        if use == uses.last, let order = view?.facts[ReviewDocument.breakGlass],
            order["by"]?.string == use.by.text
        {
            facts.add("Reason", text: order["reason"]?.string)
            facts.add("Ticket", text: order["ticket"]?.string)
        }
        facts.add("Record") { record(use.record) }
        if let view {
            facts.add("Outcome") {
                if view.state == .pending {
                    "Not decided yet: 1 approval is needed"
                } else {
                    "\(view.state.rawValue). The calls and what they returned: "
                    Shape.run(view.call.run)
                }
            }
        }
        facts.group("Review")
        if let review = use.review {
            facts.add("Reviewed by") { Shape.person(name(review.by), or: .former) }
            facts.add("Reviewed") { Shape.exact(review.at) }
            facts.add("Finding") {
                "In record "
                record(review.record)
            }
        } else {
            facts.add("Review due") { Shape.exact(use.due) }
        }
        return facts
    }

    private func record(_ index: UInt64) -> HTML {
        readsRecords
            ? hyperlink(Link("audit", String(index))) { "\(index)" }
            : element(.code) { "\(index)" }
    }

    // MARK: What is signed

    private func use(_ view: ReviewView) -> HTML {
        let quorum = view.decision.quorum
        return card("Break glass", .part) {
            list(
                "What happens",
                [
                    "The request is shown anew as revision \(view.revision + 1) and needs 1 approval in place of \(quorum).",
                    "Approvals given so far do not count for it.",
                    view.request.voters.contains { $0.person == signer.session.person }
                        ? "You may give the approval yourself."
                        : "You have no vote on this request: another person approves.",
                    "The approvers, the agent's owner and security are notified at once.",
                ])
            list(
                "What does not happen",
                [
                    "Nothing runs before 1 approval.",
                    "No rule, limit, schedule or halt is lifted.",
                ])
            list(
                "Review",
                [
                    "Within 24 hours another person with the role security or break_glass reviews the use.",
                    "Neither you nor the person who approves the call may review it.",
                    "If it is not reviewed in time, your role break_glass is suspended.",
                    "It cannot be undone. The request can still be denied.",
                ])
            if let useRefusal {
                refused(useRefusal)
            } else {
                statement("lower", view.revision)
                signer.form(.breakGlass(id, revision: view.revision))
            }
        }
    }

    private var review: HTML {
        card("Review of the use", .part) {
            element(.p) {
                "State whether the use was right, and what follows from it. The review ends no approval and undoes no call."
            }
            if let reviewRefusal {
                refused(reviewRefusal)
            } else {
                statement("review", nil)
                signer.form(.breakGlassReview(id))
            }
        }
    }

    private func list(_ heading: String, _ lines: [String]) -> HTML {
        .group([
            element(.h3) { heading },
            element(.ul) { for line in lines { element(.li) { line } } },
        ])
    }

    private func refused(_ refusal: BreakGlassRefusal) -> HTML {
        notice(.warning) {
            "Not possible for you: "
            SafeText.text("\(refusal)")
            "."
        }
    }

    /// The order in words. The script lists each value of its bytes before the passkey signs them.
    private func statement(_ action: String, _ revision: Int?) -> HTML {
        var facts = Facts()
        facts.add("Statement") { "break-glass, version 1" }
        facts.add("Act") {
            element(.code) { action }
            revision == nil ? ", the use was reviewed" : ", 1 approval is enough"
        }
        facts.add("Organisation", text: org)
        facts.add("Request") { Shape.whole(id.text) }
        if let revision { facts.add("Revision") { "\(revision)" } }
        facts.add("Signer") {
            Shape.person(signer.session.person)
            ", "
            Shape.whole(signer.session.pseudonym.text)
        }
        facts.add("Reason") { "As you type it below" }
        if revision != nil { facts.add("Ticket") { "As you type it below" } }
        facts.add("Order") { "Made when you sign" }
        facts.add("Time") { "Set when you sign" }
        return .group([element(.h3) { "You sign:" }, facts.html])
    }
}
