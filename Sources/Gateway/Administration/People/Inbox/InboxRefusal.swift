import InterlockApprovals

/// Why a person is refused at the inbox.
protocol InboxRefusal: Error {
    /// As records name it.
    var code: String { get }
    static var tooOften: Self { get }
}

extension ApprovalRefusal: InboxRefusal {}

extension VotingRefusal: InboxRefusal {
    static var tooOften: VotingRefusal { .refused(.tooOften) }
}
