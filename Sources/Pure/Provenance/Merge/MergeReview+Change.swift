import InterlockJSON
package import InterlockModel

extension MergeReview {
    /// A platform's knowledge of the change itself, from which the gateway counts the work of reviewers
    /// (docs/specs/trust-and-review.md, section 10).
    package struct Change: Hashable, Sendable {
        package let id: ChangeID
        package let opened: Timestamp
        package let state: ChangeState
        /// The time of the merge or of closing; nil while it is open.
        package let ended: Timestamp?
        /// The commit by which it was merged, if that is not one of its own.
        package let mergedAs: GitObjectID?

        init(_ value: JSONValue) throws(FormError) {
            let fields = try StrictFields(
                value, at: "change", required: ["repository", "number", "opened"],
                optional: ["state", "ended", "merged_as"])
            id = try ChangeID(fields)
            opened = try fields.made("opened", "a time of RFC 3339") { Timestamp(rfc3339: $0) }
            state =
                fields.has("state")
                ? try fields.made("state", "open, merged or closed") { ChangeState(rawValue: $0) }
                : .open
            ended = try fields.timeIfAny("ended")
            mergedAs =
                fields.has("merged_as")
                ? try fields.made("merged_as", "the name of a commit") { GitObjectID($0) } : nil
            guard (ended == nil) == (state == .open) else {
                throw fields.bad(
                    "ended", "the time of the end, and absent while the change is open")
            }
            guard ended.map({ $0 >= opened }) ?? true else {
                throw fields.bad("ended", "no earlier than `opened`")
            }
        }
    }
}
