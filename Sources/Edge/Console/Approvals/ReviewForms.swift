import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockGovernor
import InterlockMarkup
import InterlockModel

/// The actions available for a request. Denying and revoking are forms. Approving is a signature: with
/// `ApprovalMethod.page` by the page's script and a passkey, otherwise by the named command.
struct ReviewForms {
    let view: ReviewView
    /// True if the run of the call has a page that the viewer may see.
    var hasRunPage = false

    /// Replaced only if the request itself changed, so that a half-written reason is not lost.
    var html: HTML {
        element(
            .div, .style(.actions), .id(Anchor("actions")), .flag(.isLive),
            .text(.version, view.version), .number(.revision, view.revision)
        ) {
            switch view.status {
            case .mayDecide:
                approve
                deny
            case .hasVoted: element(.p) { "You approved, \(view.missing) more needed" }
            case .mayLook: element(.p) { "View only: you have no vote on this request." }
            case .mayRevoke: revoke
            case .over: over
            }
        }
    }

    private var approve: HTML {
        element(.section, .id(Anchor("approve"))) {
            element(.h2) { "Approve" }
            switch view.way {
            case .command:
                element(.p) { "An approval is your signature over this one call. Give it with:" }
                element(.p) { element(.code) { "interlock approvals approve \(view.id.shown)" } }
                element(.p, .style(.hint)) {
                    "The command shows the digest again: \(view.callDigest.hex.suffix(6)) are its last digits."
                }
            case .page: approveButton
            }
        }
    }

    /// Stays disabled without the script; the server itself also rejects an approval that comes too early.
    @HTMLBuilder private var approveButton: [HTML] {
        Form.hidden("form_token", view.formToken)
        Form.hidden("revision", String(view.revision))
        if let typed = view.typed {
            Form.field(
                "Type \(typed.what)", Anchor("approve-typed"),
                empty(
                    .input, .word(.type, "text"), .id(Anchor("approve-typed")),
                    .text(.target, typed.text), .word(.autocomplete, "off"),
                    .word(.autocapitalize, "none"), .word(.spellcheck, "false"),
                    .anchor(.describedBy, Anchor("approve-hint"))))
        }
        element(.p, .style(.hint), .id(Anchor("approve-hint")), .word(.live, "polite")) {
            "Approving needs the script of this page and a passkey."
        }
        element(
            .button, .style(.approve), .word(.type, "button"), .id(Anchor("approve-button")),
            .number(.floor, Int(view.readingFloor.microseconds / 1000)),
            .anchor(.describedBy, Anchor("approve-hint")), .flag(.disabled)
        ) { "Approve this call" }
        element(
            .p, .style(.notice, .bad), .id(Anchor("approve-error")), .word(.role, "alert"),
            .flag(.hidden))
    }

    private var deny: HTML {
        element(.section) {
            element(.h2) { "Deny" }
            Form(action: Link("approvals", view.id.shown, "deny"), formToken: view.formToken) {
                Form.hidden("revision", String(view.revision))
                Form.field("Reason", Anchor("deny-reason"), reasons)
                Form.field(
                    "Comment (required for Other)", Anchor("deny-text"),
                    words(Anchor("deny-text")))
                element(.button, .style(.deny), .word(.type, "submit")) { "Deny this call" }
            }.html
        }
    }

    private var reasons: HTML {
        element(.select, .word(.name, "reason"), .id(Anchor("deny-reason")), .flag(.required)) {
            element(.option, .text(.value, "")) { "choose one" }
            for reason in DenialReason.allCases {
                element(.option, .text(.value, reason.rawValue)) { reason.words }
            }
        }
    }

    private var revoke: HTML {
        element(.section) {
            element(.h2) { "Revoke approval" }
            element(.p) {
                view.request.used == 0
                    ? "Approved and not used yet. After this the call does not run."
                    : "\(uses) have used the approval. After this no further one runs."
            }
            Form(action: Link("approvals", view.id.shown, "revoke"), formToken: view.formToken) {
                Form.hidden("revision", String(view.revision))
                Form.field("Why", Anchor("revoke-text"), words(Anchor("revoke-text")))
                element(.button, .style(.deny), .word(.type, "submit")) { "Revoke approval" }
            }.html
        }
    }

    private func words(_ id: Anchor) -> HTML {
        element(
            .textarea, .word(.name, "text"), .id(id), .number(.rows, 3),
            .number(.maxlength, Objection.longestText))
    }

    private static let takenBack = "A person took the approval back. The call was not sent."

    private func said(_ dissent: Dissent) -> HTML {
        var facts = Facts()
        facts.add(
            view.cause == .revoked ? "Revoked by" : "Denied by", text: dissent.person.address)
        if let reason = dissent.reason { facts.add("Reason given") { reason.words } }
        if !dissent.text.isEmpty { facts.add("Comment") { SafeText.quoted(dissent.text) } }
        return facts.html
    }

    /// The debriefing on a probe. The person who decided it also learns whether that was right; others do not learn who
    /// decided.
    private func told(_ probe: ProbeDebrief) -> HTML {
        notice(view.isOwnProbe && !probe.isCaught ? .bad : .good) {
            "This was a probe: a request that Interlock made, known to be bad. Nothing stood behind it and nothing ran. "
            if view.isOwnProbe { probe.isCaught ? "You were right. " : "You have approved it. " }
            "What was wrong: "
            SafeText.text(probe.flaw.sentence)
        }
    }

    /// The calls that an approval for several calls has let through.
    private var uses: String { "\(view.request.used) of \(view.request.review.uses) calls" }

    private var ending: String {
        guard view.request.review.uses > 1, view.request.used > 0 else {
            return view.cause == .revoked ? Self.takenBack : view.state.ending
        }
        let logged = "\(uses) have used the approval; the log has their outcomes."
        return switch (view.state, view.cause) {
        case (.used, _): logged
        case (_, .revoked): "A person took the approval back: no further call is sent. " + logged
        case (.expired, _): "Its time is over: no further call is sent. " + logged
        default: "Something it rested on changed: no further call is sent. " + logged
        }
    }

    private var over: HTML {
        element(.section) {
            element(.h2) { "Outcome" }
            if let probe = view.probe { told(probe) }
            element(.p) { ending }
            if let dissent = view.dissent { said(dissent) }
            if hasRunPage, view.probe == nil { proof }
            element(.p) {
                "Its run in the log: "
                element(.code) { "interlock audit query --run \(view.call.run.text)" }
            }
        }
    }
}

extension ReviewForms {
    /// The mark of the outcome, which only the page of the run proves: each look at the log is recorded, and this page
    /// looks again after each change.
    fileprivate var proof: HTML {
        element(.div, .style(.row)) {
            ProofBadge(.notChecked, of: "Outcome", Anchor("proof-outcome")).html
            element(.p) {
                "The outcome, with its proof, is on the page of the run "
                Shape.run(view.call.run)
            }
        }
    }
}

extension DenialReason {
    var words: String {
        switch self {
        case .wrongTarget: "wrong target"
        case .tooMuch: "too much"
        case .notNeeded: "not needed"
        case .suspicious: "suspicious: tell security"
        case .other: "other"
        }
    }
}

extension ApprovalState {
    fileprivate var ending: String {
        switch self {
        case .pending, .approved: "Not at its end."
        case .denied: "Denied, call not sent"
        case .expired:
            "It was not approved in time, or the grant was not used in time. The call was not sent."
        case .withdrawn: "Withdrawn by the agent, call not sent"
        case .void: "Void: something it depends on changed, call not sent"
        case .used: "The approval was used for this one call; the log has its outcome."
        }
    }
}
