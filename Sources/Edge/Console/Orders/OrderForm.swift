import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockWorkspace

/// A form for an order by passkey: a reason, and a button that lets the passkey sign. A person without the required
/// role sees the role's name instead. The page must be created with `signsOrders`.
struct OrderForm {
    enum Order {
        case halt(HaltTarget)
        case release([OrderID])
        /// The second signature on a pending release.
        case confirmation(OrderID)
        /// Temporary access to one more tool.
        case elevation(AgentName)
        case elevationApproval(ElevationID)
        case elevationEnd(ElevationID)
        /// The sign-off of the revision with this identity, as compared with the policy in force, which is itself for
        /// the first one; the author's signature also declares authorship.
        case signOff(Digest, over: Digest, isAuthors: Bool)

        /// The sign-off of a drill's report.
        case drill(OrderID)
        /// The start of a drill, which no person signs.
        case startDrill
        case run(RunContent.Action, RunID)
        /// The breakers are those of the server and its tools that are not closed.
        case server(ServerAction, ServerName, [OpenBreaker])
        /// One person decides this revision of the request.
        case breakGlass(ApprovalID, revision: Int)
        case breakGlassReview(ApprovalID)
        /// The approval of the selected changes of a run that have a flag; all are selected if there is no path.
        case changes(RunID, selection: WorkspacePath?, flags: [WorkspaceFlag])

        /// The required role, or nil if the policy decides or every enrolled person may sign.
        var role: Role? {
            switch self {
            case .halt: .kill
            case .release, .confirmation: .resume
            case .elevation, .elevationApproval, .elevationEnd, .signOff, .drill, .startDrill,
                .run, .server, .breakGlass, .breakGlassReview, .changes:
                nil
            }
        }
    }

    let order: Order
    let signer: OrderSigner
    /// Distinguishes the forms of one page.
    var number = 0

    var html: HTML {
        if let role = order.role, !signer.roles.contains(role) {
            element(.p, .style(.hint)) {
                "Requires role "
                element(.code) { role.rawValue }
            }
        } else {
            signer.form(word, style, action, hint: hint, command: command) { fields }
        }
    }

    private var word: Attribute {
        switch order {
        case .halt: .word(.order, "halt")
        case .release: .word(.order, "release")
        case .confirmation: .word(.order, "confirm")
        case .elevation: .word(.order, "elevate")
        case .elevationApproval: .word(.order, "elevate-approve")
        case .elevationEnd: .word(.order, "elevate-end")
        case .signOff: .word(.order, "sign-off")
        case .drill: .word(.order, "sign-drill")
        case .startDrill: .word(.order, "start-drill")
        case .run, .changes: .word(.order, "run")
        case .server: .word(.order, "server")
        case .breakGlass, .breakGlassReview: .word(.order, "break-glass")
        }
    }

    private var style: Attribute {
        switch order {
        case .halt, .elevationEnd, .breakGlass, .run(.pause, _), .server(.quarantine, _, _):
            .style(.deny)
        case .release, .confirmation, .elevation, .elevationApproval, .signOff, .drill,
            .startDrill, .run, .server, .breakGlassReview, .changes:
            .style(.approve)
        }
    }

    @HTMLBuilder private var fields: [HTML] {
        switch order {
        case .halt(let target):
            Form.hidden("path", "halts")
            Form.hidden("scope", target.scope)
            Form.hidden("target", target.target)
            reason("Reason")
        case .release(let halts):
            Form.hidden("halts", halts.map(\.text).joined(separator: " "))
            reason("Why it may go on")
        case .confirmation(let release):
            Form.hidden("path", "releases/\(release.text)/confirm")
            Form.hidden("draft", "releases/\(release.text)/draft")
        case .elevation(let agent):
            Form.hidden("agent", agent.text)
            text("Server", "server", Anchor("order-server", number), 32)
            text("Tool", "tool", Anchor("order-tool", number), 128)
            Form.field("Minutes", Anchor("order-minutes", number), minutes)
            reason("Why it is needed")
            text("Ticket", "ticket", Anchor("order-ticket", number), 128)
        case .elevationApproval(let id): Form.hidden("path", "elevations/\(id.text)/approve")
        case .elevationEnd(let id): Form.hidden("path", "elevations/\(id.text)/end")
        case .signOff(let identity, let active, _):
            Form.hidden("path", "policy/proposed/sign-off")
            Form.hidden("draft", "policy/proposed/draft")
            Form.hidden("identity", identity.prefixed)
            Form.hidden("active", active.prefixed)
        case .drill(let id):
            Form.hidden("path", "drills/sign-off")
            Form.hidden("draft", "drills/\(id.text)/draft")
        case .startDrill: []
        case .run(let action, let run):
            Form.hidden("deed", action.rawValue)
            Form.hidden("path", "runs/\(run.text)/order")
            reason(action == .pause ? "Reason" : "Why it may go on")
        case .server(let action, let server, let breakers):
            Form.hidden("deed", action.rawValue)
            Form.hidden("path", "server-orders")
            Form.hidden("server", server.text)
            if action == .closeBreaker {
                Form.select(
                    "Breaker", "tool", Anchor("order-tool", number),
                    breakers.filter(\.isOpen).map { ($0.tool?.tool.text ?? "", $0.name) },
                    chosen: nil)
            }
            reason("Reason")
        case .breakGlass(let request, let revision):
            Form.hidden("path", "approvals/\(request.shown)/break-glass")
            Form.hidden("revision", String(revision))
            reason("Reason")
            text("Ticket", "ticket", Anchor("order-ticket", number), 128)
        case .breakGlassReview(let request):
            Form.hidden("path", "approvals/\(request.shown)/review")
            reason("What you found")
        case .changes(let run, let selection, _):
            Form.hidden("path", "runs/\(run.text)/changes")
            if let selection { Form.hidden("selection", selection.escaped) }
            reason("Why these changes may be applied")
        }
    }

