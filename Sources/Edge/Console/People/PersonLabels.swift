import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The words for people, their roles and their credentials.
enum PersonLabels {
    static func roles(_ roles: Set<Role>) -> HTML {
        roles.isEmpty
            ? .text("–")
            : .text(Role.allCases.filter(roles.contains).map(name).joined(separator: ", "))
    }

    static func name(_ role: Role) -> String {
        switch role {
        case .breakGlass: "break-glass"
        case .kill, .resume, .security: role.rawValue
        }
    }

    static func state(_ state: PersonState) -> HTML {
        switch state {
        case .active: badge("Active", .good)
        case .limited: badge("Limited", .warning)
        case .expired: badge("Expired", .warning)
        case .left: badge("Left")
        case .notEnrolled: badge("Not enrolled")
        }
    }

    static func state(_ credential: CredentialView) -> HTML {
        switch credential.state {
        case .active: badge("Active", .good)
        case .limited(let end):
            .group([
                badge("Limited", .warning), .text(" no vote at tier high before "),
                Shape.exact(end),
            ])
        case .expired: badge("Expired", .warning)
        case .revoked: badge("Revoked")
        }
    }

    static func kind(_ credential: CredentialView) -> String {
        credential.kind == "passkey" ? "Passkey" : "Key (Ed25519)"
    }

    /// "2 passkeys, 1 key", without those that are revoked.
    static func credentials(_ view: PersonView) -> String {
        let live = view.credentials.filter { $0.state != .revoked }
        let passkeys = live.count { $0.kind == "passkey" }
        let parts = [(passkeys, "passkey"), (live.count - passkeys, "key")].filter { $0.0 > 0 }
            .map { Shape.count($0.0, $0.1) }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    static func used(_ credentials: [CredentialView]) -> HTML {
        credentials.compactMap(\.used).max().map(Shape.time) ?? .text("not known")
    }
}
