import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The tokens of an agent: the runs that one counts for, and the form to issue another.
struct AgentTokens {
    /// The choices of the form.
    struct Offer {
        let agent: AgentName
        /// True if the policy denies runs of the agent that declare no purpose.
        let needsPurpose: Bool
        /// The servers and tools to which a token can be narrowed.
        let only: [String]
    }

    let detail: AgentDetail
    static let anchor = Anchor("agent-tokens")

    static let lifetimes = [
        ("3600", "1 hour"), ("28800", "8 hours"), ("86400", "1 day"), ("604800", "7 days"),
        ("2678400", "31 days"),
    ]

    @HTMLBuilder var content: [HTML] {
        element(.p, .style(.hint)) {
            "A token counts for one run. To stop the run ends its tokens at once, and no resume revives them. Tokens of other issuers are listed once they are used."
        }
        runs.html(or: "No token of this gateway counts for it.")
    }

    private var runs: Table {
        let known = Set(detail.runs.map(\.run))
        return Table(
            "Runs that a token counts for, the latest end first",
            [.id("Run"), .time("Until, at the latest"), .text("To end it")], detail.tokens
        ) { token in
            [
                known.contains(token.run) ? Shape.run(token.run) : Shape.id(token.run.text),
                Shape.time(token.until),
                hyperlink(HaltRoute.link(toStop: .run(token.run))) { "Stop run" },
            ]
        }
    }

    /// More tools than these are not listed; the servers are.
    private static let mostTools = 20

    var offer: Offer {
        let tools = detail.rights.map(\.right.address)
        let servers = Set(tools.map(\.server.text)).sorted()
        return Offer(
            agent: detail.line.name, needsPurpose: detail.line.tier.requiresPurpose,
            only: servers + (tools.count > Self.mostTools ? [] : tools.map(\.description)))
    }

    /// The card to issue a token, for a person with the role `security`.
    func issuing(_ signer: OrderSigner) -> HTML {
        element(.section) {
            element(.h2) { "Issue a token" }
            element(.p, .style(.hint)) {
                "The token is shown once and kept nowhere. It begins a run and grants nothing beyond the policy. Give it to the agent in INTERLOCK_TOKEN."
            }
            signer.form(.issueAgentToken(offer), 20)
            element(.h3) { "On the gateway's machine" }
            TypedCommand.list([
                TypedCommand(
                    "Issue a token", "interlock", "agents", "token", detail.line.name.text,
                    "--ttl", "8h", "--purpose", "PURPOSE")
            ])
        }
    }
}
