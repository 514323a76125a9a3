import InterlockApprovals

/// The reason for which a person's action on a request was refused.
protocol InboxRefusal: Error {
    /// The code of the refusal in records.
    var code: String { get }
    static var tooOften: Self { get }
}

extension ApprovalRefusal: InboxRefusal {}

extension VotingRefusal: InboxRefusal {
    static var tooOften: VotingRefusal { .refused(.tooOften) }
}
