import InterlockApprovals
import InterlockModel

/// An order about people, before it is signed.
struct PeopleStatement {
    let order: PeopleOrder
    private let author: Signer

    init(
        _ change: PeopleChange, by author: Signer, at time: Timestamp, org: String = "acme",
        number: Int64 = 1
    ) throws {
        self.author = author
        order = try PeopleOrder(
            id: OrderedChain.id(number), org: org, content: change, reason: "a test of people",
            author: author.pseudonym, at: time)
    }

    /// - Parameter means: nil for the key of the author.
    func signed(_ means: Means? = nil, as type: PayloadType = .people) throws -> Envelope {
        try .signed(type, try order.canonical(), by: [means ?? .key(author)])
    }
}
