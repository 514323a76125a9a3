import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The viewer's actions for a server, each with a reason that is recorded.
struct ServerForms {
    let detail: ServerDetail
    let formToken: String

    static let anchor = Anchor("server-acts")

    private var name: ServerName { detail.status.name }

    @HTMLBuilder var content: [HTML] {
        if !detail.actions.isEmpty {
            element(.div, .style(.actions), .id(Self.anchor)) {
                if detail.actions.contains(.quarantine) { quarantine }
                if detail.actions.contains(.release) { release }
                if detail.actions.contains(.closeBreaker) { closeBreaker }
            }
        }
    }

    private var quarantine: HTML {
        form(
            .quarantine, "Quarantine it",
            "From now on nothing of it is offered until a person releases it."
        ) { element(.button, .style(.deny), .word(.type, "submit")) { "Quarantine this server" } }
    }

    private var release: HTML {
        form(
            .release, "Release it",
            "It is compared with the lock first; what differs keeps it shut."
        ) { element(.button, .word(.type, "submit")) { "Release this server" } }
    }

    private var closeBreaker: HTML {
        form(
            .closeBreaker, "Test circuit breaker",
            "The next call goes through. If it fails, the breaker opens again."
        ) {
            Form.field("Breaker", Anchor("breaker"), breakers)
            element(.button, .word(.type, "submit")) { "Let one call try" }
        }
    }

    private var breakers: HTML {
        element(.select, .word(.name, "tool"), .id(Anchor("breaker"))) {
            for breaker in detail.status.breakers {
                if case .open = breaker.state {
                    element(.option, .text(.value, breaker.tool?.tool.text ?? "")) {
                        SafeLine.text(breaker.name)
                    }
                }
            }
        }
    }

    private func form(
        _ action: ServerAction, _ title: String, _ hint: String, @HTMLBuilder _ rest: () -> [HTML]
    ) -> HTML {
        let id = Anchor("reason", ServerAction.allCases.firstIndex(of: action))
        return element(.section) {
            element(.h2) { title }
            element(.p) { hint }
            Form(action: Link("servers", name.text, action.path), formToken: formToken) {
                Form.field(
                    "Why (8 to 500 characters, recorded)", id,
                    element(
                        .textarea, .word(.name, "reason"), .id(id), .number(.rows, 3),
                        .number(.maxlength, 500), .flag(.required)))
                rest()
            }.html
        }
    }
}
