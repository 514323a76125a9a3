package import InterlockModel

/// The rule of an agent for the calls of a run that has read untrusted content (docs/specs/output-safety.md,
/// section 7).
package struct TaintSpec: PolicyPart {
    /// True if such a call needs at least one person unless it only reads. Otherwise the labels of its values would
    /// decide, which no part of this version knows.
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
        let asking = "after untrusted content, every call that does more than read needs a person"
        return deniesGrave
            ? asking
                + "; after a marker of an injection, calls that cannot be undone or do not stay inside are denied"
            : asking
    }
}
