import InterlockCredentials
import InterlockModel
import Synchronization

@testable import InterlockAdministration
@testable import InterlockApprovals

/// The people behind the console. Keeps the changes that were drafted, and takes no order.
final class PeopleOrdersStub: OrderActions {
    let people: PeopleDirectory?
    private let asked = Mutex<[PeopleChange]>([])
    var changes: [PeopleChange] { asked.withLock { $0 } }

    init(people: PeopleDirectory?) { self.people = people }

    /// Every person is a member of one group.
    func groups(of person: Person) -> [(name: String, group: DelegatingGroup)] {
        [("finance", DelegatingGroup(members: [person]))]
    }

    func draft(
        _ change: PeopleChange, because reason: String, by author: Pseudonym
    ) throws(PeopleRefusal) -> OrderDraft {
        asked.withLock { $0.append(change) }
        return OrderDraft(.people, [1], credentials: [], hashing: OpenSSLHashing())
    }

    func take(
        _ order: Envelope, from carrier: Pseudonym
    ) async throws(PeopleRefusal) -> TakenOrder { throw .noSuchOrder }

    var breakGlassHistory: BreakGlassHistory? { nil }

    func check(_ content: BreakGlassContent, by author: Pseudonym) throws(BreakGlassRefusal) {
        throw .notRead
    }

    func draft(
        _ content: BreakGlassContent, because reason: String, by author: Pseudonym
    ) throws(BreakGlassRefusal) -> OrderDraft { throw .notRead }

    func breakGlass(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) -> Int { throw .request(.noSuchRequest) }

    func review(
        _ order: Envelope, at id: ApprovalID, from carrier: Pseudonym
    ) async throws(BreakGlassRefusal) { throw .request(.noSuchRequest) }
}
