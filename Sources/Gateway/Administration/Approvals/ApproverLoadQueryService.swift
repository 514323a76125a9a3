package import InterlockApprovals
package import InterlockEvidence
package import InterlockModel
import Synchronization

/// Read access to the workload of approvers, for pages (R146).
package protocol ApproverLoadQueries: Sendable {
    /// Returns a page of the enrolled people, those with most pending requests first: all of them for the roles
    /// `security` and `break_glass`, otherwise only the reader. Reads memory only.
    ///
    /// - Throws: while earlier decisions are being read from the log.
    func load(page: Int, for visibility: Visibility) throws(LoadUnread) -> LoadPage
}

/// The decisions from before this process are not read yet.
package struct LoadUnread: Error {
    package init() {}
}

package struct LoadPage: Sendable {
    package let lines: [ApproverLoadSummary]
    /// The number of lines on all pages.
    package let count: Int

    package static let size = 50
}

package struct ApproverLoadSummary: Sendable, Hashable {
    package let person: Person
    /// The number of pending requests that this person could still decide.
    package let pending: Int
    package let load: ApproverLoad
}

package struct ApproverLoadQueryService: ApproverLoadQueries {
    private let approvals: ApprovalService
    private let people: AuthorizedKeysHolder

    package init(approvals: ApprovalService, people: AuthorizedKeysHolder) {
        self.approvals = approvals
        self.people = people
    }

    package func load(page: Int, for visibility: Visibility) throws(LoadUnread) -> LoadPage {
        let seesAll = !visibility.roles.isDisjoint(with: [.security, .breakGlass])
        let pending = pending
        let listed = (people.trust?.people ?? []).filter {
            seesAll || $0.person == visibility.person
        }
        .map { (person: $0.person, pseudonym: $0.pseudonym, pending: pending[$0.person] ?? 0) }
        .sorted { ($1.pending, $0.person.address) < ($0.pending, $1.person.address) }
        let shown = listed.dropFirst((max(1, page) - 1) * LoadPage.size).prefix(LoadPage.size)
        guard let loads = approvals.loads(of: shown.map(\.pseudonym)) else { throw LoadUnread() }
        return LoadPage(
            lines: zip(shown, loads).map {
                ApproverLoadSummary(person: $0.person, pending: $0.pending, load: $1)
            }, count: listed.count)
    }

    /// The number of pending requests of each voter, including probes, as people see them.
    private var pending: [Person: Int] {
        var counts: [Person: Int] = [:]
        for request in approvals.shownLive where request.state == .pending {
            for voter in request.voters
            where !request.votes.contains(where: { $0.person == voter.person }) {
                counts[voter.person, default: 0] += 1
            }
        }
        return counts
    }
}

extension ApprovalService {
    /// Returns nil while the history is being read from the log.
    fileprivate func loads(of people: [Pseudonym]) -> [ApproverLoad]? {
        let now = ports.clock.wall
        return state.withLock { state in
            guard let history = state.history else { return nil }
            return people.map { ApproverLoad(history, of: $0, now: now) }
        }
    }
}
