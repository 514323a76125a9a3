import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockPolicy

/// `/servers/NAME`: the server's features compared with the review, and the actions for it.
struct ServerPage {
    let detail: ServerDetail
    let signer: OrderSigner
    /// The forms that stop the server.
    let orders: [HTML]
    /// The step to the form that stops the server, or to the halt that stops it.
    var stop: HeaderAction?
    /// False if agents may have access that the viewer does not see.
    let seesAll: Bool

    private var name: ServerName { detail.status.name }

    var header: PageHeader {
        let (look, words): (StatusBadge.Kind, String) =
            switch detail.status.state {
            case .ready where detail.faultCount > 0:
                (.attention, "Ready, \(detail.faultCount) changed")
            // Its tools are compared with what it offered first, which no person has reviewed.
            case .ready where detail.status.pins == nil: (.attention, "Ready, not pinned")
            case .ready where detail.status.weakness != nil: (.working, "Ready, 1 weak point")
            case .ready: (.working, "Ready")
            case .quarantined: (.stopped, "Quarantined")
            case .refused, .unavailable: (.attention, "Not offered")
            case .notConnected: (.unknown, "Not connected")
            case .connecting: (.unknown, "Connecting")
            }
        var header = PageHeader(
            kind: "Server", back: .init(words: "All servers", link: Link("servers")),
            StatusBadge(
                look, words, from: "The connection of this gateway, compared with its lock.")
        ) { SafeText.text(name.text) }
        if let reason = detail.status.state.reason { header.say { SafeText.text(reason) } }
        header.fact("Listed") { detail.status.state.offered.map(\.words) ?? "not known now" }
        header.fact("Changed") {
            detail.status.pins == nil
                ? "not known: no pins" : "\(detail.faultCount) of \(detail.toolCount)"
        }
        header.fact(seesAll ? "Agents" : "Agents that you see") { "\(detail.agentCount)" }
        if let review = detail.review { header.fact("Reviewed") { review.on.text } }
        let forms = Link.to(ServerForms.anchor)
        if detail.actions.contains(.release) {
            header.primary = HeaderAction("Review and release", forms)
        }
        header.add(stop)
        if detail.actions.contains(.quarantine) {
            header.add(HeaderAction("Quarantine server", forms, isDanger: true))
        }
        if detail.actions.contains(.closeBreaker) {
            header.add(HeaderAction("Test breaker", forms))
        }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        liveCard(Anchor("server-state"), "Status") { state }
        // Outside the parts that refresh themselves, so that input is not lost.
        if !orders.isEmpty {
            element(.div, .style(.actions), .id(Console.orders)) { orders }
        }
        ServerForms(detail: detail, signer: signer).content
        liveCard(Anchor("server-tools"), "Tools") { tools }
        if PinAcceptance.isNeeded(detail) {
            card("Accept what changed") {
                PinAcceptance(detail: detail, person: signer.session.person).content
            }
        }
        liveCard(Anchor("server-agents"), "Agents with access") { agents }
    }

    @HTMLBuilder private var state: [HTML] {
        switch detail.status.state {
        case .quarantined(let cause):
            notice(.bad) {
                "Quarantined, nothing of it is offered: "
                SafeText.text("\(cause)")
            }
        case .refused, .unavailable:
            notice(.warning) {
                "Nothing of it is offered: "
                SafeText.text(detail.status.state.reason ?? "")
            }
        case .notConnected, .connecting, .ready: []
        }
        if let weakness = detail.status.weakness {
            notice(.warning) { "Weak: \(weakness.sentence)." }
        }
        if let instructions = detail.otherInstructions { otherInstructions(instructions) }
        facts
        if detail.status.breakers.isEmpty {
            element(.p) { "Circuit breakers closed" }
        } else {
            BreakerTable(breakers: detail.status.breakers).html
        }
    }

    @HTMLBuilder private func otherInstructions(_ text: String) -> [HTML] {
        notice(.bad) {
            "Its texts for models differ from what was reviewed. Until a person reviews them, nothing of this server is offered."
        }
        element(.h3) { "What it tells now" }
        element(.p) { ServerText.quoted(text) }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.group("Status")
        facts.add("State") { detail.status.state.text }
        facts.add("Reached by") { connection }
        facts.add("Lists") { detail.status.state.offered.map(\.words) ?? "not known now" }
        facts.group("Review")
        facts.add("Pins in the lock") {
            detail.status.pins.map { "\($0)" }
                ?? "none: the first definition that it offers is taken as reviewed"
        }
        facts.add("Version at review", text: detail.version)
        facts.add("Protocol at review", text: detail.protocolVersion)
        if let review = detail.review {
            facts.add("Reviewed") {
                "\(review.on.text) by "
                Shape.person(review.by)
                ", trusted as \(review.trust.rawValue)"
            }
        }
        facts.group("Policy")
        facts.add("Environment", text: detail.environment)
        facts.add("Defined in", text: detail.place?.description)
        return facts.html
    }

    @HTMLBuilder private var connection: [HTML] {
        switch detail.status.connection {
        case .http(let url): SafeText.text(url)
        case .stdio(let argv):
            for word in argv {
                SafeText.text(word)
                " "
            }
        case nil: "not declared"
        }
    }

    @HTMLBuilder private var tools: [HTML] {
        if detail.tools.isEmpty {
            element(.p, .style(.empty)) { "Nothing is known of it." }
        } else {
            if detail.faultCount > 0 {
                notice(.warning) {
                    "\(detail.faultCount) of \(detail.toolCount) are not as they were reviewed. They come first."
                }
            }
            let canStop = signer.roles.contains(.kill)
            for tool in detail.tools {
                ServerToolCard(tool: tool, server: name, canStop: canStop).html
            }
            Pager(page: detail.page, pages: detail.pages, label: "Pages of tools") { page in
                Link("servers", name.text, query: [("page", page > 1 ? String(page) : nil)])
            }.content
        }
    }

    @HTMLBuilder private var agents: [HTML] {
        if detail.agents.isEmpty {
            element(.p, .style(.empty)) {
                seesAll
                    ? "No agent has access." : "No agent that you see has access. Others may have."
            }
        } else {
            element(.ul) {
                for agent in detail.agents {
                    element(.li) {
                        hyperlink(Link("agents", agent.text)) { SafeText.text(agent.text) }
                    }
                }
            }
            if detail.agentCount > detail.agents.count {
                element(.p) {
                    hyperlink(Link("agents", query: [("server", name.text)])) {
                        "All \(detail.agentCount) of them"
                    }
                }
            }
        }
    }
}
