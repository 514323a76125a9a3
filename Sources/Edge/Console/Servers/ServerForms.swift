import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel

/// The viewer's actions for a server, each signed by passkey with a reason that is recorded.
struct ServerForms {
    let detail: ServerDetail
    let signer: OrderSigner

    static let anchor = Anchor("server-acts")

    @HTMLBuilder var content: [HTML] {
        if !detail.actions.isEmpty {
            element(.div, .style(.actions), .id(Self.anchor)) {
                for (place, action) in ServerAction.allCases.enumerated()
                where detail.actions.contains(action) {
                    element(.section) {
                        element(.h2) { Self.title(of: action) }
                        element(.p) { Self.effect(of: action) }
                        // The form that stops the server has the number 0.
                        signer.form(
                            .server(action, detail.status.name, detail.status.breakers), place + 1)
                    }
                }
            }
        }
    }

    private static func title(of action: ServerAction) -> String {
        switch action {
        case .quarantine: "Quarantine"
        case .release: "Release"
        case .closeBreaker: "Test circuit breaker"
        }
    }

    private static func effect(of action: ServerAction) -> String {
        switch action {
        case .quarantine:
            "From now on nothing of it is offered until a person releases it. Calls in progress end by themselves."
        case .release:
            "The gateway compares it with the lock first. While anything differs, it stays quarantined."
        case .closeBreaker:
            "The next call goes through. If it fails, the breaker opens again."
        }
    }
}
