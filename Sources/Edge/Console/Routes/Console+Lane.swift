import InterlockAPI
import InterlockAdministration
import InterlockEvidence
package import InterlockGovernor
import InterlockModel
package import InterlockPorts

extension Console: PeoplePages {
    /// Returns the lane of a request. Signing in, the beat, assets and orders to halt need no disk; other pages and releases of
    /// halts do.
    package func lane(of head: RequestHead) -> RequestLane {
        guard !PeopleAPI.serves(head.path) else {
            return Operation.lane(below: head.path.dropFirst(PeopleAPI.prefix.utf8.count))
        }
        return switch Route(head.path) {
        case .asset, .open(.beat), .open(.signIn), .open(.signInChallenge), .open(.signInAnswer),
            .own(.signOut):
            .control
        case .own(.halts): .halts
        default: .page
        }
    }

    package func holder(of head: RequestHead) async -> String? {
        if let token = HostCookie.session.value(in: head) {
            return await sessions.session(of: token, isUse: false)?.pseudonym.text
        }
        return head.bearer.flatMap { api.operations.services?.service(of: $0) }.map {
            "service \($0.id.text)"
        }
    }
}
