import InterlockConsoleWorld
import InterlockCredentials
import InterlockModel
import Synchronization

@testable import InterlockAdministration
@testable import InterlockApprovals

/// The people behind the console, and the uses of break-glass. Keeps what was drafted, and takes no order.
final class PeopleOrdersStub: OrderActions {
    let people: PeopleDirectory?
    let breakGlassHistory: BreakGlassHistory?
    private let asked = Mutex<(changes: [PeopleChange], glass: [BreakGlassContent])>(([], []))
    var changes: [PeopleChange] { asked.withLock { $0.changes } }
    var breakGlass: [BreakGlassContent] { asked.withLock { $0.glass } }

    init(people: PeopleDirectory?, breakGlassHistory: BreakGlassHistory? = nil) {
        self.people = people
        self.breakGlassHistory = breakGlassHistory
    }

    /// Every person is a member of one group.
    func groups(of person: Person) -> [(name: String, group: DelegatingGroup)] {
        [("finance", DelegatingGroup(members: [person]))]
    }

    func draft(
        _ change: PeopleChange, because reason: String, by author: Pseudonym
    ) throws(PeopleRefusal) -> OrderDraft {
        asked.withLock { $0.changes.append(change) }
        return OrderDraft(.people, [1], credentials: [], hashing: OpenSSLHashing())
    }

    func take(
        _ order: Envelope, from carrier: Pseudonym
    ) async throws(PeopleRefusal) -> TakenOrder { throw .noSuchOrder }

    func check(_ content: BreakGlassContent, by author: Pseudonym) throws(BreakGlassRefusal) {
        guard let breakGlassHistory else { throw .notRead }
        guard case .review = content.action else { return }
        try breakGlassHistory.allowReview(
            of: content.request, by: author, signed: ConsoleOffice.start + .seconds(60))
    }

    func draft(
        _ content: BreakGlassContent, because reason: String, by author: Pseudonym
    ) throws(BreakGlassRefusal) -> OrderDraft {
        asked.withLock { $0.glass.append(content) }
        return OrderDraft(.breakGlass, [1], credentials: [], hashing: OpenSSLHashing())
    }

    func breakGlass(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) -> Int { throw .request(.noSuchRequest) }

    func review(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) { throw .request(.noSuchRequest) }
}
