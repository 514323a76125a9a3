package import InterlockModel

/// Which session opened which review, when, and which parts were displayed. If it throws, the caller treats the review
/// as not read. `now` is the clock of this node; a shared implementation uses its own.
package protocol ReviewReadings: Sendable {
    /// - Returns: true if this session opens the review for the first time.
    func open(_ page: ReviewPageKey, at now: BootTime) async throws(StoreFailure) -> Bool

    /// Notes that the page displays these parts; reading time counts from the first call, even without parts. Has no
    /// effect on a page that was not opened.
    func see(
        _ parts: Set<ReviewPart>, _ page: ReviewPageKey, at now: BootTime
    ) async throws(StoreFailure)

    /// Returns the parts that were displayed and the reading time, or nil if reading has not begun.
    func progress(
        of page: ReviewPageKey, at now: BootTime
    ) async throws(StoreFailure) -> ReviewProgress?

    /// Forgets a page whose vote was counted.
    func forget(_ page: ReviewPageKey) async throws(StoreFailure)
}

/// The newest statement that was issued to each page that was opened.
package protocol PageStatements: Sendable {
    /// Replaces the statement of the page by the one with this nonce.
    func give(_ nonce: [UInt8], to page: ReviewPageKey) async throws(StoreFailure)

    /// Returns whether the nonce is the newest of this page, and uses it up if so. Of two that take it at once, one gets
    /// true.
    func take(_ nonce: [UInt8], of page: ReviewPageKey) async throws(StoreFailure) -> Bool
}

/// The page of a review in one session.
package struct ReviewPageKey: Hashable, Sendable {
    /// The session's form token, which is derived from its secret.
    package let session: String
    package let request: ApprovalID
    package let revision: Int

    package init(session: String, request: ApprovalID, revision: Int) {
        self.session = session
        self.request = request
        self.revision = revision
    }
}

package struct ReviewProgress: Hashable, Sendable {
    package let parts: Set<ReviewPart>
    package let time: Duration

    package init(parts: Set<ReviewPart>, time: Duration) {
        self.parts = parts
        self.time = time
    }
}

/// The parts of a review that must be read (docs/specs/approvals.md, section 7), in that order.
package enum ReviewPart: String, Sendable, CaseIterable {
    case call, change, consequence, who, why, history
}
