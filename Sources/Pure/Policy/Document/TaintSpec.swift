package import InterlockModel

/// The rule of an agent for calls after untrusted content, or with values of it (docs/specs/output-safety.md, section
/// 7).
package struct TaintSpec: PolicyPart {
    /// True if such a call needs at least one person unless it only reads. Otherwise the labels of its values decide, by
    /// `ProvenanceTable`, in a clean run too.
    package let isStrict: Bool
    /// True if such a call is denied rather than asked about, unless what it does can be undone and stays inside.
    package let deniesGrave: Bool
    package let place: PolicyLocation
    package let path: String

    /// Returns nil for an empty mapping, which states nothing.
    init?(_ value: TypedValue) {
        guard !value.members.isEmpty else { return nil }
        // Absent means `provenance`.
        isStrict = value["mode"]?.text == "strict"
        deniesGrave = value["hostile"]?.text == "deny"
        place = value.place
        path = value.path
    }

    /// The rule in words, for people.
    package var words: String {
        guard isStrict else {
            return deniesGrave
                ? "calls whose values come from outside content need a person; after such content, graver ones are denied"
                : "calls whose values come from outside content need a person, and graver ones after such content"
        }
        return deniesGrave
            ? "after untrusted content, calls that can be undone and stay inside need a person, graver ones are denied"
            : "after untrusted content, every call that does more than read needs a person"
    }
}
