package import InterlockModel

/// The passage of a server's text by which a run became hostile (docs/specs/output-safety.md, section 7). It is no part
/// of a review: people do not sign texts of servers, and the log has them only as payloads.
package struct MarkedPassage: Sendable, Hashable {
    /// The call by which the run got it.
    package let call: CallID
    /// Untrusted text, at most 300 scalars; after a start of the gateway at most 256 bytes.
    package let text: String

    package init(call: CallID, text: String) {
        self.call = call
        self.text = text
    }
}
