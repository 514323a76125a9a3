import InterlockAdministration
package import InterlockGovernor
import InterlockModel
package import InterlockPorts

extension Console: PeoplePages {
    /// Returns the lane of a request. Signing in, assets and orders to halt need no disk; other pages and releases of
    /// halts do.
    package func lane(of head: RequestHead) -> RequestLane {
        guard !PeopleAPI.serves(head.path) else { return PeopleAPI.lane(of: head.path) }
        return switch Route(head.path) {
        case .asset, .open(.signIn), .open(.signInChallenge), .open(.signInAnswer), .own(.signOut):
            .control
        case .own(.halts): .halts
        default: .page
        }
    }

    package func holder(of head: RequestHead) async -> String? {
        if let token = HostCookie.session.value(in: head) {
            return await sessions.session(of: token, isUse: false)?.pseudonym.text
        }
        return head.bearer.flatMap { api.services?.service(of: $0) }.map { "service \($0.id.text)" }
    }
}

extension PeopleAPI {
    static func lane(of path: String) -> RequestLane {
        let parts = path.dropFirst(prefix.utf8.count).split(separator: "/", maxSplits: 1)
        return switch parts.first {
        case "halts", "session": .control
        case "releases": .halts
        default: .page
        }
    }
}
