package import InterlockModel

/// The rule of an agent for calls after untrusted content, or with values of it (docs/specs/output-safety.md, section
/// 7).
package struct TaintSpec: PolicyPart {
    /// True if such a call needs at least one person unless it only reads. Otherwise the labels of its values decide, by
    /// `ProvenanceTable`, in a clean run too.
    package let isStrict: Bool
    /// True if such a call of a hostile run is denied rather than asked about, unless what it does can be undone and
    /// stays inside.
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
            let asking = "calls need a person by the origin of their values and by what they do"
            return deniesGrave
                ? asking
                    + "; after a marker or content that was not searched, those that leave the organisation, cannot be undone, spend money or are about production are denied if a value is the model's or from outside content"
                : asking
        }
        let asking = "after untrusted content, every call that does more than read needs a person"
        return deniesGrave
            ? asking
                + "; after a marker or content that was not searched, calls that leave the organisation, cannot be undone, spend money or are about production are denied"
            : asking
    }
}