    private func text(
        _ label: String, _ name: StaticString, _ id: Anchor, _ most: Int
    ) -> HTML {
        Form.field(
            label, id,
            empty(
                .input, .word(.type, "text"), .word(.name, name), .id(id), .flag(.required),
                .number(.maxlength, most), .word(.autocomplete, "off"),
                .word(.autocapitalize, "none"), .word(.spellcheck, "false")))
    }

    private var minutes: HTML {
        empty(
            .input, .word(.type, "number"), .word(.name, "minutes"),
            .id(Anchor("order-minutes", number)), .flag(.required), .number(.min, 1),
            .number(.max, 43_200), .text(.value, "60"))
    }

    private func reason(_ label: String) -> HTML {
        let id = Anchor("order-reason", number)
        return Form.field(
            label, id,
            empty(
                .input, .word(.type, "text"), .word(.name, "reason"), .id(id), .flag(.required),
                .number(.minlength, OrderLimits.reason.lowerBound),
                .number(.maxlength, OrderLimits.reason.upperBound), .word(.autocomplete, "off"),
                .anchor(.describedBy, hint)))
    }

    private var hint: Anchor { Anchor("order-hint", number) }

    private var action: String {
        switch order {
        case .halt(.org): "Stop all agents"
        case .halt(let target): "Stop \(target.kind)"
        case .release: "Request resume"
        case .confirmation: "Confirm resume"
        case .elevation: "Request access"
        case .elevationApproval: "Approve access"
        case .elevationEnd: "End access"
        case .signOff(_, _, isAuthors: true): "Sign as author"
        case .signOff: "Sign off"
        case .drill: "Sign report"
        case .startDrill: "Start drill"
        case .run(.pause, _): "Pause run"
        case .run(.unpause, _): "Continue run"
        case .server(.quarantine, _, _): "Quarantine server"
        case .server(.release, _, _): "Release server"
        case .server(.closeBreaker, _, _): "Test circuit breaker"
        case .breakGlass: "Break glass"
        case .breakGlassReview: "Sign review"
        case .changes: "Approve flagged changes"
        }
    }

    /// The equivalent command, which names owners by their addresses.
    private var command: String {
        switch order {
        case .halt(.org): "interlock kill --all --reason ..."
        case .halt(.owner): "interlock kill --owner EMAIL --reason ..."
        case .halt(let target):
            "interlock kill --\(target.scope) \(SafeLine.text(target.target)) --reason ..."
        case .release(let halts):
            "interlock resume \(halts.map(\.text).joined(separator: " ")) --reason ..."
        case .confirmation(let release): "interlock resume --confirm \(release.text)"
        case .elevation(let agent): "interlock elevate request --agent \(agent.text) ..."
        case .elevationApproval(let id): "interlock elevate approve \(id.text)"
        case .elevationEnd(let id): "interlock elevate end \(id.text)"
        case .drill(let id): "interlock drill sign \(id.text)"
        case .startDrill: "interlock drill run"
        case .run(let action, let run):
            "interlock runs \(action.rawValue) \(run.text) --reason ..."
        case .server(.closeBreaker, _, let breakers):
            "interlock breakers close \(breakers.first(where: \.isOpen)?.name ?? "SERVER") --reason ..."
        case .server(let action, let server, _):
            "interlock servers \(action.rawValue) \(server.text) --reason ..."
        case .signOff(let identity, let active, _):
            identity == active ? PolicyLabels.firstSignOff : PolicyLabels.signOff
        case .breakGlass(let id, _): "interlock approvals break-glass \(id.shown) ..."
        case .breakGlassReview(let id): "interlock approvals review \(id.shown) ..."
        case .changes(let run, _, let flags):
            "interlock workspace approve \(run.text)"
                + flags.map { " --approve-flag \($0.rawValue)" }.joined() + " --reason ..."
        }
    }
}

/// The person who would sign an order on this page.
struct OrderSigner {
    let session: PersonSession
    let roles: Set<Role>
    let way: ApprovalMethod

    func form(_ order: OrderForm.Order, _ number: Int = 0) -> HTML {
        OrderForm(order: order, signer: self, number: number).html
    }

    /// A form whose content the script lets a passkey sign, or the command if signing by passkey is not configured.
    ///
    /// - Parameters:
    ///   - word: the attribute by which the script finds the form.
    ///   - hint: the place of the text that the script replaces.
    func form(
        _ word: Attribute, _ style: Attribute, _ action: String, hint: Anchor, command: String,
        @HTMLBuilder fields: () -> [HTML]
    ) -> HTML {
        switch way {
        case .page:
            element(.form, word) {
                Form.hidden("form_token", session.formToken)
                fields()
                element(
                    .button, style, .word(.type, "submit"), .anchor(.describedBy, hint),
                    .flag(.disabled)
                ) { action }
                element(.p, .style(.hint), .id(hint), .word(.role, "status")) {
                    "This needs the script of this page and a passkey. On the command line: \(command)"
                }
            }
        case .command:
            element(.p, .style(.hint)) {
                "Signing by passkey is not configured here. On the command line: "
                element(.code) { command }
            }
        }
    }
}
