/// The reason for which a signer does not sign. A refusal is an answer: the connection stays in order.
package struct SignerRefusal: Error, Hashable, Sendable {
    package enum Code: UInt8, Sendable, CaseIterable {
        /// The request is not one of this protocol, or its statement is malformed.
        case malformed = 1
        case tooLarge = 2
        /// The kind of request or statement is not in the table.
        case unknownKind = 3
        /// The statement is of another log or node.
        case foreign = 4
        /// The tree does not extend the one that was signed last.
        case fork = 5
        /// The tree begins after the one that was signed last.
        case gap = 6
        /// The statement's time is not now.
        case late = 7
        /// The signer cannot keep what it signs.
        case unavailable = 8
    }

    package let code: Code
    /// One line, lower case, no full stop.
    package let reason: String

    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
