package import InterlockApprovals
package import InterlockModel
import Synchronization

/// The people who are enrolled now, shared by all verifiers of signatures. They read it at each verification, so an
/// enrolment or revocation takes effect as soon as `replace` returns.
package final class AuthorizedKeysHolder: Sendable {
    private let state: Mutex<PeopleDirectory?>

    /// - Parameter book: nil while the trust file cannot be read; no signature is accepted then.
    package init(_ book: PeopleDirectory?) { state = Mutex(book) }

    package var book: PeopleDirectory? { state.withLock { $0 } }
    package var trust: AuthorizedKeys? { book?.trust }

    package func replace(with book: PeopleDirectory) { state.withLock { $0 = book } }
}
