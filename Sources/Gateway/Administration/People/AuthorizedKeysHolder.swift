package import InterlockApprovals
package import InterlockModel
import Synchronization

/// Who is enrolled now, for all who judge signatures. They ask at each judgement, so that a revocation and an
/// enrolment hold from the moment the book is put here.
package final class AuthorizedKeysHolder: Sendable {
    private let state: Mutex<PeopleDirectory?>

    /// - Parameter book: nil while the trust file cannot be read: then nobody can sign anything.
    package init(_ book: PeopleDirectory?) { state = Mutex(book) }

    package var book: PeopleDirectory? { state.withLock { $0 } }
    package var trust: AuthorizedKeys? { book?.trust }

    package func replace(with book: PeopleDirectory) { state.withLock { $0 = book } }
}
